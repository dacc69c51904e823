from django.http import HttpRequest, HttpResponse


def borough_detail(request: HttpRequest, borough: str) -> HttpResponse:
    return HttpResponse("")


def visit_create(request: HttpRequest, borough: str) -> HttpResponse:
    return HttpResponse("")

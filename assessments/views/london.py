from django.http import HttpRequest, HttpResponse


def london(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def london_export(request: HttpRequest, format: str) -> HttpResponse:
    return HttpResponse("")

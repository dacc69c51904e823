from django.http import HttpRequest, HttpResponse


def edition_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def edition_detail(request: HttpRequest, code: str, held_on: str, number: str) -> HttpResponse:
    return HttpResponse("")


def edition_pdf(request: HttpRequest, code: str, held_on: str, number: str) -> HttpResponse:
    return HttpResponse("")

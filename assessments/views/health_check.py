from django.http import HttpRequest, HttpResponse


def health_check(request: HttpRequest, cycle: str, subject: str) -> HttpResponse:
    return HttpResponse("")


def rating_save(request: HttpRequest, cycle: str, subject: str, code: str) -> HttpResponse:
    return HttpResponse("")


def submit(request: HttpRequest, cycle: str, subject: str) -> HttpResponse:
    return HttpResponse("")


def withdraw(request: HttpRequest, cycle: str, subject: str) -> HttpResponse:
    return HttpResponse("")

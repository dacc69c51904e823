from django.http import HttpRequest, HttpResponse


def cycle_matrix(request: HttpRequest, cycle: str) -> HttpResponse:
    return HttpResponse("")


def matrix_export(request: HttpRequest, cycle: str, format: str) -> HttpResponse:
    return HttpResponse("")

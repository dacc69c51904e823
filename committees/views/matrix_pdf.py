from django.http import HttpRequest, HttpResponse


def matrix_pdf(request: HttpRequest, cycle: str) -> HttpResponse:
    return HttpResponse("")

from django.http import HttpRequest, HttpResponse


def borough_brief(request: HttpRequest, borough: str) -> HttpResponse:
    return HttpResponse("")

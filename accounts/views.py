from django.http import HttpRequest, HttpResponse


def shortcuts_toggle(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")

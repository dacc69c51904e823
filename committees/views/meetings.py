from django.http import HttpRequest, HttpResponse


def committee_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def meeting_detail(request: HttpRequest, code: str, held_on: str) -> HttpResponse:
    return HttpResponse("")


def paper_create(request: HttpRequest, code: str, held_on: str) -> HttpResponse:
    return HttpResponse("")

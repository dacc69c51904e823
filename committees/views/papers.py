from django.http import HttpRequest, HttpResponse


def paper_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


def section_edit(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    return HttpResponse("")


def paper_render(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


def paper_issue(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")

from django.http import HttpRequest, HttpResponse


def recommendation_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def recommendation_export(request: HttpRequest, format: str) -> HttpResponse:
    return HttpResponse("")


def recommendation_detail(request: HttpRequest, number: int) -> HttpResponse:
    return HttpResponse("")


def plan_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse("")


def action_detail(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")


def position_create(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse("")

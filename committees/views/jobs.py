from django.http import HttpRequest, HttpResponse


def job_list(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def job_detail(request: HttpRequest, job: str) -> HttpResponse:
    return HttpResponse("")


def job_cancel(request: HttpRequest, job: str) -> HttpResponse:
    return HttpResponse("")


def job_retry(request: HttpRequest, job: str) -> HttpResponse:
    return HttpResponse("")


def job_download(request: HttpRequest, job: str) -> HttpResponse:
    return HttpResponse("")

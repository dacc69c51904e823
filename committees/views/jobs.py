from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts.permissions import Permission, Scope
from accounts.requests import SignedInRequest
from cdrp_portal.downloads import file_response
from committees import documents
from committees.content.jobs import as_json, job_view, job_views, with_results
from committees.jobs.requests import JobUnchanged, cancel, retry
from committees.models import Job

ON_A_PAGE = 50


@require_GET
def job_list(request: SignedInRequest) -> HttpResponse:
    jobs = with_results(Job.objects.visible_to(request.user))
    page = Paginator(jobs, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "jobs": job_views(page.object_list),
        "sees_all": request.user.scope(Permission.WRITE_PAPERS) is Scope.ANY,
    }
    return render(request, "committees/job_list.html", context)


@require_GET
def job_detail(request: SignedInRequest, job: str) -> HttpResponse:
    return job_response(request, _visible(request, job))


@require_POST
def job_cancel(request: SignedInRequest, job: str) -> HttpResponse:
    found = _visible(request, job)
    try:
        cancel(job=found, by=request.user)
    except JobUnchanged as reason:
        return _said(request, job, str(reason))
    return _said(request, job)


@require_POST
def job_retry(request: SignedInRequest, job: str) -> HttpResponse:
    found = _visible(request, job)
    try:
        retry(job=found, by=request.user)
    except JobUnchanged as reason:
        return _said(request, job, str(reason))
    return _said(request, job)


@require_GET
def job_download(request: SignedInRequest, job: str) -> HttpResponse:
    found = _visible(request, job)
    if found.document is None:
        raise Http404("This job has no file yet.")
    try:
        documents.gather(found.kind, found.parameters, by=request.user)
    except documents.NotThere as gone:
        raise PermissionDenied(str(gone)) from gone
    except documents.BadParameters:
        # The subject has changed since, which takes nothing away from the file that was made of it.
        pass
    document = found.document
    return file_response(
        bytes(document.content), filename=document.filename, content_type=document.content_type
    )


def job_response(request: SignedInRequest, job: Job, *, status: int = 200) -> HttpResponse:
    """The job as a page, as the fragment that the page keeps asking for, or as JSON."""
    view = job_view(job)
    response: HttpResponse
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        response = JsonResponse(as_json(view), status=status)
    elif request.htmx:
        response = render(request, "committees/_job.html", {"job": view}, status=status)
        if not view.is_unfinished:
            response = trigger_client_event(response, "announce", {"text": f"{view.title}: {view.words}"})
    else:
        response = render(request, "committees/job_detail.html", {"job": view}, status=status)
    response["Vary"] = "Accept, HX-Request"
    if status == 202:
        response["Location"] = view.url
        response["Retry-After"] = "1"
    return response


def _visible(request: SignedInRequest, job: str) -> Job:
    return get_object_or_404(with_results(Job.objects.visible_to(request.user)), pk=job)


def _said(request: SignedInRequest, job: str, reason: str = "") -> HttpResponse:
    """Back to the job as it now stands; a refusal is said on it."""
    if request.htmx:
        response = job_response(request, _visible(request, job))
        return trigger_client_event(response, "announce", {"text": reason}) if reason else response
    if reason:
        messages.warning(request, reason)
    return redirect("jobs:job-detail", job)

"""Committees, their meetings, and the papers of a meeting."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from committees.actions import create_paper
from committees.forms import MeetingForm, PaperForm
from committees.models import Committee, CommitteeMeeting, Paper, on_the_agenda

PAST_MEETINGS_SHOWN = 20


def day_or_404(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404("That is not a date such as 2009-10-29.") from error


def meeting_or_404(code: str, held_on: str) -> CommitteeMeeting:
    return get_object_or_404(
        CommitteeMeeting.objects.select_related("committee"),
        committee__code=code,
        held_on=day_or_404(held_on),
    )


@require_safe
def committee_list(request: SignedInRequest) -> HttpResponse:
    if not request.user.may(Permission.READ_BOROUGHS):
        raise PermissionDenied
    today = timezone.localdate()
    seen = Paper.objects.visible_to(request.user)
    meetings = CommitteeMeeting.objects.select_related("committee").annotate(
        paper_count=Count("papers", filter=Q(papers__in=seen))
    )
    ahead = list(meetings.upcoming(today))
    past = list(meetings.filter(held_on__lt=today).order_by("-held_on", "pk")[:PAST_MEETINGS_SHOWN])
    context = {
        "ahead": ahead,
        "past": past,
        "committees": Committee.objects.select_related("parent"),
        "may_add": request.user.may(Permission.ISSUE_PAPERS),
    }
    return render(request, "committees/committee_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def meeting_create(request: SignedInRequest) -> HttpResponse:
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    form = MeetingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        meeting = form.save()
        messages.success(request, f"The meeting of {meeting.committee} has been added.")
        return redirect(meeting)
    return render(
        request, "committees/meeting_create.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def meeting_detail(request: SignedInRequest, code: str, held_on: str) -> HttpResponse:
    if not request.user.may(Permission.READ_BOROUGHS):
        raise PermissionDenied
    meeting = meeting_or_404(code, held_on)
    papers = (
        Paper.objects.visible_to(request.user)
        .filter(meeting=meeting)
        .select_related("meeting__committee")
        .prefetch_related(Prefetch("editions"))
        .order_by(*on_the_agenda())
    )
    context = {
        "meeting": meeting,
        "papers": papers,
        "is_ahead": meeting.held_on >= timezone.localdate(),
        "may_add": request.user.may(Permission.ISSUE_PAPERS),
    }
    return render(request, "committees/meeting_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_create(request: SignedInRequest, code: str, held_on: str) -> HttpResponse:
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    meeting = meeting_or_404(code, held_on)
    form = PaperForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        paper = create_paper(meeting=meeting, by=request.user, **form.cleaned_data)
        messages.success(request, "The paper has been made with the headings of its template.")
        return redirect(paper)
    context = {"form": form, "meeting": meeting}
    return render(request, "committees/paper_create.html", context, status=422 if form.errors else 200)

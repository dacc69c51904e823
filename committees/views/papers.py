"""One paper in draft: read it, write it section by section, make its PDF, issue it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from committees import actions
from committees.content.paper import PUBLIC, PaperIncomplete, heading, letter, paper_content
from committees.documents import BadParameters
from committees.forms import AppendixForm, HeadForm, IssueForm, LiveMatrixForm, LiveProgressForm, SectionForm
from committees.jobs.requests import request_document
from committees.models import Job, Paper, PaperSection
from committees.rendering.html import paper_context

DRAFT, ISSUE = "committee-paper", "committee-paper-issue"


def paper_or_404(user: User, pk: int) -> Paper:
    """A draft for those who may read drafts; for others, and for no such paper, the same 404."""
    if not user.may(Permission.READ_DRAFT_PAPERS):
        papers = Paper.objects.none()
    else:
        papers = Paper.objects.visible_to(user)
    return get_object_or_404(papers.select_related("meeting__committee", "template"), pk=pk)


def sidebar(paper: Paper, user: User) -> list[dict[str, Any]]:
    """The parts in their order, with the letter or number each will bear, and whether it is theirs."""
    entries, letters, appendices = [], 0, 0
    for section in paper.sections.all():
        if section.kind == PaperSection.Kind.APPENDIX:
            appendices += 1
            name = f"Appendix {appendices} {section.heading}"
        else:
            name = f"{letter(letters)} {heading(paper, section)}"
            letters += 1
        entries.append(
            {
                "key": section.key,
                "name": name,
                "is_empty": not section.text,
                "may_write": may_write_section(user, paper, section),
            }
        )
    return entries


def frame(paper: Paper, user: User, *, here: str = "") -> dict[str, Any]:
    """What every page of one paper shows around its middle."""
    is_draft = paper.state == Paper.State.DRAFT
    return {
        "paper": paper,
        "meeting": paper.meeting,
        "sidebar": sidebar(paper, user),
        "here": here,
        "may_write": is_draft and user.may(Permission.WRITE_PAPERS, paper),
        "may_issue": is_draft and user.may(Permission.ISSUE_PAPERS),
        "is_draft": is_draft,
        "jobs": Job.objects.visible_to(user)
        .filter(kind__in=[DRAFT, ISSUE], parameters__paper=paper.pk)
        .select_related("document")
        .defer("document__content")[:3],
    }


def composed(paper: Paper, reader: User) -> dict[str, Any]:
    """The paper as it would be printed, or in words why it cannot be."""
    try:
        content = paper_content(paper, reader=reader)
    except PaperIncomplete as error:
        return {"incomplete": str(error)}
    return {"document": paper_context(content)}


@require_safe
def paper_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    if paper.is_from_archive or paper.state == Paper.State.ISSUED:
        return redirect(paper.editions.latest("number"))
    context = frame(paper, request.user) | composed(paper, request.user)
    context["appendix_form"] = AppendixForm()
    return render(request, "committees/paper_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def head_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    form = HeadForm(request.POST or None, instance=paper, initial={"version": paper.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            facts = form.cleaned_data
            try:
                actions.save_head(paper=paper, facts=facts, version=facts["version"], by=request.user)
            except (actions.PaperIssued, actions.PaperChanged) as error:
                form.add_error(None, str(error))
                paper.refresh_from_db()
                form.data = request.POST.dict() | {"version": str(paper.version)}
                status = 409
            else:
                messages.success(request, "Saved.")
                return redirect(paper)
    stored = Paper.objects.select_related("meeting__committee", "template").get(pk=paper.pk)
    context = frame(stored, request.user, here="head") | {
        "form": form,
        "stored": stored,
        "conflict": status == 409,
    }
    return render(request, "committees/head_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def section_edit(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    section = get_object_or_404(paper.sections.select_related("saved_by", "assigned_to"), key=key)
    if not may_write_section(request.user, paper, section):
        raise PermissionDenied
    form = SectionForm(
        request.POST or None, section=section, initial={"text": section.text, "version": section.version}
    )
    extra: dict[str, Any] = {}
    if request.method == "POST":
        text = request.POST.get("text", "")
        inserted = inserted_line(request, extra)
        if inserted:
            form.data = request.POST.dict() | {"text": f"{text.rstrip()}\n\n{inserted}\n".lstrip()}
        if form.is_valid() and not extra.get("insert_errors"):
            outcome = save(request, paper, section, form, extra)
            if outcome is not None:
                return outcome
    context = frame(paper, request.user, here=key) | {"section": section, "form": form, **extra}
    context.setdefault("matrix_form", LiveMatrixForm())
    context.setdefault("progress_form", LiveProgressForm())
    context["name"] = next(entry["name"] for entry in context["sidebar"] if entry["key"] == key)
    status = extra.get("status", 422 if request.method == "POST" else 200)
    return render(request, "committees/section_edit.html", context, status=status)


def may_write_section(user: User, paper: Paper, section: PaperSection) -> bool:
    if paper.state == Paper.State.ISSUED:
        return False
    return user.may(Permission.ISSUE_PAPERS) or section.assigned_to_id == user.pk


def inserted_line(request: SignedInRequest, extra: dict[str, Any]) -> str:
    """The line of the live block whose button was pressed; empty when another button was."""
    forms = {
        "insert_matrix": ("matrix_form", LiveMatrixForm),
        "insert_progress": ("progress_form", LiveProgressForm),
    }
    for button, (name, form_class) in forms.items():
        if button in request.POST:
            form = form_class(request.POST)
            if form.is_valid():
                return form.line()
            extra[name], extra["insert_errors"] = form, True
    return ""


def save(
    request: SignedInRequest, paper: Paper, section: PaperSection, form: SectionForm, extra: dict[str, Any]
) -> HttpResponse | None:
    """Save and go on, or put both texts into `extra` where two people met."""
    facts = form.cleaned_data
    try:
        actions.save_section(
            paper=paper,
            key=section.key,
            text=chosen_text(request, section, facts["text"]),
            version=facts["version"],
            by=request.user,
        )
    except actions.SectionConflict as conflict:
        extra |= {"conflict": conflict, "status": 409}
        form.data = {**form.data, "text": conflict.mine, "version": str(conflict.stored.version)}
        return None
    except actions.PaperIssued as error:
        form.add_error(None, str(error))
        extra["status"] = 409
        return None
    messages.success(request, f"{section.heading}: saved.")
    if "save_and_read" in request.POST:
        return redirect(f"{paper.get_absolute_url()}#{section.key}")
    return redirect("committees:section-edit", paper.pk, section.key)


def chosen_text(request: SignedInRequest, section: PaperSection, mine: str) -> str:
    """After a conflict: both texts, mine, or what is stored, as the person chose."""
    match request.POST.get("keep"):
        case "theirs":
            return section.text
        case "both":
            return f"{section.text}\n\n{mine}"
    return mine


@require_POST
def appendix_add(request: SignedInRequest, pk: int) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    form = AppendixForm(request.POST)
    if form.is_valid():
        try:
            section = actions.add_appendix(
                paper=paper, heading=form.cleaned_data["heading"], text="", by=request.user
            )
        except actions.PaperIssued as error:
            messages.error(request, str(error))
            return redirect(paper)
        return redirect("committees:section-edit", paper.pk, section.key)
    context = (
        frame(paper, request.user) | composed(paper, request.user) | {"appendix_form": form, "form": form}
    )
    return render(request, "committees/paper_detail.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def appendix_remove(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    section = get_object_or_404(paper.sections, key=key, kind=PaperSection.Kind.APPENDIX)
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    if request.method == "POST":
        try:
            actions.remove_appendix(paper=paper, key=key, by=request.user)
            messages.success(request, f"The appendix “{section.heading}” has been taken out.")
        except actions.PaperIssued as error:
            messages.error(request, str(error))
        return redirect(paper)
    context = frame(paper, request.user, here=key) | {"section": section}
    return render(request, "committees/appendix_remove.html", context)


@require_POST
def paper_render(request: SignedInRequest, pk: int) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    if not request.user.may(Permission.WRITE_PAPERS, paper):
        raise PermissionDenied
    try:
        job = request_document(kind=DRAFT, parameters={"paper": paper.pk}, by=request.user)
    except BadParameters as error:
        messages.error(request, str(error))
        return redirect(paper)
    return redirect(job)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_issue(request: SignedInRequest, pk: int) -> HttpResponse:
    paper = paper_or_404(request.user, pk)
    if not request.user.may(Permission.ISSUE_PAPERS):
        raise PermissionDenied
    if paper.state == Paper.State.ISSUED:
        return redirect(paper)
    fingerprint = actions.fingerprint(paper)
    form = IssueForm(request.POST or None, initial={"fingerprint": fingerprint})
    public = composed(paper, PUBLIC)
    if request.method == "POST" and form.is_valid() and "document" in public:
        if form.cleaned_data["fingerprint"] != fingerprint:
            messages.error(request, "The paper was changed meanwhile. Read it again, then issue it.")
            return redirect("committees:paper-issue", paper.pk)
        job = request_document(
            kind=ISSUE,
            parameters={"paper": paper.pk, "expected": fingerprint},
            by=request.user,
        )
        return redirect(job)
    context = frame(paper, request.user, here="issue") | public | {"form": form}
    return render(request, "committees/paper_issue.html", context, status=422 if form.errors else 200)

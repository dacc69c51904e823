from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.actions import frameworks as actions
from assessments.actions.frameworks import CriterionConflict, FrameworkRefused, ThemeConflict, Wording
from assessments.content.frameworks import read_framework, read_frameworks, wording_words
from assessments.forms.frameworks import CriterionForm, NewCriterionForm, RenamedThemeForm, ThemeForm
from assessments.models import Criterion, Framework, Theme

CONFLICT, UNPROCESSABLE = 409, 422


@require_safe
def framework_list(request: SignedInRequest) -> HttpResponse:
    _require(request)
    return render(request, "assessments/framework_list.html", {"frameworks": read_frameworks()})


@require_safe
def framework_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    context = {"framework": framework, "page": read_framework(framework)}
    return render(request, "assessments/framework_detail.html", context)


@require_POST
def framework_version(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    try:
        draft = actions.start_version(framework=framework, by=request.user)
    except FrameworkRefused as refused:
        messages.warning(request, str(refused))
        return redirect("assessments:framework-list")
    messages.success(request, f"{draft} begins with everything that version {framework.version} asks.")
    return redirect("assessments:framework-detail", draft.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def framework_publish(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    refused = ""
    if request.method == "POST":
        try:
            actions.publish(framework=framework, by=request.user)
        except FrameworkRefused as error:
            refused = str(error)
        else:
            messages.success(request, f"{framework} is published. The next cycle can ask it.")
            return redirect("assessments:framework-detail", framework.pk)
    context = {"framework": framework, "page": read_framework(framework), "refused": refused}
    status = UNPROCESSABLE if refused else 200
    return render(request, "assessments/framework_publish.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def framework_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    if request.method == "POST":
        try:
            actions.discard(framework=framework, by=request.user)
        except FrameworkRefused as refused:
            return _refused(request, framework, refused)
        messages.success(request, f"The draft of version {framework.version} is thrown away.")
        return redirect("assessments:framework-list")
    return render(request, "assessments/framework_discard.html", {"framework": framework})


@require_http_methods(["GET", "HEAD", "POST"])
def theme_create(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    form = ThemeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            theme = actions.add_theme(framework=framework, by=request.user, **form.cleaned_data)
        except FrameworkRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{theme} is added. Give it a criterion.")
            return redirect("assessments:framework-detail", framework.pk)
    return _form_page(request, "assessments/framework_theme.html", framework, form)


@require_http_methods(["GET", "HEAD", "POST"])
def theme_edit(request: SignedInRequest, pk: int, theme: str) -> HttpResponse:
    framework = _fetch(request, pk)
    found = get_object_or_404(Theme.objects.select_related("framework"), framework=framework, code=theme)
    form = RenamedThemeForm(
        request.POST if request.method == "POST" else None,
        initial={"title": found.title, "seen": found.title},
    )
    theirs: str | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "drop" in request.POST:
                actions.drop_theme(theme=found, by=request.user)
            else:
                actions.rename_theme(theme=found, by=request.user, **form.cleaned_data)
        except FrameworkRefused as refused:
            form.add_error(None, str(refused))
        except ThemeConflict as conflict:
            _meet(request, form, conflict, seen=conflict.theirs)
            theirs = conflict.theirs
        else:
            messages.success(
                request, f"Theme {found.code} is {'dropped' if 'drop' in request.POST else 'saved'}."
            )
            return redirect("assessments:framework-detail", framework.pk)
    return _form_page(
        request, "assessments/framework_theme.html", framework, form, theme=found, theirs=theirs
    )


@require_http_methods(["GET", "HEAD", "POST"])
def criterion_create(request: SignedInRequest, pk: int) -> HttpResponse:
    framework = _fetch(request, pk)
    form = NewCriterionForm(request.POST if request.method == "POST" else None, framework=framework)
    if request.method == "POST" and form.is_valid():
        try:
            criterion = actions.add_criterion(
                theme=form.cleaned_data["theme"], wording=form.wording(), by=request.user
            )
        except FrameworkRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, f"{criterion} is added.")
            return redirect("assessments:framework-detail", framework.pk)
    return _form_page(request, "assessments/framework_criterion.html", framework, form)


@require_http_methods(["GET", "HEAD", "POST"])
def criterion_edit(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    framework = _fetch(request, pk)
    criterion = _criterion(framework, code)
    if request.method != "POST":
        form = CriterionForm(initial=_initial(criterion), framework=framework, criterion=criterion)
        return _form_page(
            request, "assessments/framework_criterion.html", framework, form, criterion=criterion
        )
    form, theirs = CriterionForm(request.POST, framework=framework, criterion=criterion), None
    if form.is_valid():
        try:
            actions.reword_criterion(
                criterion=criterion,
                wording=form.wording(),
                seen=form.cleaned_data["seen"],
                by=request.user,
            )
        except FrameworkRefused as refused:
            form.add_error(None, str(refused))
        except CriterionConflict as conflict:
            _meet(request, form, conflict, seen=conflict.theirs.stamp)
            theirs = conflict.theirs
        else:
            messages.success(request, f"{criterion.code} is saved.")
            return redirect("assessments:framework-detail", framework.pk)
    return _form_page(
        request,
        "assessments/framework_criterion.html",
        framework,
        form,
        criterion=criterion,
        theirs=wording_words(theirs) if theirs else None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def criterion_drop(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    framework = _fetch(request, pk)
    criterion = _criterion(framework, code)
    if request.method == "POST":
        try:
            actions.drop_criterion(criterion=criterion, by=request.user)
        except FrameworkRefused as refused:
            return _refused(request, framework, refused)
        messages.success(request, f"{code} {criterion.short_title} is dropped.")
        return redirect("assessments:framework-detail", framework.pk)
    context = {"framework": framework, "criterion": criterion}
    return render(request, "assessments/framework_drop.html", context)


@require_POST
def criterion_move(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    framework = _fetch(request, pk)
    criterion = _criterion(framework, code)
    try:
        actions.move_criterion(criterion=criterion, up=request.POST.get("to") == "up", by=request.user)
    except FrameworkRefused as refused:
        return _refused(request, framework, refused)
    return redirect(f"{reverse('assessments:framework-detail', args=[framework.pk])}#{code}")


def _require(request: SignedInRequest) -> None:
    if not request.user.may(Permission.MANAGE_FRAMEWORKS):
        raise PermissionDenied


def _fetch(request: SignedInRequest, pk: int) -> Framework:
    _require(request)
    return get_object_or_404(Framework, pk=pk)


def _criterion(framework: Framework, code: str) -> Criterion:
    criteria = Criterion.objects.select_related("theme__framework", "continues")
    return get_object_or_404(criteria, theme__framework=framework, code=code)


def _initial(criterion: Criterion) -> dict[str, Any]:
    return {
        "short_title": criterion.short_title,
        "authority_wording": criterion.authority_wording,
        "borough_wording": criterion.borough_wording,
        "evidence_expected": criterion.evidence_expected,
        "continues": criterion.continues,
        "is_not_comparable": not criterion.is_comparable,
        "seen": Wording.of(criterion).stamp,
    }


def _meet(request: SignedInRequest, form: Form, conflict: Exception, *, seen: str) -> None:
    """Ask the form again: whoever saves it now has seen what stands."""
    form.add_error(None, f"{conflict} What stands now is below: save again to put yours in its place.")
    form.data = {**request.POST.dict(), "seen": seen}


def _form_page(
    request: SignedInRequest, template: str, framework: Framework, form: Form, **more: Any
) -> HttpResponse:
    context = {"framework": framework, "form": form, **more}
    status = CONFLICT if more.get("theirs") else UNPROCESSABLE if form.errors else 200
    return render(request, template, context, status=status)


def _refused(request: SignedInRequest, framework: Framework, refused: FrameworkRefused) -> HttpResponse:
    url = reverse("assessments:framework-detail", args=[framework.pk])
    context = {"sentence": str(refused), "url": url, "link": f"See {framework}"}
    return render(request, "assessments/refused.html", context, status=CONFLICT)

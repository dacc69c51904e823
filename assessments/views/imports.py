from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments import actions, imports
from assessments.forms import AcceptForm, ImportForm
from assessments.imports import words
from assessments.models import UNDONE_WITHIN, ChangeSet, Rating, ReviewCycle
from cdrp_portal.downloads import file_response, safe_filename
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS

CONFLICT, UNPROCESSABLE = 409, 422
NAME_SHOWN = 80


@require_safe
def ratings_export(request: SignedInRequest, cycle: str, format: str) -> HttpResponse:
    review = _fetch(request, cycle)
    if format not in WRITERS:
        raise Http404(f"The ratings cannot be had as {format}. Choose xlsx, ods or csv.")
    book = imports.ratings_book(review, request.user)
    if not book.sheets[0].row_count:
        context = {
            "sentence": f"No health check of yours is open in {review}, so there is nothing to edit.",
            "url": review.get_absolute_url(),
            "link": "See the matrix",
        }
        return render(request, "assessments/refused.html", context, status=CONFLICT)
    name = f"{review.name} ratings to edit, {timezone.localdate().isoformat()}.{format}"
    return file_response(WRITERS[format](book), filename=name, content_type=CONTENT_TYPES[format])


@require_http_methods(["GET", "HEAD", "POST"])
def import_upload(request: SignedInRequest, cycle: str) -> HttpResponse:
    review = _fetch(request, cycle)
    form = ImportForm(cycle=review)
    status = 200
    if request.method == "POST":
        # Asked for first: only what has come in can be too large.
        posted, files = request.POST, request.FILES
        is_too_large = getattr(request, "is_upload_too_large", False)
        form = ImportForm(posted, files, cycle=review, is_too_large=is_too_large)
        status = UNPROCESSABLE
        if not review.is_open:
            form.add_error(None, f"{review} is closed. Nothing in it can be changed.")
            status = CONFLICT
        elif form.is_valid():
            return _keep(request, review, form)
    context = {"cycle": review, "form": form, "formats": list(WRITERS)}
    return render(request, "assessments/import.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def import_preview(request: SignedInRequest, cycle: str, token: str) -> HttpResponse:
    review = _fetch(request, cycle)
    kept = imports.kept_of(token, cycle=review, user=request.user)
    if kept is None:
        raise Http404("This upload is not kept any more. Upload the file again.")
    if kept.set_pk is not None:
        return redirect("assessments:change-set", review.slug, kept.set_pk)
    if request.method == "POST":
        return _accept(request, review, token, kept)
    return _preview(request, review, kept)


def _fetch(request: SignedInRequest, cycle: str) -> ReviewCycle:
    review = get_object_or_404(ReviewCycle, slug=cycle)
    if not request.user.may(Permission.RATE):
        raise PermissionDenied
    return review


def _keep(request: SignedInRequest, review: ReviewCycle, form: ImportForm) -> HttpResponse:
    compared = imports.compare(review, request.user, form.rows)
    name = safe_filename(form.cleaned_data["file"].name)[-NAME_SHOWN:]
    kept = imports.Kept(
        name=name,
        rows=tuple(one.row for one in compared.differences),
        faults=(*form.faults, *compared.faults),
        left_out=tuple(compared.left_out),
        unchanged=compared.unchanged,
    )
    if not compared.differences:
        return _preview(request, review, kept, status=UNPROCESSABLE if kept.faults or kept.left_out else 200)
    token = imports.keep(kept, cycle=review, user=request.user)
    return redirect("assessments:import-preview", review.slug, token)


def _accept(request: SignedInRequest, review: ReviewCycle, token: str, kept: imports.Kept) -> HttpResponse:
    form = AcceptForm(request.POST)
    if not form.is_valid():
        return _preview(request, review, kept, form=form, status=UNPROCESSABLE)
    cells: dict[int, int] = form.cleaned_data["cells"]
    compared = imports.compare(review, request.user, kept.rows)
    accepted = [one for one in compared.differences if one.rating.pk in cells]
    given = [actions.Given(one.rating.pk, cells[one.rating.pk], one.mine) for one in accepted]
    try:
        change_set = actions.save_set(
            cycle=review,
            kind=ChangeSet.Kind.IMPORT,
            title=words.set_title(kept.name, accepted),
            given=given,
            by=request.user,
        )
    except actions.NothingChanged as error:
        form.add_error(None, str(error))
        return _preview(request, review, kept, form=form, status=CONFLICT)
    except actions.SetRefused as refused:
        return _preview(request, review, kept, form=form, refused=refused, status=CONFLICT)
    except Rating.DoesNotExist:
        raise Http404("Not all of these ratings are in this cycle.") from None
    imports.forget(token, kept, set_pk=change_set.pk, cycle=review, user=request.user)
    number = change_set.changes.count()
    messages.success(
        request,
        f"{number} rating{'' if number == 1 else 's'} changed as one set. "
        f"You can undo it for {UNDONE_WITHIN.days} days.",
    )
    return redirect(change_set)


def _preview(
    request: SignedInRequest,
    review: ReviewCycle,
    kept: imports.Kept,
    *,
    form: AcceptForm | None = None,
    refused: actions.SetRefused | None = None,
    status: int = 200,
) -> HttpResponse:
    compared = imports.compare(review, request.user, kept.rows)
    form = form or AcceptForm()
    context = {
        "cycle": review,
        "form": form,
        "preview": words.preview_of(kept, compared, refused, sent=form.sent),
    }
    return render(request, "assessments/import_preview.html", context, status=status)

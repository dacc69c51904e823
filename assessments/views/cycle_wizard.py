from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.actions.cycles import CycleRefused, Days, NameTaken, open_cycle, require_openable
from assessments.content.cycles import Plan, days_of, proposed, read_plan
from assessments.forms.cycles import CycleForm, OfficersForm
from assessments.models import Framework, ReviewCycle

UNPROCESSABLE = 422


@require_http_methods(["GET", "HEAD", "POST"])
def cycle_new(request: SignedInRequest) -> HttpResponse:
    """Two pages at one address: what is to be opened, and what that would create with one button to do it."""
    if not request.user.may(Permission.MANAGE_CYCLES):
        raise PermissionDenied
    if request.method != "POST":
        return _ask(request, CycleForm(initial=proposed(timezone.localdate())))
    form, step = CycleForm(request.POST), request.POST.get("step", "")
    if step == "change":
        return _ask(request, CycleForm(initial=request.POST.dict()))
    if not form.is_valid():
        return _ask(request, form)
    data, days = form.cleaned_data, days_of(form.cleaned_data)
    plan = read_plan(data["framework"], data["previous"], carry=data["carry"], on=timezone.localdate())
    officers = _officers(request, plan, sent=step == "open")
    try:
        if step != "open" or not officers.is_valid():
            require_openable(data["framework"], data["name"], days)
            return _check(request, form, days, plan, officers)
        cycle = _open(request, form, days, officers)
    except NameTaken as taken:
        if step == "open" and _is_the_same(taken.cycle, data["framework"], days):
            messages.success(request, f"{taken.cycle} is open.")
            return redirect("assessments:cycle-readiness", taken.cycle.slug)
        form.add_error("name", str(taken))
        return _ask(request, form)
    except CycleRefused as refused:
        form.add_error(None, str(refused))
        return _ask(request, form)
    messages.success(
        request, f"{cycle} is open: {len(plan.checks)} health checks with {plan.ratings:,} ratings."
    )
    return redirect("assessments:cycle-readiness", cycle.slug)


def _officers(request: SignedInRequest, plan: Plan, *, sent: bool) -> OfficersForm:
    own = {borough.pk: plan.people.officer_words(borough.pk) for borough in plan.boroughs}
    return OfficersForm(request.POST if sent else None, own=own, chosen={})


def _open(request: SignedInRequest, form: CycleForm, days: Days, officers: OfficersForm) -> ReviewCycle:
    data = form.cleaned_data
    return open_cycle(
        framework=data["framework"],
        name=data["name"],
        opens_on=days.opens_on,
        submit_by=days.submit_by,
        moderate_by=days.moderate_by,
        closes_on=days.closes_on,
        previous=data["previous"],
        officers={borough: person for borough, person in officers.officers().items() if person},
        carry=data["carry"],
        by=request.user,
    )


def _is_the_same(cycle: ReviewCycle, framework: Framework, days: Days) -> bool:
    """Whether the button was pressed twice, rather than a name given twice."""
    return cycle.is_open and cycle.framework_id == framework.pk and Days.of(cycle) == days


def _ask(request: SignedInRequest, form: CycleForm) -> HttpResponse:
    context = {"form": form, "has_framework": Framework.objects.filter(is_draft=False).exists()}
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "assessments/cycle_new.html", context, status=status)


def _check(
    request: SignedInRequest, form: CycleForm, days: Days, plan: Plan, officers: OfficersForm
) -> HttpResponse:
    context = {
        "asked": form,
        "data": form.cleaned_data,
        "days": days,
        "plan": plan,
        "rows": [
            (check, officers[f"officer-{check.borough.pk}"] if check.borough else None)
            for check in plan.checks
        ],
        "form": officers,
    }
    status = UNPROCESSABLE if officers.errors else 200
    return render(request, "assessments/cycle_check.html", context, status=status)

"""One thing in every state that a page has a form for, beside what the table of permissions is tried on."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from assessments import actions
from assessments.actions import frameworks
from assessments.models import Criterion, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, Meeting
from committees.models import CommitteeMeeting, Job, PaperTemplate
from committees.reference import TEMPLATES
from tests import factories
from tests.assessments.kept import kept
from tests.assessments.lives import WAYS, dates_of

State = HealthCheck.State
TODAY = timezone.localdate


def add_every_state(found: dict[str, Any], epo: User, head: User, clerk: User) -> dict[str, Any]:
    """Health checks in each state, a framework being written, a paper to issue, jobs that ended badly."""
    cycle = ReviewCycle.objects.get(slug="cycle")
    criterion = Criterion.objects.get(theme__framework=cycle.framework)
    earlier = ReviewCycle.objects.get(slug="earlier")
    ReviewCycle.objects.filter(pk=cycle.pk).update(previous=earlier)
    camden = Borough.objects.get(slug="camden")
    _check(earlier, camden, criterion, State.SIGNED_OFF, epo, head, value="green", rationale="Seen then")
    drafts = {
        "ealing": {"value": "red", "rationale": "Nobody is named"},
        "croydon": {"value": "green", "rationale": "Seen", "proof_due_on": TODAY() + timedelta(days=9)},
        "harrow": {"value": "green", "rationale": "Seen", "is_carried": True},
    }
    for slug, answer in drafts.items():
        _linked(cycle, slug, criterion, State.DRAFT, epo, head, **answer)
    _linked(cycle, "merton", criterion, State.RETURNED, epo, head, value="amber", rationale="Half")
    _linked(cycle, "barnet", criterion, State.MODERATED, epo, head, value="green", rationale="Seen")
    sutton = _linked(cycle, "sutton", criterion, State.SUBMITTED, epo, head, value="green", rationale="Seen")
    _moderated(sutton.ratings.get(), head)
    thread = actions.write_comment(rating=sutton.ratings.get(), text="Which minute shows it?", by=head)
    actions.resolve_thread(comment=thread, by=head)
    draft_rating = Rating.objects.get(health_check__borough=camden, health_check__cycle=cycle)
    words = {"title": "Withdrawn minute", "dated_on": TODAY(), "look_again_on": None, "by": epo}
    gone = actions.add_evidence(rating=draft_rating, file=kept(), **words)
    actions.withdraw_evidence(evidence=gone, by=epo)
    framework = frameworks.start_version(framework=cycle.framework, by=head)
    frameworks.add_theme(framework=framework, title="Working together", by=head)
    wording = frameworks.Wording("Joint tasking", "Everywhere", "Here", "", None, is_comparable=True)
    frameworks.add_criterion(theme=framework.themes.get(code="A"), wording=wording, by=head)
    found["new_framework"], found["ealing"] = framework.pk, Rating.objects.get(value="red").pk
    published = factories.CriterionFactory(theme__code="A", code="A1").theme.framework
    whole = factories.CriterionFactory(theme__code="A", code="A1").theme.framework
    found["published"] = published.pk
    found["to_publish"] = frameworks.start_version(framework=whole, by=head).pk
    Meeting.objects.create(borough=camden, title="Partnership board", starts_at=timezone.now())
    _papers(found, clerk)
    return found


def _check(cycle, borough, criterion, state, officer, head, **answer) -> HealthCheck:
    check = HealthCheck.objects.create(cycle=cycle, borough=borough, officer=officer)
    answered = {"rated_at": timezone.now(), "rated_by": officer, "version": 1} if answer else {}
    factories.RatingFactory(health_check=check, criterion=criterion, **answer, **answered)
    for step in WAYS[state]:
        HealthCheck.objects.filter(pk=check.pk).update(**dates_of(step, officer, head))
    return HealthCheck.objects.select_related("cycle", "borough").get(pk=check.pk)


def _linked(cycle, slug, criterion, state, officer, head, **answer) -> HealthCheck:
    borough = factories.BoroughFactory(name=slug.title(), slug=slug)
    factories.BoroughLinkFactory(borough=borough, person=officer)
    return _check(cycle, borough, criterion, state, officer, head, **answer)


def _moderated(rating: Rating, head: User) -> None:
    actions.flag_rating(rating=rating, note="Look again", version=1, by=head)
    actions.moderate_rating(rating=rating, value="amber", reason="Half of it", version=2, by=head)


def _papers(found: dict[str, Any], clerk: User) -> None:
    meeting = CommitteeMeeting.objects.filter(held_on__gt=TODAY()).earliest("held_on")
    PaperTemplate.objects.update(headings=TEMPLATES[3][2])
    whole = factories.PaperFactory(meeting=meeting, number="21", title="To be issued", summary="Invented.")
    factories.PaperSectionFactory(paper=whole, key="recommendations", heading="Recommendation", text="None.")
    found["to_issue"] = whole.pk
    for state, more in {
        Job.State.FAILED: {"failure": "It could not be made.", "finished_at": timezone.now()},
        Job.State.WAITING: {},
    }.items():
        job = Job.objects.create(
            kind="health-check-matrix", parameters={"cycle": "cycle"}, title=f"Matrix, {state}",
            state=state, requested_by=clerk, **more,
        )  # fmt: skip
        found[state.value] = job.pk

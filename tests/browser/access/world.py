"""A health check to work on; and the demonstration with what its pages need besides: a draft, an upload."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments import actions, imports
from assessments.actions.frameworks import start_version
from assessments.models import ChangeSet, Evidence, HealthCheck, Rating, ReviewCycle
from boroughs.models import Borough, BoroughLink
from cdrp_portal.status import Status
from committees.models import Edition, Job, Paper
from recommendations.models import Action, ActionPlan
from tests import factories
from tests.assessments.grid import make_framework

EMAILS = {
    Role.EPO: "epo@demo.test",
    Role.CLERK: "clerk@demo.test",
    Role.MEMBER: "member@demo.test",
    Role.HEAD: "head@demo.test",
    Role.LEAD: "lead@demo.test",
    Role.READER: "reader@demo.test",
    Role.ADMINISTRATOR: "admin@demo.test",
}
NOBODY = "nobody"
# Readers whose sign-in differs: with an authenticator app, and with no password yet.
SECOND_STEP, NO_PASSWORD = "second-step", "no-password"


def open_check(
    borough: Borough, answers: Mapping[str, Status], *, criteria: int, epo: User, head: User
) -> HealthCheck:
    """A borough's health check in a cycle of its own, answered by code, that has twenty days to go."""
    today = timezone.localdate()
    cycle = actions.open_cycle(
        framework=make_framework(criteria),
        name="Autumn 2010",
        opens_on=today - timedelta(days=40),
        closes_on=today + timedelta(days=20),
        previous=None,
        by=head,
    )
    check = cycle.health_checks.get(borough=borough)
    for code, value in answers.items():
        actions.save_rating(
            health_check=check,
            criterion_code=code,
            value=value,
            rationale="Said",
            next_step="",
            version=0,
            by=epo,
        )
    return check


def people() -> dict[str, User]:
    return {role: User.objects.get(email=email) for role, email in EMAILS.items()}


def build_world() -> dict[str, Any]:
    """What the words in the table of places stand for."""
    cast = people()
    epo, head, clerk = cast[Role.EPO], cast[Role.HEAD], cast[Role.CLERK]
    cycle = ReviewCycle.objects.open().get()
    camden = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__slug="camden")
    red = camden.filter(value=Status.RED, health_check__borough__slug="camden").first()
    draft = Paper.objects.drafts().get()
    edition = (
        Edition.objects.filter(paper__meeting__committee__code="cecf").first() or Edition.objects.first()
    )
    today = timezone.localdate()
    return {
        "cycle": cycle.slug,
        "earlier": ReviewCycle.objects.exclude(closed_at=None).order_by("-opens_on")[0].slug,
        "framework": cycle.framework_id,
        "draft_framework": start_version(framework=cycle.framework, by=head).pk,
        "rated": camden.filter(value=Status.GREEN).first().criterion.code,
        "red_code": red.criterion.code,
        "red_rating": red.pk,
        "discussed": Rating.objects.filter(comments__isnull=False, health_check__borough__slug="sutton")
        .first()
        .criterion.code,
        "evidence": (proof := Evidence.objects.filter(rating__in=camden, withdrawn_at=None).first()).pk,
        "shown": proof.rating.criterion.code,
        "earlier_day": (today - timedelta(days=30)).isoformat(),
        "yesterday": (today - timedelta(days=1)).isoformat(),
        "change_set": _change_set(cycle, camden, epo),
        "token": _upload(cycle, camden, epo),
        "link": BoroughLink.objects.filter(borough__slug="camden", kind="member")[0].pk,
        "action": Action.objects.filter(key_point__recommendation__number=15)[0].pk,
        "own_action": Action.objects.filter(borough__slug="tower-hamlets")[0].pk,
        "plan": ActionPlan.objects.get(slug="mps").slug,
        "paper": draft.pk,
        "code": draft.meeting.committee.code,
        "held_on": draft.meeting.held_on.isoformat(),
        "issued_code": edition.paper.meeting.committee.code,
        "issued_on": edition.paper.meeting.held_on.isoformat(),
        "issued_number": edition.paper.number,
        "failed_job": _failed_job(draft, clerk),
        **_second_steps(),
    }


def _change_set(cycle: ReviewCycle, camden, epo: User) -> int:
    ambers = list(camden.filter(value=Status.AMBER)[:2])
    given = [
        actions.Given(one.pk, one.version, actions.Answer(Status.AMBER, "Half of the seats are filled", ""))
        for one in ambers
    ]
    return actions.save_set(
        cycle=cycle, kind=ChangeSet.Kind.BULK, title="Amber in Camden", given=given, by=epo
    ).pk


def _upload(cycle: ReviewCycle, camden, epo: User) -> str:
    """One new answer, one that has moved since the file was made, one that cannot be read."""
    new, old = camden.filter(value=Status.AMBER).select_related("criterion")[:2]
    rows = tuple(
        imports.Row("Ratings", number, "camden", one.criterion.code, version, Status.RED, why, "", "Camden",
                    one.criterion.code)
        for number, one, version, why in [(5, new, new.version, "No seat"), (6, old, old.version - 1, "Gone")]
    )  # fmt: skip
    fault = imports.Fault("Ratings", 9, "Rating", "Purple is not a rating.")
    kept = imports.Kept(name="ratings.xlsx", rows=rows, faults=(fault,), left_out=(), unchanged=21)
    return imports.keep(kept, cycle=cycle, user=epo)


def _failed_job(draft: Paper, clerk: User) -> Any:
    return Job.objects.create(
        kind="committee-paper",
        parameters={"paper": draft.pk},
        title="A draft that failed",
        state=Job.State.FAILED,
        failure="Appendix 2 is too long.",
        requested_by=clerk,
    ).pk


def _second_steps() -> dict[str, Any]:
    """A reader with an authenticator app and one without a password, and the address to choose one anew."""
    second = factories.UserFactory(
        name="Demo Reader B", role=Role.READER, email="second@demo.test", password=factories.PASSWORD
    )
    TOTP.activate(second, generate_totp_secret())
    RecoveryCodes.activate(second)
    unset = factories.UserFactory(name="Demo Reader C", role=Role.READER, email="unset@demo.test")
    unset.set_unusable_password()
    unset.save()
    forgetful = User.objects.get(email=EMAILS[Role.READER])
    key = default_token_generator.make_token(forgetful)
    return {"uidb36": user_pk_to_url_str(forgetful), "key": key}


def sessions() -> dict[str, str]:
    """Of each role, just signed in with a password, so that no page asks for it again."""
    cast = people() | {
        SECOND_STEP: User.objects.get(email="second@demo.test"),
        NO_PASSWORD: User.objects.get(email="unset@demo.test"),
    }
    found = {NOBODY: ""}
    for role, person in cast.items():
        client = Client()
        client.force_login(person)
        session = client.session
        # So that a slow machine is not asked for the password again.
        at = (timezone.now() + timedelta(hours=2)).timestamp()
        session["account_authentication_methods"] = [
            {"method": "password", "at": at, "email": person.email, "reauthenticated": True}
        ]
        session["account_authentication_methods_user"] = str(person.pk)
        session.save()
        found[role] = client.cookies["sessionid"].value
    return found

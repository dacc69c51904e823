"""Every route × every actor × what they meet: DESIGN §5 as a table.

A route that is missing here fails; a row here that has no route fails. Own and foreign are told apart by
Camden (epo, member) and Islington (other_epo, other_member): what is private to another borough is 404,
like what was never there; what is seen but may not be done is 403.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments.models import HealthCheck
from committees.models import Document, Edition, Job, Paper
from recommendations.models import ActionPlan
from tests import factories
from tests.addresses import CONTENT

ACTORS = [
    "anonymous",
    "epo",
    "other_epo",
    "clerk",
    "member",
    "other_member",
    "head",
    "lead",
    "reader",
    "administrator",
]
# The first is always the visitor who has not signed in.
EVERYONE = "200 200 200 200 200 200 200 200 200 200"
SIGNED_IN = "302 200 200 200 200 200 200 200 200 200"
NOT_LEAD = "302 200 200 200 200 200 200 403 200 200"


@dataclass(frozen=True)
class Row:
    route: str
    expected: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def statuses(self) -> dict[str, set[int]]:
        return {
            actor: {int(status) for status in words.split("|")}
            for actor, words in zip(ACTORS, self.expected.split(), strict=True)
        }

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.route} {self.note}".strip()


DRAFT = {"cycle": "cycle", "subject": "camden"}
SUBMITTED = {"cycle": "cycle", "subject": "hackney"}
SIGNED_OFF = {"cycle": "cycle", "subject": "brent"}
AUTHORITY = {"cycle": "cycle", "subject": "authority"}
CELL = {**SUBMITTED, "code": "A1"}
DRAFT_CELL = {**DRAFT, "code": "A1"}
EVIDENCE = {**DRAFT_CELL, "pk": "evidence"}
MINUTE = {"title": "Minute 7", "dated_on": "2010-08-31"}
TWO_CYCLES = {"cycle": "cycle", "other": "earlier"}
ABSENT = {"cycle": "cycle", "subject": "atlantis"}
RATING = {"value": "amber", "rationale": "Half of it", "next_step": "", "version": "0"}
# Draft ratings of Camden: its own officer and member, clerk, head, administrator (DESIGN §5).
HEAD_ALONE = "302 404 403 403 404 403 200 404 404 403"
HEAD_CHANGES = HEAD_ALONE.replace("200", "302")
DISCUSSES = "302 404 200 403 404 403 200 404 404 403"
READS_DRAFT = "302 200 404 200 200 404 200 404 404 200"
CHANGES_DRAFT = "302 302 404 403 403 404 302 404 404 403"
WRITES_PAPERS = "302 403 403 200 404 404 403 404 404 403"
WRITES_PAPERS_POST = "302 403 403 302 404 404 403 404 404 403"
HEAD_ALONE = "302 403 403 403 403 403 200 403 403 403"
WRITES_FRAMEWORKS = "302 403 403 403 403 403 200 403 403 200"
FRAMEWORK = {"pk": "framework"}
ISSUED = {"code": "demo", "held_on": "2026-01-08"}
JOB_OF_CLERK = "302 404 404 200 404 404 404 404 404 404"

TABLE = [
    # Public
    *(Row(name, EVERYONE) for name in ("about", "help", "contact", "accessibility", "privacy")),
    Row("health-live", EVERYONE),
    Row("health-ready", EVERYONE),
    Row("papers:edition-list", EVERYONE),
    Row("papers:edition-detail", EVERYONE, {**ISSUED, "number": "7"}),
    Row("papers:edition-pdf", EVERYONE, {**ISSUED, "number": "7"}),
    Row(
        "papers:edition-detail",
        "404 200 200 200 404 404 200 404 404 200",
        {**ISSUED, "number": "8"},
        note="exempt (Part 2)",
    ),
    Row(
        "papers:edition-pdf",
        "404 200 200 200 404 404 200 404 404 200",
        {**ISSUED, "number": "8"},
        note="exempt (Part 2)",
    ),
    # /accounts/
    Row("account", SIGNED_IN),
    Row("account_login", "200 302 302 302 302 302 302 302 302 302"),
    Row("account_logout", "302 200 200 200 200 200 200 200 200 200"),
    Row("account_logout", "302 302 302 302 302 302 302 302 302 302", method="post"),
    Row("account_reauthenticate", SIGNED_IN),
    Row("account_change_password", SIGNED_IN),
    Row("account_set_password", "302 302 302 302 302 302 302 302 302 302"),
    Row("account_reset_password", EVERYONE),
    Row("account_reset_password_done", EVERYONE),
    Row("account_reset_password_from_key", EVERYONE, {"uidb36": "1", "key": "x-y"}),
    Row("account_reset_password_from_key_done", EVERYONE),
    Row("mfa_index", SIGNED_IN),
    Row("mfa_authenticate", "302 302 302 302 302 302 302 302 302 302"),
    Row("mfa_reauthenticate", "302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302"),
    Row("mfa_activate_totp", "302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302"),
    *(
        Row(name, "302" + " 200|302|404" * 9)
        for name in (
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        )
    ),
    Row("shortcuts-toggle", "302 302 302 302 302 302 302 302 302 302", method="post"),
    Row("shortcuts-toggle", "302 405 405 405 405 405 405 405 405 405"),
    # /
    Row("home", "302 200 200 200 200 200 200 200 302 200"),
    Row("components", SIGNED_IN),
    # /boroughs/
    Row("london", NOT_LEAD),
    Row("london-export", NOT_LEAD, {"format": "csv"}),
    Row(
        "london-export",
        "302 404 404 404 404 404 404 403|404 404 404",
        {"format": "exe"},
        note="no such format",
    ),
    Row("boroughs:borough-detail", NOT_LEAD.replace("403", "403|404"), {"borough": "camden"}),
    Row("boroughs:borough-detail", "302 404 404 404 404 404 404 403|404 404 404", {"borough": "atlantis"}),
    Row("boroughs:visit-create", "302 200 403 403 200 403 200 403|404 403 403", {"borough": "camden"}),
    Row(
        "boroughs:visit-create",
        "302 302 403 403 302 403 302 403|404 403 403",
        {"borough": "camden"},
        "post",
        {"visited_on": "2026-01-05", "note": "Met the manager"},
    ),
    Row("boroughs:link-create", "302 403 403 403 403 403 200 403|404 403 403", {"borough": "camden"}),
    Row(
        "boroughs:link-end",
        "302 403 403 403 403 403 200 403|404 403 403",
        {"borough": "camden", "pk": "link"},
    ),
    Row(
        "borough-brief",
        "302 200|202 200|202 200|202 200|202 200|202 200|202 403|404 200|202 200|202",
        {"borough": "camden"},
    ),
    # /assessments/
    Row("assessments:cycle-list", NOT_LEAD),
    Row("assessments:cycle-matrix", NOT_LEAD.replace("403", "403|404"), {"cycle": "cycle"}),
    Row("assessments:cycle-matrix", "302 404 404 404 404 404 404 403|404 404 404", {"cycle": "never"}),
    Row("assessments:matrix-export", NOT_LEAD.replace("403", "403|404"), {"cycle": "cycle", "format": "csv"}),
    Row("assessments:matrix-changes", NOT_LEAD, {"cycle": "cycle"}),
    Row("assessments:matrix-changes", "302 404 404 404 404 404 404 403 404 404", {"cycle": "never"}),
    Row("assessments:rating", READS_DRAFT, {**DRAFT, "code": "A1"}, note="page"),
    Row(
        "assessments:rating",
        NOT_LEAD.replace("403", "404"),
        {**SIGNED_OFF, "code": "A1"},
        note="page, signed off",
    ),
    Row(
        "matrix-pdf",
        "302 200|202 200|202 200|202 200|202 200|202 200|202 403|404 200|202 200|202",
        {"cycle": "cycle"},
    ),
    Row("assessments:cycle-between", NOT_LEAD, {"cycle": "cycle"}),
    Row("assessments:cycle-between", "302 404 404 404 404 404 404 404 404 404", {"cycle": "never"}),
    Row("assessments:cycle-compare", NOT_LEAD, TWO_CYCLES),
    Row(
        "assessments:cycle-compare",
        "302 404 404 404 404 404 404 404 404 404",
        {**TWO_CYCLES, "other": "never"},
        note="absent",
    ),
    Row("assessments:compare-export", NOT_LEAD, {**TWO_CYCLES, "format": "csv"}),
    Row("assessments:health-check", READS_DRAFT, DRAFT, note="draft"),
    Row("assessments:health-check", NOT_LEAD.replace("403", "404"), SIGNED_OFF, note="signed off"),
    Row(
        "assessments:health-check",
        "302 404 404 200 404 404 200 404 404 200",
        AUTHORITY,
        note="Authority's draft",
    ),
    Row("assessments:health-check", "302 404 404 404 404 404 404 404 404 404", ABSENT, note="absent"),
    Row("assessments:health-check-history", READS_DRAFT, DRAFT),
    Row("assessments:rating", CHANGES_DRAFT, {**DRAFT, "code": "A1"}, "post", RATING),
    Row(
        "assessments:rating",
        "302 404 404 404 404 404 404 404 404 404",
        {**ABSENT, "code": "A1"},
        "post",
        RATING,
        note="absent",
    ),
    Row(
        "assessments:rating",
        "302 404 403|409 403 404 403|404 403|409 404 404 403",
        {**SUBMITTED, "code": "A1"},
        "post",
        RATING,
        note="submitted",
    ),
    Row("assessments:health-check-submit", "302 200 404 403 403 404 200 404 404 403", DRAFT),
    Row(
        "assessments:health-check-submit",
        "302 302|422 404 403 403 404 302|422 404 404 403",
        DRAFT,
        "post",
    ),
    Row(
        "assessments:health-check-withdraw",
        "302 404 302 403 404 403 302 404 404 403",
        SUBMITTED,
        "post",
    ),
    Row("assessments:health-check-confirm", "302 200 404 403 403 404 200 404 404 403", DRAFT),
    Row("assessments:health-check-carry", CHANGES_DRAFT, DRAFT, "post"),
    Row("assessments:cycle-new", HEAD_ALONE),
    Row("assessments:cycle-new", HEAD_ALONE.replace("200", "422"), method="post"),
    *(
        Row(f"assessments:cycle-{name}", HEAD_ALONE, {"cycle": "cycle"})
        for name in ("readiness", "dates", "officers", "carry", "close")
    ),
    Row("assessments:cycle-close", HEAD_ALONE.replace("200", "302"), {"cycle": "cycle"}, "post"),
    Row("assessments:framework-list", WRITES_FRAMEWORKS),
    *(
        Row(f"assessments:{name}", WRITES_FRAMEWORKS, FRAMEWORK)
        for name in ("framework-detail", "framework-publish", "framework-discard", "theme-create")
    ),
    Row("assessments:framework-version", WRITES_FRAMEWORKS.replace("200", "302"), FRAMEWORK, "post"),
    Row("assessments:framework-discard", WRITES_FRAMEWORKS.replace("200", "409"), FRAMEWORK, "post"),
    Row("assessments:theme-edit", WRITES_FRAMEWORKS, {**FRAMEWORK, "theme": "A"}),
    Row("assessments:criterion-create", WRITES_FRAMEWORKS, FRAMEWORK),
    Row("assessments:criterion-edit", WRITES_FRAMEWORKS, {**FRAMEWORK, "code": "A1"}),
    Row("assessments:criterion-drop", WRITES_FRAMEWORKS, {**FRAMEWORK, "code": "A1"}),
    Row(
        "assessments:criterion-move",
        WRITES_FRAMEWORKS.replace("200", "409"),
        {**FRAMEWORK, "code": "A1"},
        "post",
        note="published",
    ),
    Row("assessments:bulk-edit", "302 200 200 403 403 403 200 403 403 403", {"cycle": "cycle"}),
    Row("assessments:bulk-edit", "302 422 422 403 403 403 422 403 403 403", {"cycle": "cycle"}, "post"),
    Row("assessments:change-set-list", NOT_LEAD, {"cycle": "cycle"}),
    Row("assessments:change-set", READS_DRAFT, {"cycle": "cycle", "pk": "change_set"}),
    Row(
        "assessments:change-set-undo",
        "302 200 404 403 403 404 200 404 404 403",
        {"cycle": "cycle", "pk": "change_set"},
    ),
    Row(
        "assessments:change-set-undo",
        "302 302 404 403 403 404 302 404 404 403",
        {"cycle": "cycle", "pk": "change_set"},
        "post",
    ),
    *(
        Row(f"assessments:{name}", HEAD_ALONE, SUBMITTED)
        for name in ("moderate", "health-check-return", "sign-off")
    ),
    Row("assessments:moderate", HEAD_ALONE.replace("200", "409"), SUBMITTED, "post"),
    Row("assessments:health-check-return", HEAD_CHANGES, SUBMITTED, "post", {"reason": "Say more"}),
    Row("assessments:sign-off", HEAD_CHANGES, SUBMITTED, "post", {"seen": "0"}),
    Row("assessments:moderate-again", HEAD_CHANGES, SUBMITTED, "post"),
    Row("assessments:reopen", "302 403 403 403 403 403 200 404 403 403", SIGNED_OFF),
    Row(
        "assessments:reopen",
        "302 403 403 403 403 403 302 404 403 403",
        SIGNED_OFF,
        "post",
        {"reason": "One was wrong"},
    ),
    *(Row(f"assessments:{name}", HEAD_ALONE, CELL) for name in ("rating-moderate", "rating-flag")),
    Row(
        "assessments:rating-moderate",
        HEAD_CHANGES,
        CELL,
        "post",
        {"value": "red", "reason": "Not seen", "version": "0"},
    ),
    Row("assessments:rating-flag", HEAD_CHANGES, CELL, "post", {"note": "Which minute", "version": "0"}),
    Row("assessments:comments", DISCUSSES, CELL),
    Row("assessments:comments", DISCUSSES.replace("200", "302"), CELL, "post", {"text": "Which minute"}),
    *(
        Row(f"assessments:{name}", DISCUSSES.replace("200", "302"), {**CELL, "pk": "comment"}, "post")
        for name in ("comment-resolve", "comment-reopen")
    ),
    Row("assessments:evidence-list", READS_DRAFT, DRAFT_CELL),
    Row(
        "assessments:evidence-add",
        CHANGES_DRAFT.replace("302 302", "302 200").replace("404 302", "404 200"),
        DRAFT_CELL,
    ),
    Row(
        "assessments:evidence-add",
        CHANGES_DRAFT,
        DRAFT_CELL,
        "post",
        {**MINUTE, "url": "https://example.org", "whole": "1"},
    ),
    Row("assessments:evidence-file", READS_DRAFT, EVIDENCE),
    Row(
        "assessments:evidence-file",
        "302 404 404 404 404 404 404 404 404 404",
        {**EVIDENCE, "subject": "hackney"},
        note="under another rating",
    ),
    Row(
        "assessments:evidence-edit",
        CHANGES_DRAFT.replace("302 302", "302 200").replace("404 302", "404 200"),
        EVIDENCE,
    ),
    Row("assessments:evidence-edit", CHANGES_DRAFT, EVIDENCE, "post", MINUTE),
    *(
        Row(f"assessments:{name}", CHANGES_DRAFT, EVIDENCE, "post")
        for name in ("evidence-withdraw", "evidence-restore")
    ),
    Row(
        "assessments:proof-promise",
        "302 422 404 403 403 404 422 404 404 403",
        DRAFT_CELL,
        "post",
        note="not green",
    ),
    Row(
        "assessments:proof-confirm",
        "302 409 404 403 403 404 409 404 404 403",
        DRAFT_CELL,
        "post",
        note="not awaited",
    ),
    Row(
        "assessments:rating-draft",
        "302 204 404 403 403 404 204 404 404 403",
        {**DRAFT, "code": "A1"},
        "post",
        RATING,
    ),
    # /recommendations/
    Row("recommendations:recommendation-list", SIGNED_IN),
    Row("recommendations:recommendation-export", SIGNED_IN, {"format": "csv"}),
    Row(
        "recommendations:recommendation-detail", SIGNED_IN, {"number": 15}, note="with an action of the unit"
    ),
    Row(
        "recommendations:recommendation-detail",
        SIGNED_IN.replace("302 200 200 200 200 200 200 200", "302 200 200 200 200 200 200 404"),
        {"number": 16},
        note="without an action of the unit",
    ),
    Row("recommendations:plan-export", SIGNED_IN, {"number": 15, "format": "csv"}),
    Row(
        "recommendations:plan-detail",
        "302 200 200 200 200 200 200 404 200 200",
        {"slug": "mps"},
    ),
    Row("recommendations:cycle-plan", NOT_LEAD, {"cycle": "cycle"}),
    Row("recommendations:cycle-plan-export", NOT_LEAD, {"cycle": "cycle", "format": "csv"}),
    Row("recommendations:cycle-plan-build", "302 403 403 403 403 403 200 403 403 403", {"cycle": "cycle"}),
    Row("recommendations:answer-create", "302 200 404 403 403 404 200 404 404 403", {"rating": "rating"}),
    Row(
        "recommendations:answer-create",
        "302 422 404 403 403 404 422 404 404 403",
        {"rating": "rating"},
        "post",
        note="not red or amber",
    ),
    Row("recommendations:action-detail", SIGNED_IN, {"pk": "action"}, note="of the unit, in Camden"),
    Row(
        "recommendations:action-detail",
        "302 200 200 200 200 200 200 404 200 200",
        {"pk": "other_action"},
        note="of another unit",
    ),
    Row(
        "recommendations:position-create",
        "302 302 403 403 403 403 302 302 403 403",
        {"pk": "action"},
        "post",
        {"stated_on": "2026-01-05", "status": "in_progress", "text": "Under way"},
    ),
    Row(
        "recommendations:position-create",
        "302 403 403 403 403 403 302 404 403 403",
        {"pk": "other_action"},
        "post",
        {"stated_on": "2026-01-05", "status": "in_progress", "text": "Under way"},
        note="of another unit, in no borough",
    ),
    # /committees/
    Row("committees:committee-list", NOT_LEAD),
    Row("committees:meeting-detail", NOT_LEAD, ISSUED),
    Row(
        "committees:meeting-detail",
        "302 404 404 404 404 404 404 403|404 404 404",
        {**ISSUED, "held_on": "soon"},
    ),
    Row("committees:meeting-create", "302 403 403 200 403 403 403 403 403 403"),
    Row("committees:paper-create", "302 403 403 200 403 403 403 403 403 403", ISSUED),
    Row("committees:paper-detail", "302 200 200 200 404 404 200 404 404 200", {"pk": "paper"}),
    Row("committees:paper-detail", "302 404 404 404 404 404 404 404 404 404", {"pk": 999_999}, note="absent"),
    Row("committees:head-edit", WRITES_PAPERS, {"pk": "paper"}),
    Row("committees:section-edit", WRITES_PAPERS, {"pk": "paper", "key": "supporting"}),
    Row(
        "committees:section-edit",
        "302 302 403 302 404 404 403 404 404 403",
        {"pk": "paper", "key": "assigned"},
        "post",
        {"text": "Written", "version": "1"},
        note="assigned to the officer",
    ),
    Row("committees:appendix-remove", WRITES_PAPERS, {"pk": "paper", "key": "appendix-1"}),
    Row("committees:appendix-add", WRITES_PAPERS_POST, {"pk": "paper"}, "post", {"heading": "Map"}),
    Row("committees:paper-render", "302 302 403 302 404 404 403 404 404 403", {"pk": "paper"}, "post"),
    Row("committees:paper-issue", WRITES_PAPERS, {"pk": "paper"}),
    # /jobs/
    Row("jobs:job-list", SIGNED_IN),
    Row("jobs:job-detail", JOB_OF_CLERK, {"job": "job"}),
    Row("jobs:job-download", JOB_OF_CLERK, {"job": "job"}),
    Row("jobs:job-cancel", JOB_OF_CLERK.replace("200", "302|409"), {"job": "job"}, "post"),
    Row("jobs:job-retry", JOB_OF_CLERK.replace("200", "302|409"), {"job": "job"}, "post"),
]


@pytest.fixture
def world(
    db, epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington
) -> dict[str, Any]:
    """Something own, something foreign and something absent behind every route."""
    other_member = factories.UserFactory(name="Demo Member B", role=Role.MEMBER)
    factories.BoroughLinkFactory(borough=islington, person=other_member, kind="member")
    link = factories.BoroughLinkFactory(
        borough=camden, person=factories.UserFactory(role=Role.MEMBER), kind="member_cover"
    )
    cycle = factories.ReviewCycleFactory(name="Cycle", slug="cycle")
    long_ago = timezone.localdate() - timedelta(days=200)
    factories.ReviewCycleFactory(slug="earlier", framework=cycle.framework, opens_on=long_ago)
    criterion = factories.CriterionFactory(
        theme__framework=cycle.framework, theme__code="A", code="A1", position=1
    )
    hackney = factories.BoroughFactory(name="Hackney", slug="hackney")
    brent = factories.BoroughFactory(name="Brent", slug="brent")
    factories.BoroughLinkFactory(borough=hackney, person=other_epo)
    factories.BoroughLinkFactory(borough=hackney, person=other_member, kind="member")
    # A password that nobody knows, so that the pages for changing one open.
    User.objects.update(password="set")
    now = timezone.now()
    submitted = {"state": "submitted", "submitted_at": now, "submitted_by": epo}
    signed_off = {**submitted, "state": "signed_off", "signed_off_at": now, "signed_off_by": head}
    states = [(camden, {}), (islington, {}), (None, {}), (hackney, submitted), (brent, signed_off)]
    for borough, state in states:
        check = HealthCheck.objects.create(cycle=cycle, borough=borough)
        value = {"value": "green", "rationale": "Seen", "rated_at": now, "rated_by": head} if state else {}
        factories.RatingFactory(health_check=check, criterion=criterion, **value)
        checks = HealthCheck.objects.filter(pk=check.pk)
        checks.update(**(submitted if state else {}))
        checks.update(**state)
    return {
        "link": link.pk,
        "framework": cycle.framework_id,
        "comment": factories.CommentFactory(rating=hackney.health_checks.get().ratings.get()).pk,
        "evidence": factories.EvidenceFactory(rating=camden.health_checks.get().ratings.get()).pk,
        "other_member": other_member,
        "rating": (rating := HealthCheck.objects.get(borough=camden).ratings.get()).pk,
        "change_set": factories.ChangedRatingFactory(rating=rating).change_set.pk,
        **_plan(lead, camden),
        **_papers(clerk, epo),
    }


def _plan(lead, camden) -> dict[str, Any]:
    fifteen = factories.RecommendationFactory(number=15)
    factories.RecommendationFactory(number=16, scrutiny=fifteen.scrutiny)
    plan = ActionPlan.objects.create(name="MPS implementation plan", slug="mps", body="MPS")
    factories.KeyPointFactory(recommendation=None, plan=plan)
    key_point = factories.KeyPointFactory(recommendation=fifteen)
    action = factories.ActionFactory(key_point=key_point, lead_unit=lead.lead_units.get(), borough=camden)
    other = factories.ActionFactory(key_point=key_point)
    return {"action": action.pk, "other_action": other.pk}


def _papers(clerk, epo) -> dict[str, Any]:
    committee = factories.CommitteeFactory(code="demo")
    meeting = factories.CommitteeMeetingFactory(committee=committee, held_on="2026-01-08")
    for number, is_exempt in (("7", False), ("8", True)):
        issued = factories.PaperFactory(meeting=meeting, number=number, is_exempt=is_exempt)
        Edition.objects.create(
            paper=issued, number=1, content={**CONTENT, "number": number}, content_digest="0" * 64,
            document_kind="committee-paper", template_version=1, pdf=b"%PDF-1.7\n", pdf_digest="0" * 64,
            page_count=1, issued_at=timezone.now(), issued_by=clerk,
        )  # fmt: skip
        Paper.objects.filter(pk=issued.pk).update(state=Paper.State.ISSUED)
    paper = factories.PaperFactory(meeting=factories.CommitteeMeetingFactory(committee=committee))
    factories.PaperSectionFactory(paper=paper, key="supporting")
    factories.PaperSectionFactory(paper=paper, key="assigned", assigned_to=epo)
    factories.PaperSectionFactory(paper=paper, key="appendix-1", kind="appendix")
    document = Document.objects.create(
        kind="health-check-matrix", input_digest="0" * 64, filename="matrix.pdf", content=b"%PDF-1.7\n",
        sha256="0" * 64, page_count=1,
    )  # fmt: skip
    job = Job.objects.create(
        kind="health-check-matrix", parameters={"cycle": "cycle"}, title="Matrix", state=Job.State.DONE,
        percent=100, document=document, requested_by=clerk, finished_at=timezone.now(),
    )  # fmt: skip
    return {"paper": paper.pk, "job": job.pk}


def route_names() -> set[str]:
    """Every named route but the Django admin's, which has a test of its own."""
    return set(_names(get_resolver(), ""))


def _names(resolver: URLResolver, prefix: str):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _names(pattern, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}"


def test_every_route_stands_in_the_table():
    names, listed = route_names(), {row.route for row in TABLE}

    unlisted, unknown = names - listed, listed - names

    print(f"routes not in the table: {len(unlisted)} / {len(names)}")
    assert not unlisted
    assert not unknown


def test_every_actor_meets_what_the_table_says(
    world, epo, other_epo, clerk, member, head, lead, reader, administrator
):
    people = {
        "anonymous": None, "epo": epo, "other_epo": other_epo, "clerk": clerk, "member": member,
        "other_member": world["other_member"], "head": head, "lead": lead, "reader": reader,
        "administrator": administrator,
    }  # fmt: skip
    cookies = {
        actor: signed_in_as(person).cookies.output(header="", sep=";") for actor, person in people.items()
    }
    wrong, total = [], 0
    for row in TABLE:
        kwargs = {
            name: world.get(value, value) if name in ("pk", "job", "rating") else value
            for name, value in row.kwargs.items()
        }
        address = reverse(row.route, kwargs=kwargs)
        for actor, allowed in row.statuses().items():
            status = ask(again(cookies[actor]), row, address)
            total += 1
            if status not in allowed:
                wrong.append(f"{row} as {actor}: {status}, not {'|'.join(map(str, sorted(allowed)))}")

    print(f"route × actor not as the table says: {len(wrong)} / {total}")
    assert not wrong, "\n".join(wrong)


def ask(client: Client, row: Row, address: str) -> int:
    """The answer, with everything that the request changed taken back."""
    with transaction.atomic():
        status = getattr(client, row.method)(address, row.data).status_code
        transaction.set_rollback(True)
    return status


def again(cookies: str) -> Client:
    """The same session in a browser of its own: nothing that an answer sets is carried on."""
    client = Client(raise_request_exception=False)
    client.cookies.load(cookies)
    return client


def signed_in_as(person) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(User.objects.get(pk=person.pk))
    return client


def test_the_admin_is_for_administrators(
    world, epo, other_epo, clerk, member, head, lead, reader, administrator
):
    addresses = [reverse("admin:index")]
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        addresses.append(reverse(f"{name}_changelist"))
    people = [None, epo, other_epo, clerk, member, head, lead, reader]
    shut_out, let_in = [signed_in_as(person) for person in people], signed_in_as(administrator)
    wrong = []
    for address in addresses:
        row = Row("admin", "")
        wrong += [address for client in shut_out if ask(client, row, address) != 302]
        if ask(let_in, row, address) != 200:
            wrong.append(f"{address} as administrator")

    print(
        f"admin pages open or shut to the wrong person: {len(wrong)} / {len(addresses) * (len(people) + 1)}"
    )
    assert not wrong


def test_a_person_who_was_shut_out_is_shut_out_at_once(epo, signed_in):
    client = signed_in(epo)
    assert client.get(reverse("home")).status_code == 200

    epo.is_active = False
    epo.save()

    assert client.get(reverse("home")).status_code == 302


def test_a_changed_role_counts_from_the_next_request(clerk, signed_in):
    client = signed_in(clerk)
    assert client.get(reverse("committees:meeting-create")).status_code == 200

    clerk.role = Role.READER
    clerk.save()

    assert client.get(reverse("committees:meeting-create")).status_code == 403

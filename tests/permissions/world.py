"""One of everything that the table's addresses lead to: own, foreign and absent."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments.models import HealthCheck
from committees.models import Document, Edition, Job, Paper
from recommendations.models import ActionPlan
from tests import factories
from tests.addresses import CONTENT


def build_world(
    epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington
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

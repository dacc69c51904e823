"""Every address of the portal with one object behind each, for the checks that sweep them all.

`routes()` walks the URLconf, so that nothing is left out; `Portal.address` knows what to put into each
pattern and raises KeyError for one that it has never heard of.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.permissions import Role
from assessments.models import HealthCheck
from committees.models import Document, Edition, Job, Paper
from tests import factories


@dataclass(frozen=True)
class Route:
    name: str
    parameters: tuple[str, ...]

    @property
    def is_admin(self) -> bool:
        return self.name.startswith("admin:")


def routes() -> list[Route]:
    """Every named route once. Each address of the portal has a name; the admin's own catch-all has none."""
    found = {route.name: route for route in _walk(get_resolver(), "")}
    return [found[name] for name in sorted(found)]


def _walk(resolver: URLResolver, prefix: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from _walk(pattern, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield Route(f"{prefix}{pattern.name}", _parameters(f"{prefix}{pattern.name}", pattern))


def _parameters(name: str, pattern: URLPattern) -> tuple[str, ...]:
    outer = ("code", "held_on", "number") if name.startswith("papers:edition-") and "list" not in name else ()
    own = tuple(pattern.pattern.converters) or tuple(re.findall(r"\?P<(\w+)>", str(pattern.pattern)))
    return own or outer


CONTENT = {
    "kind": "committee-paper",
    "title": "A demonstration paper",
    "committee": "Demo Committee",
    "committee_code": "demo",
    "number": "7",
    "date": "2026-10-14",
    "by": "Chief Executive",
    "summary": [{"kind": "text", "text": "Invented for a test."}],
    "sections": [{"letter": "A", "heading": "Recommendation", "blocks": [{"kind": "text", "text": "None."}]}],
    "appendices": [],
    "demonstration": True,
}


OF_ONE_RATING = ("rating-moderate", "rating-flag", "comments", "comment-resolve", "comment-reopen")
OF_EVIDENCE = ("evidence-file", "evidence-edit", "evidence-withdraw", "evidence-restore")


OF_A_FRAMEWORK = (
    "framework-detail",
    "framework-version",
    "framework-publish",
    "framework-discard",
    "theme-create",
    "theme-edit",
    "criterion-create",
    "criterion-edit",
    "criterion-drop",
    "criterion-move",
)


@dataclass
class Portal:
    """One of everything that an address leads to."""

    borough: Any
    cycle: Any
    earlier: Any
    criterion: Any
    health_check: Any
    recommendation: Any
    action: Any
    meeting: Any
    paper: Any
    section: Any
    edition: Any
    job: Any
    change_set: Any
    comment: Any
    evidence: Any
    extra: dict[tuple[str, str], Any] = field(default_factory=dict)

    def address(self, route: Route) -> str:
        return reverse(route.name, kwargs={name: self._value(route, name) for name in route.parameters})

    def addresses(self) -> dict[str, str]:
        return {route.name: self.address(route) for route in routes()}

    def _value(self, route: Route, parameter: str) -> Any:
        by_route = {
            ("recommendations:plan-detail", "slug"): self.recommendation.scrutiny.slug,
            ("recommendations:action-detail", "pk"): self.action.pk,
            ("recommendations:position-create", "pk"): self.action.pk,
            ("assessments:rating", "code"): self.criterion.code,
            ("assessments:matrix-export", "format"): "xlsx",
            ("assessments:ratings-export", "format"): "csv",
            ("assessments:import-preview", "token"): "gone",
            ("assessments:compare-export", "format"): "ods",
            ("recommendations:recommendation-export", "format"): "ods",
            ("recommendations:plan-export", "format"): "xlsx",
            ("london-export", "format"): "csv",
            ("recommendations:cycle-plan-export", "format"): "ods",
            ("recommendations:answer-create", "rating"): self.health_check.ratings.get().pk,
            ("account_reset_password_from_key", "uidb36"): "1",
            ("account_reset_password_from_key", "key"): "set-password",
            ("papers:edition-detail", "number"): self.edition.paper.number,
            ("papers:edition-pdf", "number"): self.edition.paper.number,
            ("admin:app_list", "app_label"): next(iter(admin.site._registry))._meta.app_label,
            ("admin:view_on_site", "content_type_id"): ContentType.objects.get_for_model(self.borough).pk,
            ("admin:view_on_site", "object_id"): self.borough.pk,
            ("admin:auth_user_password_change", "id"): self.edition.issued_by.pk,
            ("assessments:rating-draft", "code"): self.criterion.code,
            **{(f"assessments:{name}", "pk"): self.cycle.framework_id for name in OF_A_FRAMEWORK},
            **{(f"assessments:{name}", "code"): self.criterion.code for name in OF_A_FRAMEWORK},
            ("assessments:theme-edit", "theme"): self.criterion.theme.code,
            ("assessments:change-set", "pk"): self.change_set.pk,
            ("assessments:change-set-undo", "pk"): self.change_set.pk,
            ("assessments:comment-resolve", "pk"): self.comment.pk,
            **{(f"assessments:{name}", "pk"): self.evidence.pk for name in OF_EVIDENCE},
            **{
                (f"assessments:{name}", "code"): self.criterion.code
                for name in ("evidence-list", "evidence-add", "proof-promise", "proof-confirm", *OF_EVIDENCE)
            },
            ("assessments:comment-reopen", "pk"): self.comment.pk,
            **{(f"assessments:{name}", "code"): self.criterion.code for name in OF_ONE_RATING},
            **self.extra,
        }
        if (route.name, parameter) in by_route:
            return by_route[route.name, parameter]
        if route.is_admin and parameter in {"object_id", "id"}:
            return self._administered(route.name)
        return {
            "borough": self.borough.slug,
            "cycle": self.cycle.slug,
            "other": self.earlier.slug,
            "subject": self.borough.slug,
            "number": self.recommendation.number,
            "code": self.meeting.committee.code,
            "held_on": self.meeting.held_on.isoformat(),
            "pk": self.paper.pk,
            "key": self.section.key,
            "job": self.job.pk,
        }[parameter]

    def _administered(self, route: str) -> Any:
        """The key of some row of the model that the admin's route is about."""
        for model in admin.site._registry:
            if route.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
                row = model._default_manager.first()
                return row.pk if row is not None else 1
        raise KeyError(route)


def build_portal() -> Portal:
    """Camden with an officer and a member, one open cycle, one recommendation, one paper, one edition."""
    now = timezone.now()
    clerk = factories.UserFactory(name="Demo Clerk B", role=Role.CLERK)
    borough = factories.BoroughFactory(name="Camden", slug="camden", tile_label="CMD")
    factories.BoroughLinkFactory(borough=borough)
    factories.BoroughLinkFactory(
        borough=borough, kind="member", person=factories.UserFactory(role=Role.MEMBER)
    )
    factories.MeetingFactory(borough=borough)
    cycle = factories.ReviewCycleFactory()
    criterion = factories.CriterionFactory(theme__framework=cycle.framework)
    health_check = factories.HealthCheckFactory(cycle=cycle, borough=borough)
    factories.RatingFactory(health_check=health_check, criterion=criterion)
    authority = HealthCheck.objects.create(cycle=cycle, borough=None)
    factories.RatingFactory(health_check=authority, criterion=criterion)
    action = factories.ActionFactory()
    paper = factories.PaperFactory()
    edition = _edition(now, clerk)
    document = Document.objects.create(
        kind="health-check-matrix",
        input_digest="0" * 64,
        filename="matrix.pdf",
        content=b"%PDF-1.7\n",
        sha256="0" * 64,
        page_count=1,
    )
    job = Job.objects.create(
        kind="health-check-matrix",
        title="Matrix",
        state=Job.State.DONE,
        percent=100,
        document=document,
        requested_by=clerk,
        finished_at=now,
    )
    return Portal(
        borough=borough,
        cycle=cycle,
        earlier=factories.ReviewCycleFactory(
            framework=cycle.framework, opens_on=cycle.opens_on - timedelta(days=180)
        ),
        criterion=criterion,
        health_check=health_check,
        recommendation=action.key_point.recommendation,
        action=action,
        meeting=edition.paper.meeting,
        paper=paper,
        section=factories.PaperSectionFactory(paper=paper),
        edition=edition,
        job=job,
        change_set=factories.ChangedRatingFactory(rating=health_check.ratings.get()).change_set,
        comment=factories.CommentFactory(rating=health_check.ratings.get()),
        evidence=factories.EvidenceFactory(rating=health_check.ratings.get()),
    )


def _edition(now: Any, clerk: Any) -> Edition:
    paper = factories.PaperFactory(number="7")
    edition = Edition.objects.create(
        paper=paper,
        number=1,
        content=CONTENT,
        content_digest="0" * 64,
        document_kind="committee-paper",
        template_version=1,
        pdf=b"%PDF-1.7\n",
        pdf_digest="0" * 64,
        page_count=1,
        issued_at=now,
        issued_by=clerk,
    )
    Paper.objects.filter(pk=paper.pk).update(state=Paper.State.ISSUED)
    return edition


def client_of(user=None, **options) -> Client:
    client = Client(raise_request_exception=False, **options)
    if user is not None:
        client.force_login(user)
    return client


def policy_of(response: HttpResponse) -> dict[str, list[str]]:
    parts = response.headers.get("Content-Security-Policy", "").split(";")
    return {words[0]: words[1:] for words in (part.split() for part in parts) if words}


def routes_for(role: str | None) -> list[Route]:
    """Every route; the pages of the admin, three for each model, as administrator only."""
    return [route for route in routes() if role == Role.ADMINISTRATOR or not route.is_admin]

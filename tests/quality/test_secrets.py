"""What somebody may not read is in nothing that they are given, and sways none of it (QUALITY rows 8, 11)."""

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from assessments.models import Criterion, Evidence, HealthCheck, Rating, RatingDraft
from committees.documents import REFUSALS, gather
from committees.models import Edition, Job, Paper, PaperSection
from recommendations.models import Action
from tests import factories
from tests.addresses import Portal, build_portal, client_of, routes
from tests.quality.soak import SOAK

State = HealthCheck.State
READS_DRAFTS = {"epo", "member", "clerk", "head", "administrator"}
RATES = {"epo", "head"}
READS_PAPERS = {"epo", "other epo", "clerk", "head", "administrator"}
# Which word stands in which field, and who may read it (DESIGN §5). Everybody else must never meet it.
MAY_READ = {
    "canaryrationale": READS_DRAFTS,
    "canarynextstep": READS_DRAFTS,
    "canaryevidence": READS_DRAFTS,
    "canaryaddress": READS_DRAFTS,
    "canaryfile": READS_DRAFTS,
    "canarymoderation": RATES,
    "canaryflag": RATES,
    "canarycomment": RATES,
    "canaryreturned": RATES,
    "canarydraft": {"epo"},
    "canarysection": READS_PAPERS,
    "canaryexempt": READS_PAPERS,
    "canaryjob": {"clerk"},
    "canaryframework": {"head", "administrator"},
    "canaryaction": READS_PAPERS | {"member", "other member", "reader"},
}
# On every run; with SOAK=1 everybody.
ASKING = ("epo", "other epo", "head", "clerk", "reader")
COUNTING = (
    ("other epo", "other member", "reader", "lead", "head") if SOAK else ("other epo", "reader", "head")
)
CANARY = re.compile("canary[a-z]+")
# The library's own pages, and those that are the same for everybody.
OF_NOBODY_ELSE = ("account_", "mfa_", "health-", "about", "contact", "privacy", "accessibility", "components")
# Tokens, nonces, numbers of requests, and the minute at which something is said to stand.
OWN_OF_EACH = re.compile(
    r"""csrfmiddlewaretoken" value="\w+"|nonce[-=]"?[\w+/=-]+|'X-Request-ID': '\w+'|"\w{64}\""""
    r"""|\d\d:\d\d(:\d\d)?"""
    r"""|csrf-token" content="\w+"|X-CSRFToken[^}]*|'ETag': '[^']*'|'Content-Length': '\d+'"""
)
QUERIES = (
    "?q=canary",
    "?search=canary&sort=-text",
    "?show=red",
    "?as_at=" + timezone.localdate().isoformat(),
)
COUNTED = ("home", "london", "cycle-list", "cycle-matrix", "cycle-compare", "cycle-pictures", "cycle-between",
    "matrix-export", "compare-export", "matrix-changes", "change-set-list", "borough-detail", "cycle-plan",
    "cycle-plan-export", "london-export", "plan-detail", "recommendation-list")  # fmt: skip


@pytest.fixture
def portal(db) -> Portal:
    return build_portal()


@pytest.fixture
def people(portal) -> dict[str, User | None]:
    """The officer and the member of the borough with the secrets, those of another, and everybody else."""
    islington = factories.BoroughFactory(name="Islington", slug="islington")
    make = factories.UserFactory
    found = {f"other {role}": make(role=role) for role in (Role.EPO, Role.MEMBER)}
    for kind, role in (("officer", Role.EPO), ("member", Role.MEMBER)):
        factories.BoroughLinkFactory(borough=islington, person=found[f"other {role}"], kind=kind)
        found[role.value] = portal.borough.links.get(kind=kind).person
    found |= {str(role): make(role=role) for role in (Role.HEAD, Role.READER, Role.ADMINISTRATOR, Role.LEAD)}
    factories.LeadUnitFactory().officers.add(found["lead"])
    return {**found, "clerk": portal.job.requested_by, "nobody": None}


def plant(portal: Portal, people: dict[str, User | None]) -> None:
    """A word in each field that is not for everybody, without the history: it is not what is asked about."""
    check, head = portal.health_check, people["head"]
    ratings = Rating.objects.filter(health_check=check)
    with pgtrigger.ignore():
        HealthCheck.objects.filter(pk=check.pk).update(state=State.RETURNED, state_reason="canaryreturned")
        ratings.update(
            value="red", rationale="canaryrationale", next_step="canarynextstep", flag_note="canaryflag",
            officer_value="green", moderation_reason="canarymoderation", moderated_by=head, rated_by=head,
            moderated_at=timezone.now(), rated_at=timezone.now(), version=1,
        )  # fmt: skip
        portal.evidence.title = "canaryevidence"
        portal.evidence.file.save("x", ContentFile(b"canaryfile"))
        portal.evidence.save()
        factories.EvidenceFactory(
            rating=ratings.get(), url="https://canaryaddress.example", file="", file_name="", content_type="",
            size=0, sha256="",
        )  # fmt: skip
        portal.comment.text = "canarycomment"
        portal.comment.save()
        RatingDraft.objects.create(
            rating=ratings.get(), person=people["epo"], value="amber", rationale="canarydraft", version=1,
            kept_at=timezone.now(),
        )  # fmt: skip
        PaperSection.objects.filter(pk=portal.section.pk).update(text="canarysection")
        exempt = factories.PaperFactory(
            meeting=portal.meeting, number="8", is_exempt=True, title="canaryexempt"
        )
        content = {**portal.edition.content, "title": "canaryexempt", "number": "8"}
        Edition.objects.create(
            paper=exempt, number=1, content=content, content_digest="0" * 64, document_kind="committee-paper",
            template_version=1, pdf=b"canaryexempt", pdf_digest="0" * 64, page_count=1,
            issued_at=timezone.now(), issued_by=people["clerk"],
        )  # fmt: skip
        Paper.objects.filter(pk=exempt.pk).update(state=Paper.State.ISSUED)
        Job.objects.filter(pk=portal.job.pk).update(title="canaryjob")
        Action.objects.filter(pk=portal.action.pk).update(text="canaryaction")
    draft = factories.FrameworkFactory(name="canaryframework", is_draft=True)
    factories.CriterionFactory(theme__framework=draft, short_title="canaryframework")
    assert Criterion.objects.filter(short_title="canaryframework").exists()
    assert Evidence.objects.count() == 2


def text_of(response: Any) -> str:
    """All that is in an answer, with what is packed in it, and where it leads."""
    content = b"".join(response) if response.streaming else response.content
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    return content.decode(errors="replace") + str(response.headers)


def asked(portal: Portal, client: Client) -> Iterator[tuple[str, str]]:
    """Every address with the objects of the secrets behind it; with SOAK=1 searched and filtered too."""
    for route in routes():
        if route.is_admin or route.name.startswith(OF_NOBODY_ELSE):
            continue
        address = portal.address(route)
        queries = QUERIES if SOAK and route.name.rpartition(":")[2] in COUNTED else ()
        exempt = (
            [address.replace("/7", "/8")]
            if route.name in ("papers:edition-detail", "papers:edition-pdf")
            else []
        )
        for one in (address, *exempt, *(address + query for query in queries)):
            yield one, text_of(client.get(one))


def printed(portal: Portal, person: User) -> str:
    """What the documents of a person would say, before any of it is laid out."""
    said = []
    for kind, parameters in {
        "health-check-matrix": {"cycle": portal.cycle.slug},
        "borough-brief": {"borough": portal.borough.slug},
        "committee-paper": {"paper": portal.paper.pk},
    }.items():
        try:
            said.append(str(gather(kind, parameters, by=person).content))
        except (PermissionDenied, *REFUSALS):
            said.append("")
    return "\n".join(said)


@pytest.mark.slow
def test_nobody_meets_a_word_that_they_may_not_read(portal, people):
    """Each field × each person: the word is in no page, export, document or header that they are given."""
    plant(portal, people)
    leaked, met, answers = [], defaultdict(set), 0
    asking = {who: people[who] for who in (people if SOAK else ASKING)}
    for who, person in asking.items():
        client = client_of(person)
        for address, text in asked(portal, client):
            answers += 1
            for word in set(CANARY.findall(text.lower())):
                met[word].add(who)
                if who not in MAY_READ.get(word, people):
                    leaked.append(f"{word} to {who} at {address}")
        if person is not None:
            words = set(CANARY.findall(printed(portal, person)))
            leaked += [f"{word} to {who} in print" for word in words if who not in MAY_READ[word]]

    print(f"row 8, words met by who may not read them: {len(leaked)} hits in {answers} answers")
    print(f"row 11, fields read by who may not: {len(leaked)} / {len(MAY_READ) * len(asking)} field × person")
    assert leaked == []
    assert {word: may & asking.keys() - met[word] for word, may in MAY_READ.items()} == dict.fromkeys(
        MAY_READ, set()
    ), "control"


def seen_by(portal: Portal, person: User) -> dict[str, str]:
    """The pages and files that count and sort, and the documents, without what is each answer's own."""
    client, found = client_of(person), {"print": printed(portal, person)}
    for name in COUNTED:
        for route in routes():
            if route.name.rpartition(":")[2] == name:
                text = text_of(client.get(portal.address(route)))
                found[name] = OWN_OF_EACH.sub("", text)
    return found


@pytest.mark.slow
def test_what_is_hidden_changes_no_count_and_no_order(portal, people):
    """The same pages over a green draft and over a red one: equal to whoever may read neither.

    How many have been answered, and when, everybody may know who reads boroughs (DESIGN §7).
    """
    ratings = Rating.objects.filter(health_check=portal.health_check)
    answer = {"rationale": "Seen", "rated_at": timezone.now(), "rated_by": people["head"]}
    swayed, total = {}, 0
    # The state of the health check would refuse the writes; what is asked is asked with all triggers on.
    with pgtrigger.ignore():
        ratings.update(value="green", **answer)
    for who in COUNTING:
        before = seen_by(portal, people[who])
        with transaction.atomic():
            with pgtrigger.ignore():
                ratings.update(value="red", **{**answer, "rationale": "Nobody is named"}, version=7)
                factories.CommentFactory(rating=portal.comment.rating)
                factories.EvidenceFactory(rating=portal.comment.rating, title="Another")
                factories.ChangedRatingFactory(rating=portal.comment.rating)
            after = seen_by(portal, people[who])
            transaction.set_rollback(True)
        swayed[who] = [name for name in before if before[name] != after[name]]
        total += len(before)

    told = swayed.pop("head")
    print(
        f"row 8, pages that what is hidden changed: {sum(map(len, swayed.values()))} / {total - len(COUNTED)}"
    )
    assert not any(swayed.values()), swayed
    assert {"london", "cycle-matrix", "matrix-export", "print"} <= set(told), (
        "control: the head sees the change"
    )

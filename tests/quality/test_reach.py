"""Whoever loses a borough writes nothing more there, and nothing is moved to where it was not (rows 6, 7)."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.models import ChangedRating, ChangeSet, Comment, Evidence, HealthCheck, Rating
from boroughs.models import BoroughLink
from cdrp_portal.status import Status
from committees.models import PaperSection
from recommendations.models import Action, AnsweredRating
from tests import factories
from tests.assessments.grid import make_cycle, make_framework
from tests.assessments.lives import State, cell, make_check
from tests.assessments.sheets import edit_csv
from tests.quality.pages import Tables
from tests.test_permissions import again

JSON = {"Accept": "application/json"}


@pytest.fixture
def check(epo, head, camden) -> HealthCheck:
    """Camden's, complete and open, with last cycle's before it."""
    earlier = make_cycle(make_framework(2), months_ago=1)
    make_check(State.SIGNED_OFF, epo, head, cycle=earlier, borough=camden)
    cycle = make_cycle(earlier.framework, previous=earlier)
    return make_check(State.DRAFT, epo, head, cycle=cycle, borough=camden)


# Row 7: the borough is taken away between the page and the save

Write = Callable[[Client], HttpResponse]


def hold(check: HealthCheck, epo, head, client: Client) -> dict[str, Any]:
    """What pages of theirs lead to: keys, versions, stamps, an upload that waits to be accepted."""
    Rating.objects.filter(pk=cell(check, "A2").pk).update(value="red", rationale="Nobody is named")
    first, second = cell(check), cell(check, "A2")
    give = {"dated_on": date(2010, 8, 31), "look_again_on": None, "url": "https://example.org", "by": epo}
    evidence = actions.add_evidence(rating=first, title="Minute 6", **give)
    gone = actions.add_evidence(rating=first, title="Minute 5", **give)
    actions.withdraw_evidence(evidence=gone, by=epo)
    thread = factories.CommentFactory(rating=first)
    edited = edit_csv(client.get(f"{check.cycle.get_absolute_url()}edit.csv").content, {(2, "Why"): "Half"})
    kept = client.post(
        f"{check.cycle.get_absolute_url()}import/", {"file": SimpleUploadedFile("ratings.csv", edited)}
    )
    given = actions.Given(second.pk, 1, actions.Answer(Status.RED, "Nobody is named yet", ""))
    made = actions.save_set(cycle=check.cycle, kind="bulk", title="A set", given=[given], by=epo)
    action = factories.ActionFactory(borough=check.borough)
    return {
        "evidence": evidence.pk,
        "gone": gone.pk,
        "stamp": actions.stamp_of(evidence),
        "thread": thread.pk,
        "token": kept.headers["Location"].split("/")[-2],
        "set": made.pk,
        "action": action.pk,
        "red": second.pk,
        "unit": action.lead_unit_id,
    }


def answer(version: int = 1) -> dict[str, Any]:
    return {"value": "amber", "rationale": "Half of it", "next_step": "", "version": version}


def writes(check: HealthCheck, held: dict[str, Any]) -> dict[str, Write]:
    """Everything that the officer of a borough may write there, by the addresses that their pages have."""
    today = timezone.localdate().isoformat()
    own, cycle = check.get_absolute_url(), check.cycle.get_absolute_url()
    minute = {"title": "Minute 7", "dated_on": "2010-08-31", "look_again_on": "", "whole": "1"}
    cells = f"{cell(check).pk}.1 {cell(check, 'A2').pk}.2"
    evidence = f"{own}A1/evidence/{held['evidence']}/"
    return {
        "row": lambda client: client.post(f"{own}A1/", answer()),
        "row by htmx": lambda client: client.post(f"{own}A1/", answer(), headers={"HX-Request": "true"}),
        "cell": lambda client: client.post(f"{own}A1/", answer(), headers=JSON),
        "draft": lambda client: client.post(f"{own}A1/draft/", answer()),
        "set": lambda client: client.post(f"{cycle}bulk/", {**answer(), "cells": cells}),
        "import": lambda client: client.post(f"{cycle}import/{held['token']}/", {"cells": cells}),
        "undo": lambda client: client.post(f"{cycle}sets/{held['set']}/undo/"),
        "submission": lambda client: client.post(f"{own}submit/"),
        "comment": lambda client: client.post(f"{own}A1/comments/", {"text": "Which minute"}),
        "evidence": lambda client: client.post(
            f"{own}A1/evidence/add/", {**minute, "url": "https://a.example"}
        ),
        "words of evidence": lambda client: client.post(
            f"{evidence}edit/", {**minute, "stamp": held["stamp"]}
        ),
        "withdrawal": lambda client: client.post(f"{evidence}withdraw/"),
        "giving back": lambda client: client.post(f"{own}A1/evidence/{held['gone']}/restore/"),
        "resolution": lambda client: client.post(f"{own}A1/comments/{held['thread']}/resolve/"),
        "answer": lambda client: client.post(f"{own}A1/comments/", {"text": "7", "reply_to": held["thread"]}),
        "clearing": lambda client: client.post(f"{own}A2/", {**answer(2), "clear": "1"}),
        "promise": lambda client: client.post(f"{own}A1/proof/", {"due_on": today}),
        "action": lambda client: client.post(
            f"/recommendations/actions/add/{held['red']}/", {"text": "Name one", "lead_unit": held["unit"]}
        ),
        "position": lambda client: client.post(
            f"/recommendations/actions/{held['action']}/positions/add/",
            {"stated_on": "2026-01-05", "status": "in_progress", "text": "Under way"},
        ),
        "visit": lambda client: client.post(
            "/boroughs/camden/visits/add/", {"visited_on": "2026-01-05", "note": "Met the manager"}
        ),
    }


def ways_out(epo) -> dict[str, Callable[[], Any]]:
    """Each way in which a borough is no longer theirs."""
    links = BoroughLink.objects.filter(person=epo)
    day, home = timezone.localdate(), links.get().borough
    other = factories.UserFactory(role=Role.EPO)
    person = type(epo).objects.filter(pk=epo.pk)
    return {
        "ended": lambda: links.update(period=DateRange(day - timedelta(days=30), day)),
        "not begun": lambda: links.update(period=DateRange(day + timedelta(days=1), None)),
        "deleted": links.delete,
        "handed over": lambda: (links.delete(), factories.BoroughLinkFactory(borough=home, person=other)),
        "of another borough": lambda: (links.delete(), factories.BoroughLinkFactory(person=epo)),
        **{
            f"now {role}": lambda role=role: person.update(role=role)
            for role in (Role.CLERK, Role.READER, Role.LEAD, Role.ADMINISTRATOR)
        },
        "shut out": lambda: person.update(is_active=False),
    }


@pytest.mark.slow
def test_a_borough_that_is_taken_away_takes_no_more_writes(check, epo, head, signed_in):
    """Twenty writes, each prepared by a page that was theirs, after each of ten ways of losing the place."""
    held = hold(check, epo, head, signed_in(epo))
    cookies = signed_in(epo).cookies.output(header="", sep=";")
    tables, written, idle, total = Tables(), [], [], 0
    for name, write in writes(check, held).items():
        with transaction.atomic():
            write(again(cookies))
            idle += [] if tables.changes() else [name]
            transaction.set_rollback(True)
    for way, lose in ways_out(epo).items():
        with transaction.atomic():
            lose()
            before = Tables()
            for name, write in writes(check, held).items():
                total += 1
                response = write(again(cookies))
                is_refused = response.status_code >= 400 or "/accounts/login/" in response.headers["Location"]
                written += [] if is_refused else [(way, name, response.status_code)]
            written += [(way, change) for change in before.changes()]
            transaction.set_rollback(True)

    print(f"row 7, writes after the borough was taken away: {len(written)} / {total}")
    assert written == []
    assert idle == [], "control: each of them writes as long as the borough is theirs"
    assert total >= 200


# Row 6: nothing is moved to another parent


def test_nothing_is_moved_to_another_parent(check, epo, head, islington, signed_in):
    """By the head, who may write on both sides: under another address, and with another's key in a form."""
    held = hold(check, epo, head, signed_in(epo))
    there = make_check(State.DRAFT, epo, head, cycle=check.cycle, borough=islington)
    thread = factories.CommentFactory(rating=cell(there))
    earlier = check.cycle.previous
    abroad, own, cycle = there.get_absolute_url(), check.get_absolute_url(), check.cycle.get_absolute_url()
    link = BoroughLink.objects.get(borough=check.borough, person=epo)
    meeting = factories.MeetingFactory(borough=islington, starts_at=timezone.now())
    today = timezone.localdate().isoformat()
    minute = {"title": "Moved", "dated_on": "2010-08-31", "look_again_on": "", "stamp": held["stamp"]}
    note = {"visited_on": today, "note": "Met"}
    cells = f"{cell(check).pk}.1"
    tries = [
        *(
            (f"{place}A{number}/evidence/{held[which]}/{verb}/", minute)
            for place, number in ((abroad, 1), (own, 2), (f"{earlier.get_absolute_url()}camden/", 1))
            for which, verb in (("evidence", "edit"), ("evidence", "withdraw"), ("gone", "restore"))
        ),
        *(
            (f"{place}A{number}/comments/{held['thread']}/{verb}/", {})
            for place, number in ((abroad, 1), (own, 2))
            for verb in ("resolve", "reopen")
        ),
        *(
            (f"{own}A1/comments/", {"text": "Yes", "reply_to": key})
            for key in (thread.pk, 10**9, "none", "-1")
        ),
        *((f"{earlier.get_absolute_url()}sets/{key}/undo/", {}) for key in (held["set"], 10**9)),
        (f"{earlier.get_absolute_url()}bulk/", {**answer(), "cells": cells}),
        (f"{earlier.get_absolute_url()}import/{held['token']}/", {"cells": cells}),
        (
            f"{cycle}bulk/",
            {**answer(), "cells": f"{cells} 1000000000.1"},
        ),
        (
            f"/boroughs/islington/links/{link.pk}/end/",
            {"ends_on": today, "version": "1"},
        ),
        *(("/boroughs/camden/visits/add/", {**note, "meeting": key}) for key in (meeting.pk, 10**9, "none")),
    ]
    client, tables, moved = signed_in(head), Tables(), []

    for address, data in tries:
        with transaction.atomic():
            status = client.post(address, data).status_code
            if status < 400 or tables.changes():
                moved.append((address, data, status))
            transaction.set_rollback(True)

    print(f"row 6, things moved to another parent: {len(moved)} / {len(tries)}")
    assert moved == []
    with transaction.atomic():
        client.post(f"{own}A1/evidence/{held['evidence']}/edit/", minute)
        assert tables.changes(), "control: under its own address it is changed"
        transaction.set_rollback(True)


def test_the_database_moves_no_rating_and_no_evidence(check, epo, head, islington, signed_in):
    """The last word, whatever code asks: to another borough's, to another criterion's, or to none."""
    held = hold(check, epo, head, signed_in(epo))
    other = make_check(State.DRAFT, epo, head, cycle=check.cycle, borough=islington)
    rating, evidence = Rating.objects.filter(pk=held["red"]), Evidence.objects.filter(pk=held["evidence"])
    changed = ChangedRating.objects.filter(change_set=held["set"])
    tries = [
        *((evidence, {"rating": parent}) for parent in (cell(other), cell(check, "A2"), None)),
        *((rating, {"health_check": parent}) for parent in (other, None)),
        *((rating, {"criterion": parent}) for parent in (cell(check).criterion, None)),
        *((changed, {"rating": parent}) for parent in (cell(other, "A2"), None)),
        (ChangeSet.objects.filter(pk=held["set"]), {"cycle": check.cycle.previous}),
        (Action.objects.filter(pk=held["action"]), {"origin": "rating"}),
        (Action.objects.filter(pk=held["action"]), {"key_point": None}),
        (Action.objects.filter(pk=held["action"]), {"rating": cell(other)}),
    ]
    moved = []
    for rows, to in tries:
        with suppress(IntegrityError), transaction.atomic():
            rows.update(**to)
            moved.append((rows.model.__name__, to))

    print(f"row 6, rows moved past the portal: {len(moved)} / {len(tries)}")
    assert moved == []
    assert evidence.update(title="Put right") == 1, "control: what may be changed is"


def test_the_database_moves_nothing_that_hangs_on_another(check, epo, head, signed_in):
    """Remarks, actions, links and sections; and with the triggers off each of them, which is the control."""
    held = hold(check, epo, head, signed_in(epo))
    elsewhere, section = factories.BoroughFactory(), factories.PaperSectionFactory()
    answers = factories.ActionFactory(origin="rating", key_point=None, rating=cell(check))
    action = Action.objects.filter(pk=held["action"])
    answered = AnsweredRating.objects.create(action=action.get(), rating=cell(check))
    thread = Comment.objects.get(pk=held["thread"])
    reply = factories.CommentFactory(rating=thread.rating, reply_to=thread)
    second = factories.CommentFactory(rating=thread.rating)
    moves = [
        (Comment.objects.filter(pk=held["thread"]), {"rating": cell(check, "A2")}),
        (Comment.objects.filter(pk=reply.pk), {"reply_to": second}),
        (Comment.objects.filter(pk=reply.pk), {"reply_to": None}),
        (AnsweredRating.objects.filter(pk=answered.pk), {"rating": cell(check, "A2")}),
        (AnsweredRating.objects.filter(pk=answered.pk), {"action": answers}),
        (action, {"borough": elsewhere}),
        (action, {"borough": None}),
        (action, {"key_point": factories.KeyPointFactory()}),
        (Action.objects.filter(pk=answers.pk), {"rating": cell(check, "A2")}),
        (BoroughLink.objects.filter(person=epo, borough=check.borough), {"borough": elsewhere}),
        (BoroughLink.objects.filter(person=epo, borough=check.borough), {"person": head}),
        (PaperSection.objects.filter(pk=section.pk), {"paper": factories.PaperFactory()}),
    ]

    through = [(rows.model.__name__, to) for rows, to in moves if is_moved(rows, to)]
    with pgtrigger.ignore():
        let_in = sum(is_moved(rows, to) for rows, to in moves)

    print(f"rows moved to another parent by SQL: {len(through)} / {len(moves)}; control: {let_in} let in")
    assert (through, let_in) == ([], len(moves))


def is_moved(rows: QuerySet[Any], to: dict[str, Any]) -> bool:
    """Whether the database lets it; taken back either way."""
    with suppress(IntegrityError), transaction.atomic():
        moved = rows.update(**to)
        transaction.set_rollback(True)
        return moved == 1
    return False

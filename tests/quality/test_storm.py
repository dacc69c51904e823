"""Sets against single saves in the opposite order, and all that can be done at once (QUALITY row 75)."""

import random
import threading

import pytest
from django.test import Client

from accounts.permissions import Role
from assessments.actions import sets
from assessments.models import Rating, ReviewCycle
from tests import factories
from tests.assessments.change_sets.given import open_cycle
from tests.quality.soak import size
from tests.test_permissions import again, signed_in_as
from tests.threads import at_once

REQUESTS, PEOPLE = size(60, 5_000), 4
CODES = ("A1", "A2", "A3", "A4")
JSON = {"Accept": "application/json"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    return open_cycle(head)


def sessions(count: int) -> list[str]:
    heads = [factories.UserFactory(role=Role.HEAD) for _ in range(count)]
    return [signed_in_as(one).cookies.output(header="", sep=";") for one in heads]


def versions(cycle: ReviewCycle) -> dict[str, tuple[int, int]]:
    """Each cell's address in the cycle, with its key and the version that would be saved over."""
    found = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__isnull=False)
    rows = found.order_by("pk").values_list("health_check__borough__slug", "criterion__code", "pk", "version")
    return {f"{slug}/{code}/": (pk, version) for slug, code, pk, version in rows}


def give_set(client: Client, cycle: ReviewCycle, chance: random.Random) -> int:
    now = versions(cycle)
    cells = " ".join(f"{pk}.{version}" for pk, version in now.values())
    answer = {"cells": cells, "value": chance.choice(["red", "amber"]), "rationale": f"Set {chance.random()}"}
    return client.post(f"{cycle.get_absolute_url()}bulk/", answer).status_code


def give_cells(client: Client, cycle: ReviewCycle, chance: random.Random) -> list[int]:
    """The cells of the set one by one, the last first."""
    told = []
    for address, (_pk, version) in reversed(versions(cycle).items()):
        answer = {
            "value": "amber",
            "rationale": f"Cell {chance.random()}",
            "next_step": "",
            "version": version,
        }
        told.append(client.post(cycle.get_absolute_url() + address, answer, headers=JSON).status_code)
    return told


def do_something(client: Client, cycle: ReviewCycle, chance: random.Random) -> int:
    """Anything else that holds a health check or one of its ratings."""
    borough, code = chance.choice(["camden", "islington"]), chance.choice(CODES)
    own = f"{cycle.get_absolute_url()}{borough}/"
    minute = {"title": "Minute", "dated_on": "2010-08-31", "url": "https://example.org", "whole": "1"}
    address, data = chance.choice(
        [
            (f"{own}submit/", {}),
            (f"{own}withdraw/", {}),
            (f"{own}withdraw/", {}),
            (f"{own}return/", {"reason": "Say more"}),
            (f"{own}{code}/comments/", {"text": "Which minute"}),
            (f"{own}{code}/evidence/add/", minute),
            (f"{own}{code}/flag/", {"note": "Look again", "version": "3"}),
            (f"{own}{code}/draft/", {"value": "red", "rationale": "Half", "next_step": "", "version": "0"}),
        ]
    )
    return client.post(address, data).status_code


@pytest.mark.slow
def test_sets_against_saves_in_reverse_order_never_fail(cycle):
    """Two give all eight cells as a set, two cell by cell, the last first; a fifth does all the rest."""
    people = sessions(PEOPLE + 1)
    over = threading.Event()

    def play(who: int) -> list[int]:
        client, chance, told = again(people[who]), random.Random(who), []
        while len(told) < REQUESTS // PEOPLE:
            told += [give_set(client, cycle, chance)] if who % 2 else give_cells(client, cycle, chance)
        over.set()
        return told

    def do_the_rest() -> list[int]:
        client, chance, told = again(people[PEOPLE]), random.Random(75), []
        while not over.is_set():
            told.append(do_something(client, cycle, chance))
        return told

    told = at_once(do_the_rest, *(lambda who=who: play(who) for who in range(PEOPLE)))

    assert all(isinstance(one, list) for one in told), told
    statuses = [status for one in told for status in one]
    failed = sum(status >= 500 for status in statuses)
    saved = sum(status in (200, 302) for one in told[1:] for status in one)
    print(f"row 75, sets against saves in reverse order: {failed} failures / {len(statuses)}, {saved} saved")
    assert failed == 0
    assert len(statuses) >= REQUESTS
    assert 0 < saved < len(statuses), "they met, and somebody got through"


def test_control_locked_in_two_orders_they_wait_in_a_ring(cycle, monkeypatch):
    """The cells locked one by one, by one person the last first: PostgreSQL ends one of the two (500)."""
    people = sessions(2)
    met = threading.Barrier(2, timeout=30)
    turn = iter([False, True])

    def in_an_order_of_its_own(cycle, ids, *, by):
        is_backwards, found = next(turn), []
        for pk in sorted(ids, reverse=is_backwards):
            found += (
                Rating.objects.select_for_update(of=("self",))
                .filter(pk=pk)
                .select_related("criterion", "health_check__cycle", "health_check__borough", "rated_by")
            )
            if len(found) == 1:
                met.wait()
        return found

    monkeypatch.setattr(sets, "locked_ratings", in_an_order_of_its_own)

    told = at_once(
        *(lambda who=who: give_set(again(people[who]), cycle, random.Random(who)) for who in (0, 1))
    )

    assert sorted(told)[-1] == 500

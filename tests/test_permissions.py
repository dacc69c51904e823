"""Every route × every actor × what they meet: tests/permissions holds the table."""

from itertools import cycle
from typing import Any

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from accounts.permissions import Role
from tests.permissions import TABLE
from tests.permissions.rows import Row
from tests.permissions.world import build_world
from tests.quality.soak import SOAK

METHODS = ("put", "patch", "delete")


@pytest.fixture
def world(
    db, epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington
) -> dict[str, Any]:
    return build_world(epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington)


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


@pytest.mark.slow
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


# What allauth's forms answer to PUT as to an empty POST: the form again, with what is missing.
FORMS_OF_THE_LIBRARY = ("account_", "mfa_")
REFUSED = {302, 403, 404, 405}
# Asked for by DELETE on purpose: its own tests say by whom.
DROPS_A_DRAFT = "assessments:rating-draft"


@pytest.mark.slow
def test_no_other_method_gets_further(
    world, epo, other_epo, clerk, member, head, lead, reader, administrator
):
    """QUALITY row 2: PUT, PATCH and DELETE on every address, own, foreign and absent, as everybody.

    On every run one of the three by turns; with SOAK=1 each.
    """
    people = [None, epo, other_epo, clerk, member, world["other_member"], head, lead, reader, administrator]
    clients = [signed_in_as(person) for person in people]
    addresses = {}
    for row in TABLE:
        kwargs = {
            name: world.get(value, value) if name in ("pk", "job", "rating") else value
            for name, value in row.kwargs.items()
        }
        addresses[reverse(row.route, kwargs=kwargs)] = row.route
    wrong, total, by_turns = [], 0, cycle(METHODS)
    for address, route in addresses.items():
        if route == DROPS_A_DRAFT:
            continue
        allowed = REFUSED | {200} if route.startswith(FORMS_OF_THE_LIBRARY) else REFUSED
        for person, client in zip(people, clients, strict=True):
            with transaction.atomic():
                for method in METHODS if SOAK else [next(by_turns)]:
                    status = getattr(client, method)(address).status_code
                    total += 1
                    if status not in allowed:
                        wrong.append(f"{method.upper()} {address} as {person or 'nobody'}: {status}")
                transaction.set_rollback(True)

    print(f"row 2, other methods that got further: {len(wrong)} / {total}")
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

"""Somebody who was shut out meets what a visitor meets, by every method, at every address (QUALITY row 2)."""

import pytest
from django.db import transaction

from accounts.models import User
from accounts.permissions import Role
from tests import factories
from tests.addresses import Portal, build_portal, client_of, routes
from tests.quality.soak import SOAK
from tests.test_permissions import again

METHODS = ("get", "head", "options", "post", "put", "patch", "delete") if SOAK else ("get", "post")


@pytest.fixture
def portal(db) -> Portal:
    return build_portal()


@pytest.mark.slow
def test_whoever_is_shut_out_is_a_visitor_from_the_next_request(portal):
    """The head's session, still in the browser; what may be read by everybody may be read by them."""
    head = factories.UserFactory(role=Role.HEAD)
    cookies = client_of(head).cookies.output(header="", sep=";")
    User.objects.filter(pk=head.pk).update(is_active=False)
    further, told = [], 0

    for route in routes():
        address = portal.address(route)
        for method in METHODS:
            with transaction.atomic():
                shut_out = getattr(again(cookies), method)(address).status_code
                visitor = getattr(again(""), method)(address).status_code
                transaction.set_rollback(True)
            told += 1
            if shut_out != visitor:
                further.append(f"{method} {route.name}: {shut_out}, a visitor {visitor}")

    print(f"row 2, answers to somebody shut out that a visitor does not get: {len(further)} / {told}")
    assert further == []
    assert (
        again(client_of(factories.UserFactory(role=Role.HEAD)).cookies.output(header="", sep=";"))
        .get(portal.cycle.get_absolute_url())
        .status_code
        == 200
    ), "control"

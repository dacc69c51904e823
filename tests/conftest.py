"""The cast: one person of each role, two boroughs, one open cycle. The same names in every test."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.test import Client, TransactionTestCase

from accounts.permissions import Role
from tests import factories
from tests.database import empty_what_was_filled, migrated_database

# pytest-django takes Django's own class for each test that commits.
TransactionTestCase._fixture_teardown = lambda self: empty_what_was_filled()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests begin first, so that no core waits for one at the end.

    The first process makes the database for both: the other meanwhile does what needs none.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    apart = [item for item in slow if not needs_database(item)]
    asking = [item for item in slow if needs_database(item)]
    quick = [item for item in items if not item.get_closest_marker("slow")]
    items[:] = [*asking[:1], *apart, *asking[1:], *quick]


def needs_database(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "django_db_setup"}
    return bool(asked.intersection(getattr(item, "fixturenames", ()))) or bool(
        item.get_closest_marker("django_db")
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """What slow tests run is not measured, nor what is made for them.

    Measuring doubles their time, and they run the same lines over and over; the quick tests reach those lines
    too, and they alone are held to the floor.
    """
    measuring = getattr(item.config.pluginmanager.getplugin("_cov"), "cov_controller", None)
    if measuring is None or not item.get_closest_marker("slow"):
        return (yield)
    measuring.pause()
    try:
        return (yield)
    finally:
        measuring.resume()


def pytest_collection_finish() -> None:
    """What stands by now stands to the end, so it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker) -> None:
    """A test's commit need not outlive a power cut, so it does not wait for the disk."""
    connections.settings["default"].setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
    with django_db_blocker.unblock():
        connections.settings["default"]["TEST"]["TEMPLATE"] = migrated_database()


@pytest.fixture(autouse=True)
def _plain_http_on_loopback(settings) -> None:
    """The tests speak plain HTTP, as `make run` does; the live settings have tests of their own."""
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = False
    settings.CSRF_COOKIE_SECURE = False
    # Each test client would read the whole folder of static files otherwise: a tenth of a second.
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def _passwords_that_cost_nothing(settings) -> None:
    """A million rounds of a hash for each person with a password would prove nothing here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_wait_for_documents(settings) -> None:
    """No worker runs beside most tests, so a page that gave it a moment would wait in vain."""
    settings.DOCUMENT_WAIT_SECONDS = 0
    # The second step of signing in has tests of its own; elsewhere it would stand before every page.
    settings.REQUIRE_SECOND_STEP = False


@pytest.fixture(autouse=True)
def _uploads_of_its_own(settings, tmp_path_factory) -> None:
    """What a test keeps is never among the files of the portal that runs beside it."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "uploads"


@pytest.fixture
def camden(db):
    return factories.BoroughFactory(name="Camden", slug="camden", gss_code="E09000007", tile_label="CMD")


@pytest.fixture
def islington(db):
    return factories.BoroughFactory(
        name="Islington", slug="islington", gss_code="E09000019", tile_label="ISL"
    )


@pytest.fixture
def epo(db, camden):
    """The officer of Camden, and of Camden alone."""
    user = factories.UserFactory(name="Demo Officer A", email="epo@demo.test", role=Role.EPO)
    factories.BoroughLinkFactory(borough=camden, person=user)
    return user


@pytest.fixture
def other_epo(db, islington):
    """The officer of Islington, and of Islington alone."""
    user = factories.UserFactory(name="Demo Officer B", email="epo2@demo.test", role=Role.EPO)
    factories.BoroughLinkFactory(borough=islington, person=user)
    return user


@pytest.fixture
def member(db, camden):
    """The link member of Camden."""
    user = factories.UserFactory(name="Demo Member A", email="member@demo.test", role=Role.MEMBER)
    factories.BoroughLinkFactory(borough=camden, person=user, kind="member")
    return user


@pytest.fixture
def clerk(db):
    return factories.UserFactory(name="Demo Clerk", email="clerk@demo.test", role=Role.CLERK)


@pytest.fixture
def head(db):
    return factories.UserFactory(name="Demo Head", email="head@demo.test", role=Role.HEAD)


@pytest.fixture
def lead(db):
    """An officer of a lead unit named Demo Lead Unit A."""
    user = factories.UserFactory(name="Demo Lead Officer", email="lead@demo.test", role=Role.LEAD)
    unit = factories.LeadUnitFactory(name="Demo Lead Unit A", slug="demo-lead-unit-a")
    unit.officers.add(user)
    return user


@pytest.fixture
def reader(db):
    return factories.UserFactory(name="Demo Reader", email="reader@demo.test", role=Role.READER)


@pytest.fixture
def administrator(db):
    return factories.UserFactory(name="Demo Administrator", email="admin@demo.test", role=Role.ADMINISTRATOR)


@pytest.fixture
def signed_in():
    """A client signed in as a person: `signed_in(epo).get(...)`."""

    def sign_in(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in

"""Whoever changes the record sets up a second step of signing in (QUALITY row 93)."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client
from django.utils import timezone

from accounts.middleware import ROLES_WITH_SECOND_STEP
from accounts.permissions import Role
from tests import factories


@pytest.fixture(autouse=True)
def _asked_for(settings, _no_wait_for_documents) -> None:
    settings.REQUIRE_SECOND_STEP = True


@pytest.mark.parametrize("role", Role.values)
def test_only_roles_that_change_the_record_are_sent_to_set_it_up(db, signed_in, role):
    person = factories.UserFactory(role=role)

    answer = signed_in(person).get("/accounts/2fa/" if role == Role.READER else "/")

    is_sent = answer.headers.get("Location") == "/accounts/2fa/totp/activate/"
    assert is_sent is (role in ROLES_WITH_SECOND_STEP)


def test_the_pages_that_set_it_up_stay_open(clerk, signed_in):
    client = signed_in(clerk)

    assert client.get("/accounts/").status_code == 200
    assert client.get("/accounts/2fa/").status_code == 200


def test_who_has_an_authenticator_goes_on(clerk, signed_in):
    TOTP.activate(clerk, generate_totp_secret())
    client = signed_in(clerk)

    assert client.get("/").status_code == 200
    assert client.get("/").status_code == 200


def test_a_password_alone_does_not_sign_in_where_there_is_a_second_step(db):
    clerk = factories.UserFactory(role=Role.CLERK, email="clerk@demo.test", password=factories.PASSWORD)
    secret = generate_totp_secret()
    TOTP.activate(clerk, secret)
    client = Client()

    first = client.post("/accounts/login/", {"login": clerk.email, "password": factories.PASSWORD})
    step = client.get("/accounts/2fa/authenticate/").content.decode()
    refused = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    code = format_hotp_value(hotp_value(secret, int(timezone.now().timestamp()) // 30))
    let_in = client.post("/accounts/2fa/authenticate/", {"code": code})

    assert first.headers["Location"] == "/accounts/2fa/authenticate/"
    assert "Second step" in step
    assert "Six digits from the app" in step
    assert refused.status_code == 200
    assert let_in.headers["Location"] == "/"
    assert Authenticator.objects.filter(user=clerk).count() >= 1

"""Signing in and one's own account."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.context import DEMO_PASSWORD
from accounts.models import User
from accounts.permissions import Permission, Role
from accounts.views import sentence
from tests import factories


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user("Clerk@Demo.test", factories.PASSWORD, name="Demo Clerk", role=Role.CLERK)


def post(client: Client, **facts: str):
    return client.post("/accounts/login/", facts)


def test_an_address_is_kept_in_small_letters_and_signs_in_in_any(client, person):
    answer = post(client, login="CLERK@demo.TEST", password=factories.PASSWORD)

    assert person.email == "clerk@demo.test"
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_meet_the_same_words(client, person):
    wrong = post(client, login="clerk@demo.test", password="something else").content.decode()
    unknown = post(client, login="nobody@demo.test", password="something else").content.decode()

    empty = post(client, login="", password="").content.decode()

    for page in (wrong, unknown):
        assert "That e-mail address and that password do not belong together." in page
    assert "Give the e-mail address." in empty
    assert "Give the password." in empty


def test_the_page_names_its_fields_and_shows_sign_ins_in_demonstrations_only(client, db, settings):
    settings.DEMO = False
    plain = client.get("/accounts/login/").content.decode()
    settings.DEMO = True
    shown = client.get("/accounts/login/?email=epo@demo.test").content.decode()

    assert "E-mail address" in plain
    assert DEMO_PASSWORD not in plain
    assert DEMO_PASSWORD in shown
    assert 'value="epo@demo.test"' in shown


def test_nobody_signs_up(client, db):
    assert client.get("/accounts/signup/").status_code == 404


def test_a_password_is_changed_in_plain_words(client, person):
    client.force_login(person)
    page = client.get("/accounts/password/change/").content.decode()
    facts = {
        "oldpassword": factories.PASSWORD,
        "password1": "a-new-long-one-32",
        "password2": "a-new-long-one-32",
    }

    client.post("/accounts/password/change/", facts)

    person.refresh_from_db()
    assert "Current password" in page
    assert person.check_password("a-new-long-one-32")


def test_a_forgotten_password_gets_a_link_by_mail_that_works_once(client, person, mailoutbox):
    client.post("/accounts/password/reset/", {"email": person.email})
    link = next(line for line in mailoutbox[0].body.splitlines() if "/password/reset/key/" in line).strip()
    path = link.partition("testserver")[2]
    page = client.get(path, follow=True)
    facts = {"password1": "a-new-long-one-32", "password2": "a-new-long-one-32"}

    client.post(page.request["PATH_INFO"], facts)
    again = Client().get(path, follow=True).content.decode()

    person.refresh_from_db()
    assert person.check_password("a-new-long-one-32")
    assert "This link no longer works" in again


def test_who_has_no_password_can_set_one(client, db):
    person = factories.UserFactory()
    client.force_login(person)

    sent = client.get("/accounts/password/change/")
    page = client.get(sent.headers["Location"]).content.decode()

    assert "Set a password" in page


def test_the_account_says_what_the_role_may_do(client, epo):
    client.force_login(epo)

    page = client.get("/accounts/").content.decode()

    assert "You may rate and submit for the boroughs you are linked to." in page
    assert sentence(Permission.RATE, epo.scope(Permission.RATE)) in page


@pytest.mark.parametrize(
    ("wanted", "sent_to"),
    [
        ("/help/", "/help/"),
        ("", "/accounts/"),
        ("//evil.example/", "/accounts/"),
        ("https://evil.example/", "/accounts/"),
        ("javascript:alert(1)", "/accounts/"),
        ("/\\evil.example", "/accounts/"),
    ],
)
def test_shortcuts_are_turned_off_and_one_stays_on_the_site(client, epo, wanted, sent_to):
    client.force_login(epo)

    answer = client.post("/accounts/shortcuts/", {"next": wanted})

    epo.refresh_from_db()
    assert epo.single_key_shortcuts is False
    assert answer.headers["Location"] == sent_to


def test_an_administrator_alone_has_the_admins_permissions(administrator, clerk, db):
    made = User.objects.create_superuser("root@demo.test", factories.PASSWORD, name="Demo Root")

    for person, may in ((administrator, True), (made, True), (clerk, False)):
        assert person.has_perm("boroughs.change_borough") is may
        assert person.has_perms(["boroughs.change_borough"]) is may
        assert person.has_module_perms("boroughs") is may


def test_people_are_found_by_their_address_and_role(clerk, epo):
    assert User.objects.get_by_natural_key("CLERK@demo.test") == clerk
    assert list(User.objects.active().with_role(Role.EPO)) == [epo]
    assert clerk.get_full_name() == "Demo Clerk"


def test_whoever_may_no_longer_sign_in_is_nobody_from_the_next_page_on(head, signed_in):
    client = signed_in(head)
    assert client.get("/accounts/").status_code == 200

    User.objects.filter(pk=head.pk).update(is_active=False)

    assert client.get("/accounts/").headers["Location"] == "/accounts/login/?next=/accounts/"


def test_session_that_has_ended_or_never_was_signs_nobody_in(head, signed_in):
    client = signed_in(head)
    Session.objects.update(expire_date=timezone.now())
    assert client.get("/accounts/").status_code == 302

    client.cookies["sessionid"] = "a" * 32
    assert client.get("/accounts/").status_code == 302
    assert not Session.objects.filter(session_key="a" * 32).exists()

"""People and reference data: what administrators may do there, and nobody else."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.urls import reverse

from accounts.models import User
from assessments.models import Criterion
from boroughs.models import Borough, BoroughLink
from committees.models import CommitteeMeeting, PaperTemplate
from recommendations.models import Recommendation
from tests import factories

PASSWORD = "a-long-enough-word-4"


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows(epo, member, lead):
    """One row at least of the main models."""
    rating = factories.RatingFactory()
    action = factories.ActionFactory(borough=epo.links.get().borough)
    paper = factories.PaperFactory()
    factories.MeetingFactory(borough=action.borough)
    return [rating.criterion, action, action.key_point, action.key_point.recommendation, paper.template]


@pytest.mark.slow
def test_every_page_opens_for_administrators_and_for_nobody_else(signed_in, administrator, rows, request):
    bad = total = 0
    roles = ("epo", "clerk", "member", "head", "lead", "reader")
    others = [signed_in(request.getfixturevalue(name)) for name in roles]
    allowed = signed_in(administrator)
    pages = [reverse("admin:index")]
    for model in admin.site._registry:
        pages.append(address(model, "changelist"))
        first = model._default_manager.first()
        if first is not None:
            pages += [address(model, "change", first.pk), address(model, "history", first.pk)]
    for page in pages:
        bad += allowed.get(page).status_code != 200
        bad += sum(person.get(page).status_code not in (302, 403) for person in others)
        total += 1 + len(others)
    print(f"administration pages: {bad} bad / {total}")

    assert bad == 0
    assert total > 200


def test_somebody_signed_in_is_not_let_in_by_the_admin_s_own_form(client, administrator):
    response = client.get("/admin/login/", follow=True)

    assert response.redirect_chain[0][0].startswith(reverse("account_login"))


def test_administrator_adds_a_person_who_can_then_sign_in(signed_in, administrator, client):
    data = {"email": "New.Person@Demo.test", "name": "Demo New", "role": "clerk"}

    response = signed_in(administrator).post(
        address(User, "add"), {**data, "password1": PASSWORD, "password2": PASSWORD}
    )

    person = User.objects.get(name="Demo New")
    assert response.status_code == 302
    assert (person.email, person.role, person.is_staff) == ("new.person@demo.test", "clerk", False)
    assert client.login(email="new.person@demo.test", password=PASSWORD)


def test_address_of_another_person_is_refused_with_their_name(signed_in, administrator, reader):
    response = signed_in(administrator).post(
        address(User, "add"),
        {
            "email": "READER@demo.test",
            "name": "Demo Twin",
            "role": "reader",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert response.status_code == 200
    assert "Demo Reader signs in with this address." in response.content.decode()
    assert not User.objects.filter(name="Demo Twin").exists()


def test_short_password_is_refused(signed_in, administrator):
    signed_in(administrator).post(
        address(User, "add"),
        {
            "email": "x@demo.test",
            "name": "Demo X",
            "role": "reader",
            "password1": "short",
            "password2": "short",
        },
    )

    assert not User.objects.filter(name="Demo X").exists()


def person_data(person, **changes):
    data = {"email": person.email, "name": person.name, "role": person.role, "is_active": "on"}
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def test_person_is_shut_out_at_the_next_request(signed_in, administrator, reader):
    theirs = signed_in(reader)
    theirs.get("/recommendations/")

    signed_in(administrator).post(address(User, "change", reader.pk), person_data(reader, is_active=None))

    assert theirs.get("/recommendations/").status_code == 302


def test_old_address_no_longer_lets_in(signed_in, administrator, reader):
    EmailAddress.objects.create(user=reader, email="reader@demo.test", verified=True, primary=True)

    signed_in(administrator).post(
        address(User, "change", reader.pk), person_data(reader, email="other@demo.test")
    )

    reader.refresh_from_db()
    assert reader.email == "other@demo.test"
    assert not EmailAddress.objects.filter(user=reader).exists()


def test_administrator_cannot_shut_themselves_out(signed_in, administrator):
    signed_in(administrator).post(
        address(User, "change", administrator.pk), person_data(administrator, role="reader", is_active=None)
    )

    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == ("administrator", True)


def test_password_is_given_anew(signed_in, administrator, reader, client):
    signed_in(administrator).post(
        reverse("admin:auth_user_password_change", args=[reader.pk]),
        {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"},
    )

    assert client.login(email="reader@demo.test", password=PASSWORD)


def test_nothing_that_is_kept_can_be_deleted(signed_in, administrator, rows):
    client = signed_in(administrator)
    bad = total = 0
    for model in admin.site._registry:
        first = model._default_manager.first()
        if first is None or model is CommitteeMeeting and not first.papers.exists():
            continue
        bad += client.post(address(model, "delete", first.pk), {"post": "yes"}).status_code != 403
        bad += not model._default_manager.filter(pk=first.pk).exists()
        total += 1
    print(f"deletions of reference data: {bad} bad / {total}")

    assert bad == 0
    assert total > 10


def test_meeting_without_papers_may_be_taken_out(signed_in, administrator):
    meeting = factories.CommitteeMeetingFactory()

    signed_in(administrator).post(address(CommitteeMeeting, "delete", meeting.pk), {"post": "yes"})

    assert not CommitteeMeeting.objects.exists()


def test_second_step_is_taken_away_and_its_secret_is_not_shown(signed_in, administrator, clerk):
    step = Authenticator.objects.create(user=clerk, type="totp", data={"secret": "CANARY"})
    client = signed_in(administrator)

    shown = client.get(address(Authenticator, "change", step.pk)).content.decode()
    client.post(address(Authenticator, "delete", step.pk), {"post": "yes"})

    assert "CANARY" not in shown
    assert not Authenticator.objects.exists()


def test_links_are_only_read_here(signed_in, administrator, epo):
    link = BoroughLink.objects.get()
    client = signed_in(administrator)

    assert client.get(address(BoroughLink, "add")).status_code == 403
    assert client.post(address(BoroughLink, "change", link.pk), {"kind": "member"}).status_code == 403


def test_borough_keeps_its_name_and_code(signed_in, administrator, camden):
    data = {
        "bocu_code": "EK",
        "tile_label": "CMD",
        "tile_column": camden.tile_column,
        "tile_row": camden.tile_row,
        "note": "",
        "name": "City of London",
        "gss_code": "E09000001",
    }

    response = signed_in(administrator).post(address(Borough, "change", camden.pk), data)

    camden.refresh_from_db()
    assert response.status_code == 302
    assert (camden.name, camden.gss_code, camden.bocu_code) == ("Camden", "E09000007", "EK")


def criterion_data(criterion, **changes):
    return {
        "theme": criterion.theme_id,
        "code": criterion.code,
        "position": criterion.position,
        "short_title": criterion.short_title,
        "authority_wording": criterion.authority_wording,
        "borough_wording": criterion.borough_wording,
        "evidence_expected": "",
        "derived_from": "",
        **changes,
    }


def test_criterion_changes_until_a_cycle_has_asked_it(signed_in, administrator):
    criterion = factories.CriterionFactory()
    client = signed_in(administrator)
    page = address(Criterion, "change", criterion.pk)

    before = client.post(page, criterion_data(criterion, short_title="New title"))
    factories.ReviewCycleFactory(framework=criterion.theme.framework)
    after = client.post(page, criterion_data(criterion, short_title="Newer title"))

    criterion.refresh_from_db()
    assert (before.status_code, after.status_code) == (302, 403)
    assert criterion.short_title == "New title"


def recommendation_data(recommendation, **changes):
    return {
        "theme": recommendation.theme,
        "short_title": recommendation.short_title,
        "responsible_body": "MPA",
        "supporting_bodies": "",
        "plan_order": 1,
        "acceptance": "none_recorded",
        "accepted_on": "",
        "progress": "",
        **changes,
    }


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"acceptance": "agreed"}, "Give the day of the decision."),
        ({"accepted_on": "2003-01-30"}, "Without a decision there is no day"),
    ],
)
def test_acceptance_and_its_day_go_together(signed_in, administrator, changes, sentence):
    recommendation = factories.RecommendationFactory()

    response = signed_in(administrator).post(
        address(Recommendation, "change", recommendation.pk), recommendation_data(recommendation, **changes)
    )

    assert sentence in response.content.decode()
    recommendation.refresh_from_db()
    assert recommendation.acceptance == "none_recorded"


def test_theme_is_changed_and_the_history_tells_who_did_it(signed_in, administrator):
    recommendation = factories.RecommendationFactory(theme="Working with partners")
    client = signed_in(administrator)
    page = address(Recommendation, "change", recommendation.pk)

    client.post(page, recommendation_data(recommendation, theme="Structures", full_text="Forged"))
    history = client.get(address(Recommendation, "history", recommendation.pk)).content.decode()

    recommendation.refresh_from_db()
    assert (recommendation.theme, recommendation.full_text) == ("Structures", "All CDRPs should do this.")
    assert "Demo Administrator changed the theme from “Working with partners” to “Structures”" in (
        history.replace("&quot;", '"')
    )


def test_lead_unit_s_officers_are_lead_unit_officers(signed_in, administrator, lead, reader):
    unit = lead.lead_units.get()
    client = signed_in(administrator)
    page = address(type(unit), "change", unit.pk)
    data = {"name": unit.name, "slug": unit.slug, "organisation": ""}

    refused = client.post(page, {**data, "officers": [reader.pk]})
    taken = client.post(page, {**data, "officers": [lead.pk]})

    assert (refused.status_code, taken.status_code) == (200, 302)
    assert list(unit.officers.all()) == [lead]


HEADING = {"key": "a", "one": "", "many": "", "numbering": "none", "text": ""}


@pytest.mark.parametrize(
    ("headings", "sentence"),
    [
        ('{"key": "a"}', "Give a list of headings."),
        ('[{"key": "a"}]', "Heading 1 needs: key, many, numbering, one, text."),
        (
            json.dumps([HEADING] * 2),
            "Two headings have one key.",
        ),
        (json.dumps([HEADING | {"key": "a" * 41}]), "The key of heading 1 is part of an address"),
        (json.dumps([HEADING | {"numbering": "roman"}]), "The numbering of heading 1 is one of: "),
        ("not json", "Enter a valid JSON"),
    ],
)
def test_template_headings_are_checked(signed_in, administrator, headings, sentence):
    response = signed_in(administrator).post(
        address(PaperTemplate, "add"), {"name": "New", "starts_on": "2010-01-01", "headings": headings}
    )

    assert sentence in response.content.decode()
    assert not PaperTemplate.objects.exists()

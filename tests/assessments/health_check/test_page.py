"""The page of a health check: who reads it, what it shows, its submission and its history."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import GRANTS, Permission, Role, Scope
from assessments import actions
from tests import factories
from tests.assessments.grid import make_framework
from tests.assessments.health_check.checks import open_cycle, save, save_url, typed

pytestmark = pytest.mark.django_db


def test_page_shows_last_cycles_answer_beside_each_criterion(check, epo, member, signed_in):
    page = signed_in(epo).get(check.get_absolute_url())

    text = page.content.decode()
    assert page.status_code == 200
    assert "Camden: Autumn 2010 health check" in text
    assert "Last time A1" in text
    assert "Last cycle, Spring 2010" in text
    assert "Link member Demo Member A." in text
    assert text.count("Use this answer again") == 3
    assert [row.code for row in page.context["page"].rows] == ["A1", "A2", "A3"]


def test_page_of_the_authority_asks_its_own_wording(cycle, head, signed_in):
    page = signed_in(head).get(reverse("assessments:health-check", args=[cycle.slug, "authority"]))

    assert [row.code for row in page.context["page"].rows] == ["A1", "A2", "A3", "A4"]
    assert "The Authority does it everywhere" in page.content.decode()
    assert "Link member" not in page.context["link_member"]


@pytest.mark.parametrize(
    ("who", "status", "editable"),
    [
        ("epo", 200, True),
        ("head", 200, True),
        ("clerk", 200, False),
        ("member", 200, False),
        ("administrator", 200, False),
        ("other_epo", 404, None),
        ("reader", 404, None),
        ("lead", 404, None),
    ],
)
def test_draft_opens_for_whoever_may_read_it_and_is_rated_by_whoever_may(
    who, status, editable, check, request, signed_in
):
    page = signed_in(request.getfixturevalue(who)).get(check.get_absolute_url())

    assert page.status_code == status
    if editable is not None:
        assert page.context["editable"] is editable
        assert (b'type="radio"' in page.content) is editable


def test_signed_off_is_read_by_everyone_without_what_is_not(check, head, reader, epo, signed_in):
    for code in ("A1", "A2", "A3"):
        save(check, epo, code, rationale=f"Canary {code}")
    assert signed_in(reader).get(check.get_absolute_url()).status_code == 404
    actions.submit(health_check=check, by=epo)
    actions.sign_off(health_check=check, by=head)

    page = signed_in(reader).get(check.get_absolute_url())

    assert page.status_code == 200
    assert b"Canary A1" in page.content
    assert b"Signed off on" in page.content


def test_last_cycle_is_withheld_where_it_was_never_signed_off(
    head, camden, framework, reader, epo, signed_in
):
    before = open_cycle(head, framework, "Spring 2010", since=200)
    save(before.health_checks.get(borough=camden), epo, rationale="Canary of last cycle")
    now = open_cycle(head, framework, previous=before)
    check = now.health_checks.get(borough=camden)
    for code in ("A1", "A2", "A3"):
        save(check, epo, code)
    actions.submit(health_check=check, by=epo)
    actions.sign_off(health_check=check, by=head)

    assert b"Canary of last cycle" in signed_in(epo).get(check.get_absolute_url()).content
    assert b"Canary of last cycle" not in signed_in(reader).get(check.get_absolute_url()).content


def test_unknown_cycle_borough_or_criterion_is_not_found(check, epo, signed_in):
    client = signed_in(epo)

    for cycle, subject in (("atlantis", "camden"), (check.cycle.slug, "atlantis")):
        assert client.get(f"/assessments/{cycle}/{subject}/").status_code == 404
    for data in (typed(), typed(value=""), typed(version="x")):
        assert client.post(save_url(check, "Z9"), data).status_code == 404


def test_whoever_may_rate_may_read_drafts_as_far():
    """What a save answers with is not asked for `visible_to` again: this is why."""
    raters = {role: grants for role, grants in GRANTS.items() if Permission.RATE in grants}

    assert raters
    for grants in raters.values():
        assert grants[Permission.READ_DRAFT_RATINGS] in (Scope.ANY, grants[Permission.RATE])


@pytest.mark.parametrize("criteria", [1, 3, 30])
def test_page_takes_the_same_queries_whatever_its_size(
    criteria, head, camden, epo, signed_in, django_assert_num_queries
):
    before = open_cycle(head, make_framework(criteria), "Spring 2010", since=200)
    cycle = open_cycle(head, before.framework, previous=before)
    check = cycle.health_checks.get(borough=camden)
    for code in check.ratings.values_list("criterion__code", flat=True):
        save(check, epo, code)
    client, url = signed_in(epo), check.get_absolute_url()

    with django_assert_num_queries(12):
        client.get(url)


def test_submission_says_what_is_missing_then_hands_over_then_can_be_taken_back(check, epo, signed_in):
    client = signed_in(epo)
    submit = f"{check.get_absolute_url()}submit/"
    save(check, epo, "A1", "red", rationale="")

    page = client.get(submit).content.decode()
    assert f'<a href="{check.get_absolute_url()}#A1">Say why A1 Title A1 is red</a>' in page
    assert "Answer A2 Title A2" in page
    refused = client.post(submit)
    assert (refused.status_code, b"Not submitted" in refused.content) == (422, True)

    save(check, epo, "A1", "red", version=1)
    for code in ("A2", "A3"):
        save(check, epo, code, rationale="" if code == "A3" else "Said so")
    page = client.get(submit).content.decode()
    assert "Submit the health check" in page
    assert "Say why A3 Title A3 is green" in page
    done = client.post(submit, follow=True)
    assert done.redirect_chain == [(check.get_absolute_url(), 302)]
    assert b"The head of partnerships has Camden to sign off." in done.content
    assert b"Take it back" in done.content
    assert b"nothing to submit" in client.get(submit).content
    assert b"Take it back to change it." in client.post(submit).content

    back = client.post(f"{check.get_absolute_url()}withdraw/", follow=True)
    assert b"Camden is yours to change again." in back.content
    check.refresh_from_db()
    assert check.state == "draft"
    again = client.post(f"{check.get_absolute_url()}withdraw/", follow=True)
    assert b"Camden has not been submitted." in again.content


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 403), ("member", 403), ("administrator", 403), ("other_epo", 404), ("reader", 404)],
)
def test_submission_is_refused_to_whoever_may_not_rate(who, status, check, request, signed_in):
    client = signed_in(request.getfixturevalue(who))

    assert client.get(f"{check.get_absolute_url()}submit/").status_code == status
    assert client.post(f"{check.get_absolute_url()}submit/").status_code == status
    assert client.post(f"{check.get_absolute_url()}withdraw/").status_code == status


def test_history_tells_each_change_to_whoever_may_see_the_health_check(
    check, epo, member, other_epo, signed_in
):
    save(check, epo, "A1", "red", rationale="First")
    save(check, epo, "A1", "amber", rationale="Second", version=1)
    url = reverse("assessments:health-check-history", args=[check.cycle.slug, "camden"])

    page = signed_in(member).get(url).content.decode()

    assert "Demo Officer A changed the rating of A1 Title A1 from Red to Amber" in page
    assert "Demo Officer A changed the reason of A1 Title A1 from “First” to “Second”" in page
    assert "from Red to Amber" in signed_in(epo).get(check.get_absolute_url()).content.decode()
    assert signed_in(other_epo).get(url).status_code == 404


def test_history_of_drafts_is_told_after_the_sign_off_to_those_alone_who_may_read_drafts(
    check, epo, head, other_epo, reader, signed_in
):
    save(check, epo, "A1", "red", rationale="CANARY")
    for code, version in (("A1", 1), ("A2", 0), ("A3", 0)):
        save(check, epo, code, rationale="Agreed", version=version)
    actions.submit(health_check=check, by=epo)
    actions.sign_off(health_check=check, by=head)
    base = check.get_absolute_url()
    today = timezone.localdate().isoformat()
    pages = (base, f"{base}history/", f"{base}A1/", f"{base}A1/?as_at={today}")

    for person, knows in ((epo, True), (other_epo, False), (reader, False)):
        client = signed_in(person)
        told = [client.get(page).content.decode() for page in pages]
        assert ["CANARY" in page for page in told] == [knows] * len(pages), person
        assert "from Submitted to Signed off" in told[1]


def test_shortcuts_are_offered_and_can_be_turned_off(check, epo, signed_in):
    client = signed_in(epo)
    assert b'data-shortcuts="on"' in client.get(check.get_absolute_url()).content

    epo.single_key_shortcuts = False
    epo.save()

    page = client.get(check.get_absolute_url()).content
    assert b'data-shortcuts="off"' in page
    assert b"Turn single-key shortcuts on" in page


def test_vacant_seat_and_its_cover_are_named(check, epo, camden, signed_in):
    url = check.get_absolute_url()
    assert b"No link member." in signed_in(epo).get(url).content
    cover = factories.UserFactory(name="Demo Member Z", role=Role.MEMBER)
    factories.BoroughLinkFactory(borough=camden, person=cover, kind="member_cover")

    assert b"No link member; cover by Demo Member Z." in signed_in(epo).get(url).content


def test_closed_cycle_is_read_and_says_so(spring, camden, islington, epo, head, signed_in):
    read = signed_in(epo).get(f"/assessments/{spring.slug}/camden/")
    assert (read.context["editable"], b"Signed off on" in read.content) == (False, True)

    never = signed_in(head).get(f"/assessments/{spring.slug}/islington/")
    assert b"Never submitted. Spring 2010 was closed on" in never.content


def test_text_of_a_rating_is_shown_as_text(check, epo, signed_in):
    hostile = "</textarea><script>alert(1)</script>{{7*7}}"

    signed_in(epo).post(save_url(check), typed(rationale=hostile, next_step=hostile))

    text = signed_in(epo).get(check.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    assert "{{7*7}}" in text

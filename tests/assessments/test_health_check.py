"""The health check's page: rated with and without scripts, read by whoever may, submitted and taken back."""

import re
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import GRANTS, Permission, Role, Scope
from assessments import actions
from assessments.content.conflict import both_texts
from assessments.content.health_check import save_state
from assessments.models import HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db


def open_cycle(head, framework, name="Autumn 2010", previous=None, since=30) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=framework,
        name=name,
        opens_on=today - timedelta(days=since),
        closes_on=today + timedelta(days=30),
        previous=previous,
        by=head,
    )


@pytest.fixture
def framework():
    return make_framework(3, authority_alone=1)


@pytest.fixture
def spring(head, camden, islington, framework) -> ReviewCycle:
    """Last cycle, closed: Camden was amber on A1, with a reason, and signed off."""
    cycle = open_cycle(head, framework, "Spring 2010", since=200)
    check = cycle.health_checks.get(borough=camden)
    for code, value in (("A1", "amber"), ("A2", "green"), ("A3", "green")):
        actions.save_rating(
            health_check=check,
            criterion_code=code,
            value=value,
            rationale=f"Last time {code}",
            next_step="Ask again",
            version=0,
            by=head,
        )
    # Nobody signs off what they submitted themselves.
    actions.submit(health_check=check, by=factories.UserFactory(role="head"))
    actions.sign_off(health_check=check, by=head)
    return actions.close_cycle(cycle=cycle, by=head)


@pytest.fixture
def cycle(head, spring, framework) -> ReviewCycle:
    return open_cycle(head, framework, previous=spring)


@pytest.fixture
def check(cycle, camden) -> HealthCheck:
    return cycle.health_checks.get(borough=camden)


def typed(**fields) -> dict:
    return {"value": "red", "rationale": "No seat", "next_step": "", "version": 0, **fields}


def save_url(check, code="A1") -> str:
    return f"{check.get_absolute_url()}{code}/"


def stored(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "rationale", "next_step", "version").get(criterion__code=code)


def save(check, by, code="A1", value="green", rationale="Said so", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step="",
        version=version,
        by=by,
    )


HTMX = {"HTTP_HX_REQUEST": "true"}


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


def test_show_narrows_to_one_rating_and_refuses_what_it_does_not_know(check, epo, signed_in):
    save(check, epo, "A1", "red")
    client = signed_in(epo)

    red = client.get(check.get_absolute_url(), {"show": "red"}).content.decode()
    assert ('id="A1"' in red, 'id="A2"' in red) == (True, False)
    refused = client.get(check.get_absolute_url(), {"show": "purple"})
    assert refused.status_code == 400
    assert b"Show one of green, amber, red" in refused.content


def test_row_is_saved_without_scripts_and_leads_back_to_itself(check, epo, signed_in):
    client = signed_in(epo)

    answer = client.post(save_url(check), typed(rationale="One\r\ntwo", next_step="Ask"))

    assert (answer.status_code, answer.url) == (302, f"{check.get_absolute_url()}#A1")
    assert stored(check) == ("red", "One\ntwo", "Ask", 1)
    page = client.get(check.get_absolute_url()).content.decode()
    assert re.search(r"Saved at \d\d:\d\d", page)
    assert "Worse: was Amber" in page


def test_row_is_saved_by_htmx_around_what_is_being_typed(check, epo, signed_in):
    answer = signed_in(epo).post(save_url(check), typed(), **HTMX)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<textarea" not in text
    assert '<input type="hidden" name="version" value="1">' in text
    assert "1 of 3 answered" in text
    assert "HX-Retarget" not in answer.headers
    assert "A1: Saved at" in answer.headers["HX-Trigger"]


def test_whoever_may_rate_may_read_drafts_as_far():
    """What a save answers with is not asked for `visible_to` again: this is why."""
    raters = {role: grants for role, grants in GRANTS.items() if Permission.RATE in grants}

    assert raters
    for grants in raters.values():
        assert grants[Permission.READ_DRAFT_RATINGS] in (Scope.ANY, grants[Permission.RATE])


@pytest.mark.parametrize(("value", "words"), [("amber", "Re-confirmed at"), ("red", "Saved at")])
def test_answer_that_is_last_cycles_too_is_reconfirmed(value, words, check, epo, signed_in):
    answer = signed_in(epo).post(save_url(check), typed(value=value), **HTMX)

    assert words in answer.content.decode()


def test_row_without_a_choice_keeps_the_rating_that_stands(check, epo, signed_in):
    save(check, epo, value="amber")

    signed_in(epo).post(save_url(check), {"rationale": "More", "next_step": "", "version": 1})

    assert stored(check) == ("amber", "More", "", 2)


def test_answer_can_be_cleared_and_last_cycles_used_again(check, epo, signed_in):
    client = signed_in(epo)

    again = client.post(save_url(check), typed(value="", rationale="", again=1), **HTMX)
    assert stored(check) == ("amber", "Last time A1", "Ask again", 1)
    assert again.headers["HX-Retarget"] == "#A1"
    assert b"<textarea" in again.content
    client.post(save_url(check), typed(value="amber", rationale="Last time A1", version=1, clear=1))
    assert stored(check) == ("not_assessed", "Last time A1", "", 2)


def test_conflict_shows_both_texts_and_keeps_what_was_typed(check, epo, head, signed_in):
    save(check, head, value="red", rationale="Their text")

    page = signed_in(epo).post(save_url(check), typed(value="amber", rationale="My text"))

    text = page.content.decode()
    assert page.status_code == 409
    assert "<title>Error: " in text
    assert re.search(r"Demo Head changed this rating at \d\d:\d\d, while you were writing", text)
    assert (text.count("My text") >= 2, text.count("Their text") >= 1) == (True, True)
    assert '<input type="hidden" name="version" value="0">' in text
    assert '<input type="hidden" name="seen" value="1">' in text
    assert stored(check) == ("red", "Their text", "", 1)


def test_conflict_by_htmx_leaves_the_typed_text_alone(check, epo, head, signed_in):
    save(check, head, value="red", rationale="Their text")

    answer = signed_in(epo).post(save_url(check), typed(rationale="My text"), **HTMX)

    text = answer.content.decode()
    assert answer.status_code == 409
    assert "<textarea" not in text
    assert ("My text" in text, "Their text" in text) == (True, True)
    assert "changed this reason" in answer.headers["HX-Trigger"]
    assert '"urgent": true' in answer.headers["HX-Trigger"]


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("both", ("amber", "Their text\n\nMy text", "Their step\n\nMy step", 2)),
        ("mine", ("amber", "My text", "My step", 2)),
        ("theirs", ("red", "Their text", "Their step", 1)),
    ],
)
def test_conflict_is_settled_by_one_of_three_buttons(choice, expected, check, epo, head, signed_in):
    actions.save_rating(
        health_check=check,
        criterion_code="A1",
        value="red",
        rationale="Their text",
        next_step="Their step",
        version=0,
        by=head,
    )
    mine = typed(value="amber", rationale="My text", next_step="My step", resolve=choice, seen=1)

    answer = signed_in(epo).post(save_url(check), mine)

    assert answer.status_code == 302
    assert stored(check) == expected


def test_conflict_settled_over_a_text_newer_still_is_a_conflict_again(check, epo, head, signed_in):
    save(check, head, value="red", rationale="Theirs")
    save(check, head, value="red", rationale="Theirs, newer", version=1)

    for choice in ("both", "mine"):
        answer = signed_in(epo).post(save_url(check), typed(rationale="Mine", resolve=choice, seen=1), **HTMX)
        assert answer.status_code == 409

    assert stored(check)[1] == "Theirs, newer"


def test_both_texts_are_not_said_twice_and_fit():
    assert both_texts("One. Two.", "Two.", limit=20) == "One. Two."
    assert both_texts("", "Mine", limit=20) == "Mine"
    assert both_texts("Theirs", "", limit=20) == "Theirs"


def test_both_texts_that_do_not_fit_say_what_to_do(check, epo, head, signed_in):
    save(check, head, rationale="t" * 3000)

    page = signed_in(epo).post(save_url(check), typed(rationale="m" * 3000, resolve="both", seen=1))

    assert page.status_code == 422
    assert b"Both texts together are longer than 4,000 characters. Shorten yours first." in page.content
    assert b"m" * 3000 in page.content


BAD_ROWS = {
    "unknown value": ({"value": "purple"}, "Choose green, amber, red or less relevant."),
    "less relevant without a reason": (
        {"value": "less_relevant", "rationale": ""},
        "Say why A1 Title A1 is less relevant",
    ),
    "no version": ({"version": ""}, "Load this page again before saving."),
    "version that is no number": ({"version": "one"}, "Load this page again before saving."),
    "version below nought": ({"version": -1}, "Load this page again before saving."),
    "version too large": ({"version": 10**12}, "Load this page again before saving."),
    "reason too long": ({"rationale": "x" * 4001}, "Shorten the reason to 4,000 characters."),
    "next step too long": ({"next_step": "x" * 2001}, "Shorten the next step to 2,000 characters."),
    "reason with a null": ({"rationale": "a\x00b"}, "Null characters are not allowed."),
    "choice between texts without what was seen": ({"resolve": "mine"}, "Load this page again"),
    "unknown choice between texts": ({"resolve": "ours", "seen": 1}, "Load this page again"),
}


@pytest.mark.parametrize("bad", BAD_ROWS)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_bad_row_is_refused_with_a_sentence_and_changes_nothing(bad, headers, check, epo, signed_in):
    fields, sentence = BAD_ROWS[bad]

    answer = signed_in(epo).post(save_url(check), typed(**fields), **headers)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert stored(check) == ("not_assessed", "", "", 0)


def test_refused_row_keeps_the_typed_text_and_links_to_its_field(check, epo, signed_in):
    page = signed_in(epo).post(save_url(check), typed(value="purple", rationale="Typed by hand"))

    text = page.content.decode()
    assert "Typed by hand</textarea>" in text
    assert '<a href="#rationale-A1">' in text
    assert 'aria-invalid="true"' in text


def test_row_of_a_submitted_health_check_is_refused_with_the_typed_text(check, epo, signed_in):
    for code in ("A1", "A2", "A3"):
        save(check, epo, code)
    actions.submit(health_check=check, by=epo)

    page = signed_in(epo).post(save_url(check), typed(rationale="Too late", version=1))
    fragment = signed_in(epo).post(save_url(check), typed(rationale="Too late", version=1), **HTMX)

    assert (page.status_code, fragment.status_code) == (409, 409)
    assert b"Camden has been submitted. Take it back to change it." in page.content
    assert b"Too late" in page.content
    assert b"Not saved: Camden has been submitted" in fragment.content


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("other_epo", 404),
        ("reader", 404),
        ("lead", 404),
        ("clerk", 403),
        ("member", 403),
        ("administrator", 403),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_row_is_refused_to_whoever_may_not_rate(who, status, headers, check, request, signed_in):
    answer = signed_in(request.getfixturevalue(who)).post(save_url(check), typed(), **headers)

    assert answer.status_code == status
    assert stored(check) == ("not_assessed", "", "", 0)


def test_row_sets_nothing_of_a_rating_but_the_answer(check, epo, head, islington, signed_in):
    """QUALITY row 5: every column of the rating and of its health check, posted with the row."""
    other = check.cycle.health_checks.get(borough=islington)
    posted = {field.attname for model in (Rating, HealthCheck) for field in model._meta.concrete_fields}
    hostile = {
        "id": 1,
        "health_check_id": other.pk,
        "health_check": other.pk,
        "criterion_id": 1,
        "criterion": "A2",
        "cycle_id": 1,
        "borough_id": islington.pk,
        "state": "signed_off",
        "rated_by_id": head.pk,
        "rated_by": head.pk,
        "rated_at": "2001-01-01",
        "submitted_by_id": head.pk,
        "submitted_at": "2001-01-01",
        "signed_off_by_id": head.pk,
        "signed_off_at": "2001-01-01",
        "moderated_by_id": head.pk,
        "moderated_at": "2001-01-01",
        "officer_id": head.pk,
        "state_reason": "Hostile.",
        "is_carried": "1",
        "officer_value": "red",
        "moderation_reason": "Hostile.",
        "flag_note": "Hostile.",
        "proof_due_on": "2031-01-01",
        "proof_confirmed_at": "2001-01-01",
        "proof_confirmed_by_id": head.pk,
        "evidence_until": "2031-01-01",
    }
    answer = {"value", "rationale", "next_step", "version"}
    assert posted - answer == hostile.keys() & posted, "every column is posted"
    checks = HealthCheck.objects.order_by("pk")
    others = Rating.objects.exclude(health_check=check, criterion__code="A1").order_by("pk")
    mine = check.ratings.filter(criterion__code="A1")
    before = [list(checks.values_list()), list(others.values_list())], mine.values().get()

    signed_in(epo).post(save_url(check), {**hostile, **typed()})

    rows, row = [list(checks.all().values_list()), list(others.all().values_list())], mine.values().get()
    wrong = sum(now != then for now, then in zip(rows, before[0], strict=True))
    wrong += sum(row[name] != before[1][name] for name in ("id", "health_check_id", "criterion_id"))
    wrong += (
        row["rated_by_id"] != epo.pk
        or row["is_carried"]
        or row["officer_value"]
        or row["flag_note"]
        or row["proof_due_on"]
        or row["evidence_until"]
        or row["proof_confirmed_at"]
        or row["rated_at"].year != timezone.now().year
        or row["version"] != 1
    )
    print(f"row 5, rating form: {wrong} / {len(hostile)} fields set")
    assert wrong == 0


def test_oversized_post_is_refused_whole(check, epo, signed_in):
    """QUALITY row 21 and fact 11: 1,001 fields are refused, and nothing of them is saved."""
    fields = {f"value-{number}": "red" for number in range(997)}
    client = signed_in(epo)

    assert client.post(save_url(check), {**typed(), **fields}).status_code == 400
    assert stored(check) == ("not_assessed", "", "", 0)
    fields.popitem()
    assert client.post(save_url(check), {**typed(), **fields}).status_code == 302, "control: 1,000 are read"


@pytest.mark.slow
@pytest.mark.parametrize(("boroughs", "criteria"), [(32, 30), (60, 40)])
def test_whole_matrix_is_saved_row_by_row(boroughs, criteria, head, signed_in):
    """QUALITY row 21: every cell through its own request, and every one of them kept."""
    factories.BoroughFactory.create_batch(boroughs)
    cycle = open_cycle(head, make_framework(criteria))
    client, wanted = signed_in(head), {}
    values = ("green", "amber", "red", "less_relevant")
    for check in cycle.health_checks.of_boroughs().select_related("borough", "cycle"):
        for number, code in enumerate(check.ratings.values_list("criterion__code", flat=True)):
            value = values[(check.pk + number) % 4]
            wanted[check.pk, code] = (value, f"{check.borough}, {code}")
            client.post(save_url(check, code), typed(value=value, rationale=wanted[check.pk, code][1]))

    found = {
        (check, code): (value, why)
        for check, code, value, why in Rating.objects.filter(health_check__borough__isnull=False).values_list(
            "health_check", "criterion__code", "value", "rationale"
        )
    }
    wrong = sum(found[cell] != answer for cell, answer in wanted.items())
    print(f"row 21, {boroughs} x {criteria}: {wrong} / {len(wanted)} wrong")
    assert (wrong, len(wanted)) == (0, boroughs * criteria)


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


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_row_is_saved_in_ten_queries(headers, check, epo, signed_in, django_assert_max_num_queries):
    client, url = signed_in(epo), save_url(check)

    with django_assert_max_num_queries(10):
        client.post(url, typed(), **headers)


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


def test_save_state_of_another_day_names_it():
    rated_at = timezone.make_aware(timezone.datetime(2010, 10, 12, 14, 26))

    today = save_state(Status.GREEN, rated_at, None, date(2010, 10, 12))
    later = save_state(Status.GREEN, rated_at, None, date(2010, 10, 14))

    assert (today, later) == (("saved", "Saved at 14:26"), ("saved", "Saved on 12 October 2010"))
    assert save_state(Status.NOT_ASSESSED, None, None, date(2010, 10, 14)) == ("none", "Not answered yet")


def test_text_of_a_rating_is_shown_as_text(check, epo, signed_in):
    hostile = "</textarea><script>alert(1)</script>{{7*7}}"

    signed_in(epo).post(save_url(check), typed(rationale=hostile, next_step=hostile))

    text = signed_in(epo).get(check.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    assert "{{7*7}}" in text

"""A row of the health check saved: with scripts and without, in conflict, refused, by the thousand."""

import re
from datetime import date

import pytest
from django.utils import timezone

from assessments import actions
from assessments.content.conflict import both_texts
from assessments.content.health_check import save_state
from assessments.models import HealthCheck, Rating
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework
from tests.assessments.health_check.checks import open_cycle, save, save_url, typed
from tests.quality.soak import SOAK

pytestmark = pytest.mark.django_db


def stored(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "rationale", "next_step", "version").get(criterion__code=code)


HTMX = {"HTTP_HX_REQUEST": "true"}


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
    "version of more digits than a number has": ({"version": "1" * 5_000}, "Load this page again"),
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
@pytest.mark.parametrize(("boroughs", "criteria"), [(32, 30), (60, 40)] if SOAK else [(12, 30)])
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


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_row_is_saved_in_nine_queries(headers, check, epo, signed_in, django_assert_max_num_queries):
    client, url = signed_in(epo), save_url(check)

    with django_assert_max_num_queries(9):
        client.post(url, typed(), **headers)


def test_cell_is_saved_in_ten_queries(check, epo, signed_in, django_assert_max_num_queries):
    client, url = signed_in(epo), save_url(check)

    with django_assert_max_num_queries(10):
        sent = client.post(url, {"value": "amber", "version": 0}, headers={"Accept": "application/json"})
    assert sent.json()["value"] == "amber"


def test_save_state_of_another_day_names_it():
    rated_at = timezone.make_aware(timezone.datetime(2010, 10, 12, 14, 26))

    today = save_state(Status.GREEN, rated_at, None, date(2010, 10, 12))
    later = save_state(Status.GREEN, rated_at, None, date(2010, 10, 14))

    assert (today, later) == (("saved", "Saved at 14:26"), ("saved", "Saved on 12 October 2010"))
    assert save_state(Status.NOT_ASSESSED, None, None, date(2010, 10, 14)) == ("none", "Not answered yet")

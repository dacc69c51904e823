"""What was typed and not saved: kept for its writer alone, offered again, and dropped once it stands."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assessments import actions
from assessments.models import HealthCheck, Rating, RatingDraft
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db
TEXTS = 20
OFFERED = "You were writing this"


@pytest.fixture
def check(head, camden, islington) -> HealthCheck:
    today = timezone.localdate()
    cycle = actions.open_cycle(
        framework=make_framework(TEXTS),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )
    return cycle.health_checks.get(borough=camden)


def url(check: HealthCheck, code: str, rest: str = "") -> str:
    return f"{check.get_absolute_url()}{code}/{rest}"


def type_in(client: Client, check: HealthCheck, code: str, rationale="Half a text", **more):
    data = {"value": "", "rationale": rationale, "next_step": "", "version": "0", **more}
    return client.post(url(check, code, "draft/"), data)


def codes(check: HealthCheck) -> list[str]:
    return list(check.ratings.order_by("criterion__position").values_list("criterion__code", flat=True))


def page_of(client: Client, check: HealthCheck) -> str:
    return client.get(check.get_absolute_url()).content.decode()


def stands(check: HealthCheck, code="A1") -> tuple:
    return check.ratings.values_list("value", "rationale", "version").get(criterion__code=code)


def test_what_was_typed_is_offered_again_after_a_reload_and_a_new_sign_in(check, epo, signed_in):
    client = signed_in(epo)
    half = codes(check)
    for number, code in enumerate(half):
        assert type_in(client, check, code, f"Half a text, {number}").status_code == 204

    client.logout()
    assert type_in(client, check, "A1", "Typed while signed out").status_code == 302
    pages = page_of(signed_in(epo), check), page_of(client := signed_in(epo), check)
    lost = [n for n in range(len(half)) for page in pages if f"Half a text, {n}</p>" not in page]

    print(f"drafts lost over a reload and an expired sign-in: {len(lost)} / {len(half) * 2}")
    assert (len(half), lost) == (TEXTS, [])
    assert OFFERED in client.get(url(check, "A1")).content.decode()


def test_a_draft_is_used_by_a_plain_form_and_dropped_once_it_stands(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "No seat yet", value="red")

    answer = client.post(
        url(check, "A1"), {"use_draft": "1", "value": "", "rationale": "", "next_step": "", "version": "0"}
    )

    assert (answer.status_code, stands(check)) == (302, ("red", "No seat yet", 1))
    assert not RatingDraft.objects.exists()
    assert OFFERED not in page_of(client, check)


def test_a_draft_is_used_in_a_row_drawn_anew(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "No seat yet", value="red")
    sent = {"use_draft": "1", "rationale": "", "next_step": "", "version": "0"}

    answer = client.post(url(check, "A1"), sent, headers={"HX-Request": "true"})

    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#A1")
    assert stands(check) == ("red", "No seat yet", 1)


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_draft_over_what_was_changed_since_meets_it(headers, check, epo, head, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "No seat yet", value="red")
    actions.save_rating(
        health_check=check,
        criterion_code="A1",
        value="green",
        rationale="Seat agreed",
        next_step="",
        version=0,
        by=head,
    )
    assert "changed since" in page_of(client, check)

    sent = {"use_draft": "1", "rationale": "", "next_step": "", "version": "1"}
    answer = client.post(url(check, "A1"), sent, headers=headers)

    text = answer.content.decode()
    assert (answer.status_code, stands(check)[1]) == (409, "Seat agreed")
    assert (text.count("No seat yet"), "Seat agreed" in text) == (3, True)
    assert 'value="0"' in text
    assert RatingDraft.objects.get().rationale == "No seat yet"


def test_a_draft_that_is_gone_leaves_what_the_form_sends(check, epo, signed_in):
    sent = {"use_draft": "1", "value": "amber", "rationale": "As sent", "version": "0"}

    signed_in(epo).post(url(check, "A1"), sent)

    assert stands(check) == ("amber", "As sent", 1)


def test_a_draft_without_a_rating_keeps_the_one_that_is_sent(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "No seat yet")

    client.post(url(check, "A1"), {"use_draft": "1", "value": "red", "rationale": "", "version": "0"})

    assert stands(check) == ("red", "No seat yet", 1)


def test_using_the_other_text_drops_the_draft(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "No seat yet")

    client.post(
        url(check, "A1"), {"resolve": "theirs", "seen": "1", "version": "0", "rationale": "No seat yet"}
    )

    assert not RatingDraft.objects.exists()


@pytest.mark.parametrize(
    ("headers", "data", "status"),
    [
        ({}, {"drop": "1"}, 302),
        ({}, {"drop": "1", "page": "rating"}, 302),
        ({"HX-Request": "true"}, {"drop": "1"}, 200),
    ],
)
def test_a_draft_is_dropped(headers, data, status, check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1")

    answer = client.post(url(check, "A1", "draft/"), data, headers=headers)

    assert (answer.status_code, RatingDraft.objects.count()) == (status, 0)
    if status == 302:
        assert answer.url == (url(check, "A1") if "page" in data else f"{check.get_absolute_url()}#A1")
    else:
        assert (answer["HX-Retarget"], OFFERED in answer.content.decode()) == ("#draft-A1", False)


def test_a_draft_is_dropped_by_its_address(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1")

    assert client.delete(url(check, "A1", "draft/")).status_code == 204
    assert not RatingDraft.objects.exists()


def test_one_draft_a_person_and_rating_and_none_of_what_stands(check, epo, signed_in):
    client = signed_in(epo)
    type_in(client, check, "A1", "One")
    type_in(client, check, "A1", "One and two")
    assert [draft.rationale for draft in RatingDraft.objects.all()] == ["One and two"]

    type_in(client, check, "A1", "")

    assert not RatingDraft.objects.exists()


def test_a_save_drops_the_draft_that_it_holds_and_no_other(check, epo, signed_in):
    client = signed_in(epo)
    for code, text in (("A1", "No seat"), ("A2", "Something else")):
        type_in(client, check, code, text)
        client.post(url(check, code), {"value": "red", "rationale": "No seat yet", "version": "0"})

    assert [draft.rationale for draft in RatingDraft.objects.all()] == ["Something else"]
    assert stands(check, "A2") == ("red", "No seat yet", 1)


def test_a_draft_is_seen_by_its_writer_alone(check, epo, head, signed_in):
    type_in(signed_in(epo), check, "A1", "My own words")

    pages = [page_of(signed_in(person), check) for person in (head,)]

    assert all("My own words" not in page for page in pages)
    assert RatingDraft.objects.get().person == epo


def test_a_tab_hands_over_what_it_kept_and_is_given_the_offer(check, epo, signed_in):
    client = signed_in(epo)

    answer = type_in(client, check, "A1", "Typed on a train", offer="1", value="amber")
    again = type_in(client, check, "A1", "", offer="1")

    assert answer.status_code == 200
    assert all(words in answer.content.decode() for words in (OFFERED, "Typed on a train"))
    assert again.status_code == 204


@pytest.mark.parametrize("wrong", [{"rationale": "x" * 4_001}, {"version": ""}, {"value": "blue"}])
def test_what_could_not_be_saved_is_not_kept(wrong, check, epo, signed_in):
    data = {"rationale": "Half a text", **wrong}

    answer = type_in(signed_in(epo), check, "A1", **data)

    assert (answer.status_code, RatingDraft.objects.count()) == (422, 0)
    assert answer.content


def test_a_draft_of_what_is_not_asked_is_not_there(check, epo, signed_in):
    assert type_in(signed_in(epo), check, "Z9").status_code == 404


def test_a_draft_outlives_a_submission_and_is_offered_when_it_is_taken_back(check, epo, signed_in):
    client = signed_in(epo)
    Rating.objects.update(value="green", rationale="Seen", rated_at=timezone.now(), rated_by=epo)
    actions.submit(health_check=check, by=epo)

    assert type_in(client, check, "A1", "Typed meanwhile").status_code == 204
    assert OFFERED not in page_of(client, check)
    actions.withdraw(health_check=check, by=epo)

    assert "Typed meanwhile" in page_of(client, check)


def test_a_draft_of_another_day_says_which(check, epo, signed_in):
    type_in(signed_in(epo), check, "A1")
    RatingDraft.objects.update(kept_at=timezone.now() - timedelta(days=400))

    assert "You were writing this on " in page_of(signed_in(epo), check)


def test_the_page_asks_once_for_all_drafts(check, epo, signed_in, django_assert_max_num_queries):
    client = signed_in(epo)
    for code in codes(check)[:3]:
        type_in(client, check, code)
    page_of(client, check)

    with django_assert_max_num_queries(16):
        page_of(client, check)

"""The page of one rating, with and without scripts, and the cell that saves by itself."""

import pytest
from django.urls import reverse

from assessments import actions
from assessments.content.rating import why_read_only
from assessments.models import HealthCheck, Rating
from tests.assessments.grid import fill, make_cycle, make_framework

pytestmark = pytest.mark.django_db
State = HealthCheck.State
HTMX = {"HTTP_HX_REQUEST": "true"}
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def check(camden, islington) -> HealthCheck:
    """Camden's, open: green everywhere after a cycle that was amber everywhere."""
    framework = make_framework(3, authority_alone=1)
    spring = fill(
        make_cycle(framework, months_ago=1), [camden], lambda _b, _c: "amber", state=State.SIGNED_OFF
    )
    cycle = make_cycle(framework, previous=spring.cycle)
    grid = fill(cycle, [camden, islington], lambda _b, _c: "green", state=State.DRAFT)
    return next(check for check in grid.checks if check.borough == camden)


def url_of(check, code="A1") -> str:
    return reverse("assessments:rating", args=[check.cycle.slug, check.subject_slug, code])


def typed(**fields) -> dict:
    return {
        "page": "rating",
        "value": "red",
        "rationale": "No seat",
        "next_step": "Ask",
        "version": 0,
        **fields,
    }


def stored(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "rationale", "next_step", "version").get(criterion__code=code)


def save(check, by, code="A1", value="amber", rationale="Theirs", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step="",
        version=version,
        by=by,
    )


# The page


def test_page_holds_the_answer_last_cycle_and_the_neighbours(check, epo, signed_in):
    page = signed_in(epo).get(url_of(check, "A2"))

    text = page.content.decode()
    assert page.status_code == 200
    assert "<h1>Camden: A2 Title A2</h1>" in text
    assert f"Last cycle, {check.cycle.previous}" in text
    assert "A1 Title A1</a> before" in text
    assert "A3 Title A3</a> after" in text
    assert text.index('name="save"') < text.index('name="clear"'), "Enter must not clear the rating."


def test_panel_is_the_same_without_the_page_around_it(check, epo, signed_in):
    panel = signed_in(epo).get(url_of(check), **HTMX).content.decode()

    assert "<html" not in panel
    assert 'id="panel-title"' in panel
    assert 'id="rating-form"' in panel


@pytest.mark.parametrize(
    ("who", "status", "says"),
    [
        ("epo", 200, ""),
        ("head", 200, ""),
        ("member", 200, "Only its own officer and the head of partnerships can change it."),
        ("other_epo", 404, ""),
        ("reader", 404, ""),
    ],
)
def test_page_is_edited_read_or_not_found(check, who, status, says, request, signed_in):
    page = signed_in(request.getfixturevalue(who)).get(url_of(check))

    assert page.status_code == status
    if status == 200:
        assert ("rating-form" in page.content.decode()) is not bool(says)
        assert says in page.content.decode()


def test_criterion_that_is_not_asked_is_not_found(check, epo, signed_in):
    assert signed_in(epo).get(url_of(check, "A4")).status_code == 404
    assert signed_in(epo).post(url_of(check, "A4"), typed(), **JSON).status_code == 404


def test_address_may_bring_the_rating_that_lacks_its_reason(check, epo, signed_in):
    page = signed_in(epo).get(url_of(check), {"value": "less_relevant"}).content.decode()

    assert 'value="less_relevant" checked' in page
    assert stored(check)[0] == "green"


def test_page_says_that_an_answer_was_carried(check, epo, signed_in):
    check.ratings.update(is_carried=True)

    page = signed_in(epo).get(url_of(check)).content.decode()

    assert "Carried forward, not re-confirmed" in page
    assert "Confirm it as it stands" in page


def test_plain_form_saves_and_comes_back(check, epo, signed_in):
    answer = signed_in(epo).post(url_of(check), typed())

    assert (answer.status_code, answer.url) == (302, url_of(check))
    assert stored(check) == ("red", "No seat", "Ask", 1)


def test_plain_form_keeps_what_was_typed_when_refused(check, epo, signed_in):
    page = signed_in(epo).post(url_of(check), typed(value="less_relevant", rationale=""))

    text = page.content.decode()
    assert page.status_code == 422
    assert "Error: " in text
    assert 'aria-invalid="true"' in text
    assert "Say why A1 Title A1 is less relevant" in text
    assert stored(check)[0] == "green"


def test_plain_form_shows_both_texts_when_two_meet(check, epo, head, signed_in):
    save(check, head)

    page = signed_in(epo).post(url_of(check), typed(rationale="Mine"))

    text = page.content.decode()
    assert page.status_code == 409
    assert "Demo Head changed this rating" in text
    assert "Mine" in text
    assert "Theirs" in text
    assert stored(check)[:2] == ("amber", "Theirs")


def test_what_was_typed_into_a_submitted_health_check_is_shown_again(check, epo, signed_in):
    actions.submit(health_check=check, by=epo)

    page = signed_in(epo).post(url_of(check), typed(rationale="Too late"))

    assert page.status_code == 409
    assert "Too late" in page.content.decode()
    assert "It has been submitted." in page.content.decode()


@pytest.mark.parametrize(
    ("state", "is_open", "may_rate", "words"),
    [
        (State.DRAFT, True, True, ""),
        (State.RETURNED, True, True, ""),
        (State.DRAFT, False, True, "This review cycle is closed."),
        (State.DRAFT, True, False, "Only its own officer and the head of partnerships can change it."),
        (State.MODERATED, True, True, "It has been moderated. Ask for it to be returned."),
        (State.SIGNED_OFF, True, True, "It has been signed off."),
    ],
)
def test_why_it_cannot_be_changed(state, is_open, may_rate, words):
    assert why_read_only(state, is_open=is_open, may_rate=may_rate) == words


# The cell


def test_cell_sends_its_value_and_leaves_the_texts(check, epo, signed_in):
    answer = signed_in(epo).post(url_of(check), {"value": "red", "version": 0}, **JSON)

    found = answer.json()
    assert (answer.status_code, found["version"], found["value"]) == (200, 1, "red")
    assert found["said"].startswith("Saved at ")
    assert found["moved"] == "Worse: was Amber"
    assert (found["why"], found["stale"]) == ("Why red", False)
    assert stored(check) == ("red", "Said in the test.", "", 1)


def test_panel_sends_a_text_and_leaves_the_value(check, epo, signed_in):
    signed_in(epo).post(url_of(check), {"next_step": "Ask again", "version": 0}, **JSON)

    assert stored(check) == ("green", "Said in the test.", "Ask again", 1)


def test_cell_sent_twice_is_saved_once(check, epo, signed_in):
    client = signed_in(epo)

    answers = [client.post(url_of(check), {"value": "red", "version": 0}, **JSON) for _ in range(2)]

    assert [answer.json()["version"] for answer in answers] == [1, 1]


def test_cell_that_meets_another_brings_both_texts(check, epo, head, signed_in):
    save(check, head)

    answer = signed_in(epo).post(url_of(check), {"value": "red", "version": 0}, **JSON)

    assert answer.status_code == 409
    assert answer.json()["sentence"].startswith("Demo Head changed this rating at ")
    assert 'name="resolve" value="mine"' in answer.json()["conflict"]
    assert stored(check)[0] == "amber"


@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", ("red", "Mine")), ("theirs", ("amber", "Theirs")), ("both", ("red", "Theirs\n\nMine"))],
)
def test_cell_settles_a_conflict(check, epo, head, signed_in, choice, kept):
    save(check, head)
    sent = {"value": "red", "rationale": "Mine", "next_step": "", "version": 0, "resolve": choice, "seen": 1}

    answer = signed_in(epo).post(url_of(check), sent, **JSON)

    assert (answer.status_code, answer.json()["rationale"]) == (200, kept[1])
    assert stored(check)[:2] == kept


def test_cell_takes_last_cycles_answer_again(check, epo, signed_in):
    answer = signed_in(epo).post(url_of(check), {"again": "1", "version": 0}, **JSON)

    assert (answer.status_code, answer.json()["value"]) == (200, "amber")
    assert answer.json()["said"].startswith("Re-confirmed at ")


def test_cell_confirms_a_carried_answer(check, epo, signed_in):
    check.ratings.update(is_carried=True)

    answer = signed_in(epo).post(url_of(check), {"value": "green", "version": 0}, **JSON)

    assert answer.json()["stale"] is False
    assert not check.ratings.get(criterion__code="A1").is_carried


def test_cell_without_its_reason_or_after_submission_is_refused_in_words(check, epo, signed_in):
    check.ratings.update(rationale="")
    client = signed_in(epo)
    lacking = client.post(url_of(check), {"value": "less_relevant", "version": 0}, **JSON)
    check.ratings.update(rationale="There")
    actions.submit(health_check=check, by=epo)

    late = client.post(url_of(check), {"value": "red", "version": 0}, **JSON)

    assert (lacking.status_code, late.status_code) == (422, 409)
    assert lacking.json() == {"sentence": "Say why A1 Title A1 is less relevant", "conflict": ""}
    assert late.json()["conflict"] == ""
    assert "has been submitted" in late.json()["sentence"]


def test_cell_of_another_borough_is_not_found_and_of_a_read_one_refused(check, other_epo, member, signed_in):
    sent = {"value": "red", "version": 0}

    assert signed_in(other_epo).post(url_of(check), sent, **JSON).status_code == 404
    assert signed_in(member).post(url_of(check), sent, **JSON).status_code == 403
    assert stored(check)[0] == "green"


def test_page_asks_as_much_for_one_criterion_as_for_many(
    check, epo, signed_in, django_assert_max_num_queries
):
    client = signed_in(epo)
    client.get(url_of(check))

    with django_assert_max_num_queries(20):
        client.get(url_of(check))

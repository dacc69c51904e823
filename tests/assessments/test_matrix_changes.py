"""What a page of the matrix is told of other people's saves, and what the answer costs."""

import json
import time
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments import actions
from assessments.matrix.changes import Mark, Token
from assessments.models import HealthCheck, Rating
from tests.assessments.grid import fill, make_cycle, make_framework

pytestmark = pytest.mark.django_db
State = HealthCheck.State


@pytest.fixture
def grid(camden, islington):
    return fill(make_cycle(make_framework(3)), [camden, islington], lambda _b, _c: "green", state=State.DRAFT)


@pytest.fixture
def address(grid) -> str:
    return reverse("assessments:matrix-changes", args=[grid.cycle.slug])


def check_of(grid, borough) -> HealthCheck:
    return next(check for check in grid.checks if check.borough == borough)


def save(check, by, code="A1", value="red", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale="A canary sang",
        next_step="",
        version=version,
        by=by,
    )


def ask(client, address, since, **query):
    return client.get(address, {"after": since, **query}, HTTP_IF_NONE_MATCH=f'"{since}"')


def token_of(client, address) -> str:
    return client.get(address).json()["token"]


def test_nothing_changed_is_answered_with_304_and_one_question_of_its_own(grid, address, epo, signed_in):
    client = signed_in(epo)
    since = token_of(client, address)
    took = []

    for _ in range(21):
        begun = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            answer = ask(client, address, since)
        took.append((time.perf_counter() - begun) * 1_000)

    print(f"304 in {median(took):.1f} ms with the test client")
    assert (answer.status_code, answer.content) == (304, b"")
    assert len(captured) == 3  # The session, the person, and the newest events.


def test_another_persons_save_is_told_with_the_cell_the_totals_and_who(
    grid, address, epo, head, camden, signed_in
):
    client = signed_in(epo)
    since = token_of(client, address)
    save(check_of(grid, camden), head)

    found = ask(client, address, since).json()

    cell = found["rows"]["camden"]["cells"]["A1"]
    assert (cell["css"], cell["text"], cell["words"], cell["version"]) == ("s-r", "R", "Red", 1)
    assert cell["said"].startswith("changed by Demo Head at ")
    assert list(found["rows"]["camden"]["cells"]) == ["A1"]
    assert found["rows"]["camden"]["rated"] == 3
    assert ">1</a>" in found["rows"]["camden"]["reds"]
    assert '<a href="?show=red">1 Red</a>' in found["sentence"]
    assert found["foot"].startswith("<tfoot>")
    assert ask(client, address, found["token"]).status_code == 304


def test_ones_own_save_is_told_without_saying_who(grid, address, epo, camden, signed_in):
    client = signed_in(epo)
    since = token_of(client, address)
    save(check_of(grid, camden), epo)

    assert ask(client, address, since).json()["rows"]["camden"]["cells"]["A1"]["said"] == ""


@pytest.mark.parametrize("role", ["epo", "other_epo", "member", "reader", "clerk", "head"])
def test_a_save_is_told_to_nobody_who_may_not_read_it(
    grid, address, role, request, head, camden, islington, signed_in
):
    user = request.getfixturevalue(role)
    client = signed_in(user)
    since = token_of(client, address)
    for check in grid.checks:
        save(check, head)
    readable = HealthCheck.objects.filter(cycle=grid.cycle).visible_to(user)

    found = ask(client, address, since).json()

    assert set(found["rows"]) == {check.subject_slug for check in readable}
    assert "canary" not in json.dumps(found)
    assert found["rows"] or role == "reader"


def test_a_step_of_the_health_check_changes_what_can_be_edited(grid, address, epo, camden, signed_in):
    client = signed_in(epo)
    since = token_of(client, address)
    before = ask(client, address, since)
    actions.submit(health_check=check_of(grid, camden), by=epo)

    row = ask(client, address, since).json()["rows"]["camden"]

    assert before.status_code == 304
    assert row["why"] == "It has been submitted. Take it back to change it."
    assert row["cells"] == {}


def test_the_pages_own_filters_draw_the_cell(grid, address, epo, head, camden, signed_in):
    client = signed_in(epo)
    since = token_of(client, address)
    save(check_of(grid, camden), head, value="less_relevant")

    found = ask(client, address, since, cells="words", show="green").json()

    cell = found["rows"]["camden"]["cells"]["A1"]
    assert (cell["css"], cell["text"]) == ("s-l off", "Less rel.")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"after": "yesterday"}, "This is not a token of the matrix. Load its page again."),
        ({"after": "1.0.0.0.0.0.0", "show": "purple"}, "cannot be chosen for show"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(address, epo, signed_in, query, sentence):
    answer = signed_in(epo).get(address, query)

    assert answer.status_code == 400
    assert sentence in answer.json()["sentence"]


def test_another_persons_token_is_not_ones_own(grid, address, epo, head, signed_in):
    theirs = token_of(signed_in(head), address)

    answer = ask(signed_in(epo), address, theirs)

    assert (answer.status_code, answer.json()["person"]) == (200, epo.pk)


def test_an_event_that_a_later_number_overtook_still_moves_the_mark():
    seen = Mark.of([1, 2, 4])
    late = Mark.of([1, 2, 3, 4])

    assert seen.newest == late.newest
    assert seen != late
    assert Mark.of([]) == Mark(0, 0, 0)
    assert Mark.of(list(range(7, 57))).oldest == 7


def test_token_survives_its_own_text():
    token = Token(7, Mark(1, 50, 1275), Mark(0, 3, 6))

    assert Token.read(str(token)) == token
    assert Token.read("7.1") is None

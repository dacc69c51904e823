"""Last cycle’s answers carried forward, and confirmed."""

import pytest
from django.core.exceptions import PermissionDenied

from assessments import actions
from assessments.actions import carrying
from assessments.content.cycles import read_plan
from assessments.content.readiness import carriable
from assessments.content.standing import standings
from assessments.models import ChangeSet, Criterion, Rating
from cdrp_portal.status import Status
from tests.assessments.cycles.opened import TODAY, opened, save
from tests.assessments.grid import make_framework
from tests.assessments.health_check.checks import save_url

pytestmark = pytest.mark.django_db


def test_open_with_carrying_brings_last_cycles_answers_as_one_set(head, spring, camden):
    cycle = opened(head, spring.framework, "Autumn 2010", previous=spring, carry=True)

    carried = cycle.change_sets.get()
    ratings = cycle.health_checks.get(borough=camden).ratings.order_by("criterion__code")
    assert [(one.value, one.rationale, one.next_step, one.is_carried, one.version) for one in ratings] == [
        ("green", "Seat held", "", True, 1),
        ("red", "No seat", "Ask for one", True, 1),
        ("less_relevant", "Not in London", "", True, 1),
    ]
    assert (carried.kind, carried.title, carried.changes.count()) == (
        ChangeSet.Kind.CARRY,
        "Carried forward from Spring 2010",
        4,
    )
    assert set(ratings.values_list("rated_at", "rated_by")) == {(None, None)}


def test_carry_leaves_what_was_answered_and_what_nobody_confirmed(head, autumn, check, islington):
    save(check, head, "A2", "green", "Got one")

    carrying.carry_forward(cycle=autumn, by=head)

    assert check.ratings.get(criterion__code="A2").rationale == "Got one"
    assert check.ratings.filter(is_carried=True).count() == 2
    following = opened(head, autumn.framework, "Spring 2011", since=1, previous=autumn, carry=True)
    carried = Rating.objects.filter(health_check__cycle=following, is_carried=True)
    assert [str(one.criterion) for one in carried.select_related("criterion")] == ["A2 Title A2"]


def test_carry_is_undone_as_one_set(head, autumn, check):
    carried = carrying.carry_forward(cycle=autumn, by=head)

    actions.undo_set(change_set=carried, by=head)

    assert set(check.ratings.values_list("value", "rationale", "is_carried")) == {
        (Status.NOT_ASSESSED, "", False)
    }


def test_carry_goes_by_what_a_criterion_continues_and_never_where_it_is_not_comparable(head, spring, camden):
    later = make_framework(4)
    old = {one.code: one for one in Criterion.objects.filter(theme__framework=spring.framework)}
    new = {one.code: one for one in Criterion.objects.filter(theme__framework=later)}
    for code, of, comparable in (("A1", "A2", True), ("A2", "A1", False), ("A3", "A3", True)):
        new[code].continues, new[code].is_comparable = old[of], comparable
        new[code].save()

    plan = read_plan(later, spring, carry=True, on=TODAY())
    cycle = opened(head, later, "Autumn 2010", previous=spring, carry=True)

    ratings = cycle.health_checks.get(borough=camden).ratings
    values = dict(ratings.values_list("criterion__code", "value"))
    assert [values[code] for code in ("A1", "A2", "A3")] == ["red", "not_assessed", "less_relevant"]
    assert [one.code for one in plan.not_comparable] == ["A2"]
    assert plan.carried == cycle.change_sets.get().changes.count()


def test_carry_for_one_borough_is_its_officers_to_do(autumn, check, epo, other_epo, member):
    for person in (other_epo, member):
        with pytest.raises(PermissionDenied):
            carrying.carry_forward(cycle=autumn, health_check=check, by=person)
    with pytest.raises(PermissionDenied):
        carrying.carry_forward(cycle=autumn, by=epo)

    carrying.carry_forward(cycle=autumn, health_check=check, by=epo)

    assert Rating.objects.filter(is_carried=True).values_list("health_check", flat=True).distinct().get() == (
        check.pk
    )
    with pytest.raises(actions.NothingChanged, match="no answer left to carry"):
        carrying.carry_forward(cycle=autumn, health_check=check, by=epo)


def test_first_cycle_has_nothing_to_carry(head, spring):
    with pytest.raises(actions.NothingChanged, match="no earlier cycle"):
        carrying.carry_forward(cycle=spring, by=head)
    assert carriable(spring) == 0


def test_carried_answers_count_as_not_answered_until_confirmed(head, epo, autumn, check, camden):
    carrying.carry_forward(cycle=autumn, by=head)
    assert [one.answered for one in standings(autumn, head, TODAY())] == [0, 0]
    with pytest.raises(actions.NotReady, match="Confirm A1 Title A1, or change it"):
        actions.submit(health_check=check, by=epo)

    carried = check.ratings.get(criterion__code="A1")
    save(check, epo, "A1", "green", "Seat held", version=carried.version)
    change_set = carrying.confirm_carried(health_check=check, theme="A", by=epo)

    assert change_set.changes.count() == 2
    assert [one.answered for one in standings(autumn, head, TODAY(), boroughs=[camden])] == [3]
    assert set(check.ratings.values_list("is_carried", "rated_by")) == {(False, epo.pk)}
    with pytest.raises(actions.NothingChanged):
        carrying.confirm_carried(health_check=check, by=epo)


def test_confirming_is_refused_to_strangers_and_once_submitted(head, epo, other_epo, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)
    with pytest.raises(PermissionDenied):
        carrying.confirm_carried(health_check=check, by=other_epo)
    carrying.confirm_carried(health_check=check, by=epo)
    actions.submit(health_check=check, by=epo)

    with pytest.raises(actions.NotOpen):
        carrying.confirm_carried(health_check=check, by=epo)
    with pytest.raises(actions.NotOpen):
        carrying.carry_forward(cycle=autumn, health_check=check, by=epo)


def test_confirm_page_shows_what_is_confirmed_and_does_it_once(signed_in, head, epo, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)
    address = f"{check.get_absolute_url()}confirm/"
    client = signed_in(epo)

    page = client.get(address, {"theme": "A"})
    done = client.post(address, {"theme": "A"})
    again = client.post(address, {"theme": "A"})

    assert "No seat" in page.content.decode()
    assert "Confirm all 3 answers" in page.content.decode()
    assert (done.status_code, again.status_code) == (302, 409)
    assert client.get(address, {"theme": "Z"}).status_code == 404
    assert "Nothing is left to confirm" in again.content.decode()


def test_carry_buttons_work_without_scripts(signed_in, head, epo, autumn, check):
    page = signed_in(epo).get(check.get_absolute_url()).content.decode()
    assert "Carry 3 answers of Spring 2010 forward</button>" in page
    one = signed_in(epo).post(f"{check.get_absolute_url()}carry-forward/", follow=True)
    address = f"/assessments/{autumn.slug}/carry-forward/"
    client = signed_in(head)
    rest = client.get(address)
    client.post(address)
    nothing = client.post(address)

    assert "3 answers carried forward" in one.content.decode()
    assert "Carry 1 answer forward" in rest.content.decode()
    assert nothing.status_code == 422
    assert "There is no answer left to carry forward." in nothing.content.decode()
    again = signed_in(epo).post(f"{check.get_absolute_url()}carry-forward/", follow=True)
    assert "There is no answer left to carry forward." in again.content.decode()


def test_health_check_page_says_what_is_not_re_confirmed(signed_in, head, epo, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)

    page = signed_in(epo).get(check.get_absolute_url()).content.decode()

    assert "0 of 3 answered." in page
    assert "3 not re-confirmed" in page
    assert page.count("data-confirm>Confirm<") == 3
    assert "<kbd>C</kbd> confirm last cycle’s answer" in page
    assert f'<a href="{check.get_absolute_url()}confirm/?theme=A">3 in A Theme A</a>' in page
    assert "forward</button>" not in page
    answered = {
        "value": "red",
        "rationale": "No seat",
        "next_step": "Ask for one",
        "version": "1",
        "save": "1",
    }
    signed_in(epo).post(f"{check.get_absolute_url()}A2/", answered)
    assert not check.ratings.get(criterion__code="A2").is_carried


HTMX = {"HTTP_HX_REQUEST": "true"}
JSON = {"HTTP_ACCEPT": "application/json"}


def stands(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "is_carried", "version", "rated_by").get(criterion__code=code)


def test_confirmation_is_undone_on_the_page_and_counted_again(signed_in, head, epo, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)
    client = signed_in(epo)
    given = {"value": "green", "rationale": "Seat held", "next_step": "", "version": 1}

    confirmed = client.post(save_url(check), given | {"save": 1}, **HTMX).content.decode()
    assert stands(check) == ("green", False, 2, epo.pk)
    assert "2 answers carried forward from last cycle, not re-confirmed." in confirmed
    assert 'name="undo" value="1" data-undo' in confirmed
    assert "data-undo" in client.get(check.get_absolute_url()).content.decode()

    undone = client.post(save_url(check), given | {"version": 2, "undo": 1}, **HTMX).content.decode()
    assert stands(check) == ("green", True, 3, None)
    assert "3 answers carried forward from last cycle, not re-confirmed." in undone
    assert "Carried forward, not re-confirmed" in undone
    assert ("data-confirm" in undone, "data-undo" in undone) == (True, False)

    for version, code, is_last in ((1, "A2", False), (1, "A3", False), (3, "A1", True)):
        answer = check.ratings.values("value", "rationale", "next_step").get(criterion__code=code)
        last = client.post(save_url(check, code), answer | {"version": version}, **HTMX).content.decode()
        assert ('<div id="carried" hx-swap-oob="true"></div>' in last) is is_last


def test_confirmation_is_undone_over_its_own_version_alone(signed_in, head, epo, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)
    client, address = signed_in(epo), save_url(check)
    undo = {"value": "green", "undo": 1}

    assert client.post(address, {"value": "green", "version": 1}, **JSON).json()["carried"] is False
    met = client.post(address, undo | {"version": 1}, **JSON)
    assert (met.status_code, stands(check)[1:3]) == (409, (False, 2))
    # Sent twice, because its first answer may have been lost.
    twice = [client.post(address, undo | {"version": 2}, **JSON).json() for _ in range(2)]
    assert [(one["carried"], one["stale"], one["version"]) for one in twice] == [(True, True, 3)] * 2


@pytest.mark.parametrize(("since", "carried"), [({}, True), ({"rationale": "Lost since"}, False)])
def test_another_answer_is_taken_back_to_the_carried_one_unless_a_text_was_written(
    since, carried, signed_in, head, epo, autumn, check
):
    carrying.carry_forward(cycle=autumn, by=head)
    client, address = signed_in(epo), save_url(check)

    client.post(address, {"value": "amber", "version": 1} | since, **JSON)
    client.post(address, {"value": "green", "version": 2, "undo": 1}, **JSON)

    assert stands(check)[:2] == ("green", carried)
    assert check.ratings.get(criterion__code="A1").rationale == since.get("rationale", "Seat held")

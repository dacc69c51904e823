"""Opening a cycle from the page, carrying answers forward, and what the head sees and changes meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.actions import carrying, cycles
from assessments.content.cycles import read_plan
from assessments.content.readiness import carriable, read_readiness
from assessments.content.standing import standings
from assessments.models import ChangeSet, Criterion, HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


@pytest.fixture
def framework():
    return make_framework(3, authority_alone=1)


@pytest.fixture
def spring(head, camden, islington, framework) -> ReviewCycle:
    """Camden: A1 green, A2 red with a next step, A3 less relevant; Islington: A1 amber and no more."""
    cycle = opened(head, framework, "Spring 2010", since=200)
    check = cycle.health_checks.get(borough=camden)
    save(check, head, "A1", "green", "Seat held")
    save(check, head, "A2", "red", "No seat", "Ask for one")
    save(check, head, "A3", "less_relevant", "Not in London")
    save(cycle.health_checks.get(borough=islington), head, "A1", "amber", "Half of it")
    return cycle


@pytest.fixture
def autumn(head, spring) -> ReviewCycle:
    return opened(head, spring.framework, "Autumn 2010", previous=spring)


@pytest.fixture
def check(autumn, camden) -> HealthCheck:
    return autumn.health_checks.get(borough=camden)


def opened(head, framework, name, *, since=10, left=50, **more) -> ReviewCycle:
    return cycles.open_cycle(
        framework=framework,
        name=name,
        opens_on=TODAY() - timedelta(days=since),
        closes_on=TODAY() + timedelta(days=left),
        by=head,
        **{"previous": None, **more},
    )


def save(check, by, code, value="green", rationale="Said", next_step="", version=0) -> Rating:
    return actions.save_rating(
        health_check=check,
        criterion_code=code,
        value=value,
        rationale=rationale,
        next_step=next_step,
        version=version,
        by=by,
    )


def sent(**more) -> dict[str, str]:
    today = TODAY()
    return {
        "name": "Spring 2011",
        "opens_on": today.isoformat(),
        "submit_by": (today + timedelta(days=30)).isoformat(),
        "moderate_by": (today + timedelta(days=40)).isoformat(),
        "closes_on": (today + timedelta(days=60)).isoformat(),
        **{name: str(value) for name, value in more.items()},
    }


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
    assert page.count("Still so") == 3
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


def test_wizard_shows_what_it_will_create_and_creates_nothing(signed_in, head, spring, epo):
    data = sent(framework=spring.framework.pk, previous=spring.pk, carry="on", step="check")

    page = signed_in(head).post("/assessments/new/", data).content.decode()

    assert "3 health checks with 10 ratings" in page
    assert "4 answers of Spring 2010 will be carried forward" in page
    assert "2 boroughs without a link member: Camden, Islington." in page
    assert "1 borough without an officer: Islington." in page
    assert "The criteria are those of Spring 2010." in page
    assert "Demo Officer A, the borough’s own" in page
    assert ReviewCycle.objects.count() == 1


def test_wizard_opens_one_cycle_however_often_the_button_is_pressed(
    signed_in, head, spring, camden, islington, epo
):
    data = sent(framework=spring.framework.pk, previous=spring.pk, carry="on", step="open")
    data[f"officer-{islington.pk}"] = str(epo.pk)
    client = signed_in(head)

    first = client.post("/assessments/new/", data)
    second = client.post("/assessments/new/", data, follow=True)

    cycle = ReviewCycle.objects.get(slug="spring-2011")
    assert first.url == "/assessments/spring-2011/readiness/"
    assert "Spring 2011 is open." in second.content.decode()
    assert ReviewCycle.objects.count() == 2
    officers = dict(cycle.health_checks.values_list("borough__slug", "officer__name"))
    assert officers == {None: None, "camden": None, "islington": "Demo Officer A"}
    assert (cycle.submission_day, cycle.moderation_day) == (cycle.submit_by, cycle.moderate_by)
    assert Rating.objects.filter(health_check__cycle=cycle, is_carried=True).count() == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Spring 2010"}, "There is a cycle called Spring 2010 already"),
        ({"name": "New"}, "Give a name with letters in it"),
        ({"name": ""}, "Give the cycle a name"),
        ({"closes_on": "2001-01-01"}, "Give a closing day after the opening day"),
        ({"submit_by": "2001-01-01"}, "Give a day to submit by between"),
        ({"opens_on": "soon"}, "Give the first day as a date"),
        ({"framework": "0"}, "Choose a published framework"),
    ],
)
@pytest.mark.parametrize("step", ["check", "open"])
def test_wizard_says_what_is_wrong(step, change, words, signed_in, head, spring):
    data = {**sent(framework=spring.framework.pk, previous=spring.pk, step=step), **change}

    response = signed_in(head).post("/assessments/new/", data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert ReviewCycle.objects.count() == 1


def test_wizard_begins_with_a_proposal_and_goes_back_to_what_was_typed(signed_in, head, spring):
    client = signed_in(head)

    first = client.get("/assessments/new/").content.decode()
    back = client.post("/assessments/new/", sent(name="Another", step="change")).content.decode()
    framework = spring.framework
    later = client.post(
        "/assessments/new/",
        sent(framework=framework.pk, previous=spring.pk, step="check", opens_on="2001-01-01"),
    )

    assert f'value="{TODAY().isoformat()}"' in first
    assert "Step 1 of 2" in back
    assert 'value="Another"' in back
    assert "Choose a cycle that began before this one" in later.content.decode()


def test_wizard_offers_published_frameworks_alone(signed_in, head):
    framework = factories.FrameworkFactory(is_draft=True)

    page = signed_in(head).get("/assessments/new/").content.decode()

    assert "There is no published framework yet" in page
    with pytest.raises(cycles.CycleRefused, match="still a draft"):
        opened(head, framework, "Autumn 2010")


def test_wizard_refuses_an_officer_who_may_not_sign_in(signed_in, head, spring, camden, member):
    data = sent(framework=spring.framework.pk, step="open", **{f"officer-{camden.pk}": member.pk})

    response = signed_in(head).post("/assessments/new/", data)

    assert response.status_code == 422
    assert "Choose an officer who may sign in" in response.content.decode()
    assert ReviewCycle.objects.count() == 1


def test_readiness_counts_what_keeps_a_health_check_from_being_signed_off(
    head, epo, other_epo, autumn, check, camden, django_assert_num_queries
):
    carrying.carry_forward(cycle=autumn, health_check=check, by=head)
    save(check, epo, "A2", "red", "No seat", "", version=1)
    check.ratings.filter(criterion__code="A1").update(
        flag_note="Look again", evidence_until=TODAY() - timedelta(days=1)
    )
    check.ratings.filter(criterion__code="A3").update(value="green", proof_due_on=TODAY() - timedelta(days=1))
    cycles.set_officer(health_check=check, officer=other_epo, seen=None, by=head)

    with django_assert_num_queries(2):
        readiness = read_readiness(autumn, on=TODAY())

    row = next(row for row in readiness.rows if row.name == "Camden")
    assert (row.asked, row.answered, row.carried) == (3, 1, 2)
    assert (row.without_next_step, row.flags, row.lapsed, row.proofs_late) == (1, 1, 1, 1)
    assert (row.officer, row.is_stranger, row.left_words) == ("Demo Officer B", True, "50 days")
    assert [(load.officer, load.total, load.answered) for load in readiness.loads] == [
        ("Demo Officer B", 2, 1),
        ("The head", 1, 0),
    ]


def test_readiness_page_narrows_and_sorts(signed_in, head, epo, other_epo, autumn, check, camden):
    save(check, epo, "A1")
    client, address = signed_in(head), f"/assessments/{autumn.slug}/readiness/"

    whole = client.get(address, {"sort": "-answered"}).content.decode()
    narrowed = client.get(address, {"officer": epo.pk, "state": "draft"}).content.decode()
    none = client.get(address, {"state": "signed_off"}).content.decode()
    wrong = client.get(address, {"state": "purple"})

    table = whole[whole.index('id="checks"') :]
    assert table.index(">Camden<") < table.index(">Islington<")
    assert "1 of 3" in narrowed
    assert ">Islington<" not in narrowed[narrowed.index('id="checks"') :]
    assert "No health check is like that" in none
    assert wrong.status_code == 400
    assert "Choose one of the states listed." in wrong.content.decode()


@pytest.mark.parametrize("place", ["readiness", "dates", "officers", "carry-forward", "close"])
def test_managing_pages_are_the_heads_alone(place, signed_in, autumn, head, epo, clerk, administrator):
    address = f"/assessments/{autumn.slug}/{place}/"

    assert signed_in(head).get(address).status_code == 200
    assert [signed_in(person).get(address).status_code for person in (epo, clerk, administrator)] == [403] * 3
    assert signed_in(head).get(f"/assessments/never/{place}/").status_code == 404


def days(cycle, **more) -> dict[str, str]:
    """What the page of its days sends: as they were, and as they are to be."""
    was = cycles.Days.of(cycle)
    names = ("opens_on", "submit_by", "moderate_by", "closes_on")
    seen = {f"seen-{name}": day.isoformat() if (day := getattr(was, name)) else "" for name in names}
    now = {name: day.isoformat() if (day := getattr(was, name)) else "" for name in names}
    return {**seen, **now, **more}


def test_days_are_changed_with_their_history(signed_in, head, autumn):
    later = autumn.closes_on + timedelta(days=7)
    client, address = signed_in(head), f"/assessments/{autumn.slug}/dates/"

    saved = client.post(address, days(autumn, closes_on=later.isoformat()))

    autumn.refresh_from_db()
    assert (saved.status_code, autumn.closes_on) == (302, later)
    assert "Demo Head changed the last day from" in client.get(address).content.decode()
    wrong = client.post(address, days(autumn, moderate_by="2001-01-01"))
    assert wrong.status_code == 422
    assert "Give a day to sign off by between" in wrong.content.decode()
    assert client.post(address, days(autumn, closes_on="")).status_code == 422


def test_days_that_somebody_changed_meanwhile_are_not_overwritten(signed_in, head, autumn):
    mine = days(autumn, submit_by=(TODAY() + timedelta(days=3)).isoformat())
    cycles.set_days(
        cycle=autumn,
        days=cycles.Days(autumn.opens_on, None, None, autumn.closes_on + timedelta(days=9)),
        seen=cycles.Days.of(autumn),
        by=head,
    )
    client, address = signed_in(head), f"/assessments/{autumn.slug}/dates/"

    met = client.post(address, mine)

    assert met.status_code == 409
    assert "Somebody changed the days while you were writing." in met.content.decode()
    assert ReviewCycle.objects.get(pk=autumn.pk).submit_by is None


def test_order_of_the_days_is_said_in_words(autumn):
    first, last = autumn.opens_on, autumn.closes_on
    early, late = first + timedelta(days=1), first + timedelta(days=2)

    assert cycles.Days(first, late, early, last).wrong().startswith("Give a day to sign off by that is not")
    assert cycles.Days(first, early, late, last).wrong() == ""


def test_officers_are_changed_with_their_history_and_without_overwriting(
    signed_in, head, epo, other_epo, autumn, camden, islington
):
    client, address = signed_in(head), f"/assessments/{autumn.slug}/officers/"
    first, second = f"officer-{camden.pk}", f"officer-{islington.pk}"
    data = {first: str(other_epo.pk), f"initial-{first}": "", second: "", f"initial-{second}": ""}

    saved = client.post(address, data, follow=True).content.decode()
    again = client.post(address, {**data, first: str(epo.pk)})
    same = client.post(address, {**data, first: ""}, follow=True).content.decode()

    assert "Changed for 1 borough." in saved
    assert again.status_code == 422 or again.status_code == 409
    assert "Camden was given to Demo Officer B while you were choosing" in again.content.decode()
    assert "Nobody was changed." in same
    assert "the responsible officer of Camden: Demo Officer B" in client.get(address).content.decode()
    assert client.post(address, {first: "0"}).status_code == 422


def test_closing_names_what_is_not_signed_off_and_happens_once(signed_in, head, autumn):
    client, address = signed_in(head), f"/assessments/{autumn.slug}/close/"

    page = client.get(address).content.decode()
    closed = client.post(address, follow=True).content.decode()
    again = client.post(address)

    assert "3 of 3 health checks stay as they are, not signed off" in page
    assert "Camden</a>: in progress, 0 of 3 answered" in page
    assert ReviewCycle.objects.get(pk=autumn.pk).snapshot.sha256 in closed
    assert again.status_code == 422
    assert "Autumn 2010 is already closed." in again.content.decode()
    for place in ("dates", "officers"):
        assert "The cycle is closed" in client.get(f"/assessments/{autumn.slug}/{place}/").content.decode()
    with pytest.raises(actions.NotOpen):
        cycles.set_days(cycle=autumn, days=cycles.Days.of(autumn), seen=None, by=head)


def test_cycle_list_leads_the_head_to_what_only_they_may_do(signed_in, head, epo, autumn):
    mine = signed_in(head).get("/assessments/").content.decode()
    theirs = signed_in(epo).get("/assessments/").content.decode()

    for address in ("/assessments/new/", "/assessments/autumn-2010/readiness/", "/assessments/frameworks/"):
        assert address in mine
        assert address not in theirs


@pytest.mark.django_db(transaction=True)
def test_two_heads_who_open_one_cycle_at_once_open_one():
    head = factories.UserFactory(role=Role.HEAD)
    framework = make_framework(1)
    start, told = threading.Barrier(2, timeout=60), []

    def open_it() -> None:
        try:
            start.wait()
            told.append(str(opened(head, framework, "Autumn 2010")))
        except cycles.NameTaken as taken:
            told.append(f"taken by {taken.cycle}")
        finally:
            connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["Autumn 2010", "taken by Autumn 2010"]
    assert ReviewCycle.objects.count() == 1

"""From red to action: an action for one rating, and the plan of a cycle."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Scope
from assessments.models import HealthCheck, Rating
from recommendations.actions import NothingToAnswer, Proposed, answer_each, answer_ratings
from recommendations.content import cycle_plan
from recommendations.models import Action
from tests import factories
from tests.spreadsheet_readers import read_csv

TODAY = timezone.localdate


@pytest.fixture
def cycle(camden, islington, epo, other_epo):
    """A1 is red in Camden and amber in Islington, A2 amber in Camden and green in Islington, A3 green."""
    cycle = factories.ReviewCycleFactory()
    theme = factories.ThemeFactory(framework=cycle.framework)
    values = {"A1": ("red", "amber"), "A2": ("amber", "green"), "A3": ("green", "green")}
    criteria = [
        factories.CriterionFactory(theme=theme, code=code, position=place, short_title=f"Question {code}")
        for place, code in enumerate(values)
    ]
    for index, borough in enumerate((camden, islington)):
        check = factories.HealthCheckFactory(cycle=cycle, borough=borough)
        for criterion in criteria:
            factories.RatingFactory(
                health_check=check, criterion=criterion, value=values[criterion.code][index], rationale="Seen"
            )
    return cycle


@pytest.fixture
def unit(db):
    return factories.LeadUnitFactory(name="Demo Lead Unit C", slug="demo-lead-unit-c")


def rating_of(code, borough) -> Rating:
    return Rating.objects.get(criterion__code=code, health_check__borough=borough)


def posted(unit, **more):
    return {"text": "Agree the protocol", "lead_unit": unit.pk, "due_on": "", **more}


def test_red_rating_is_answered_by_an_action_of_its_borough(cycle, camden, epo, unit, signed_in):
    rating = rating_of("A1", camden)
    due_on = TODAY() + timedelta(days=30)

    answer = signed_in(epo).post(
        reverse("recommendations:answer-create", args=[rating.pk]), posted(unit, due_on=due_on.isoformat())
    )

    action = Action.objects.get()
    assert (answer.status_code, answer.url) == (302, f"{rating.health_check.get_absolute_url()}A1/")
    assert (action.origin, action.rating, action.borough, action.due_on) == ("rating", rating, camden, due_on)
    page = signed_in(epo).get(camden.get_absolute_url()).content.decode()
    assert "Agree the protocol" in page


def test_form_offers_the_next_step_as_the_action(cycle, camden, epo, signed_in):
    Rating.objects.filter(criterion__code="A1").update(next_step="Sign it in June")

    page = signed_in(epo).get(reverse("recommendations:answer-create", args=[rating_of("A1", camden).pk]))

    assert "Sign it in June</textarea>" in page.content.decode()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"text": ""}, "Say what is to be done."),
        ({"text": "x" * 401}, "Say it in at most 400 characters."),
        ({"lead_unit": ""}, "Choose who leads."),
        ({"lead_unit": "99999999"}, "Choose one of the lead units."),
        ({"due_on": "soon"}, "Give the day as a date."),
        ({"due_on": "2001-01-01"}, "Give a day that is still to come."),
    ],
)
def test_wrong_action_is_refused_in_words(cycle, camden, epo, unit, signed_in, more, sentence):
    address = reverse("recommendations:answer-create", args=[rating_of("A1", camden).pk])

    answer = signed_in(epo).post(address, posted(unit, **more))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Action.objects.exists()


def test_green_rating_needs_no_action(cycle, islington, other_epo, unit, signed_in):
    address = reverse("recommendations:answer-create", args=[rating_of("A2", islington).pk])
    client = signed_in(other_epo)

    assert "It is neither red nor amber" in client.get(address).content.decode()
    answer = client.post(address, posted(unit))

    assert answer.status_code == 422
    assert "A2 Question A2 in Islington is green now: it needs no action." in answer.content.decode()


def test_same_action_sent_twice_is_kept_once(cycle, camden, islington, head, unit):
    ratings = [rating_of("A1", camden), rating_of("A1", islington)]

    made = [
        answer_ratings(ratings=ratings, text="Agree it", lead_unit=unit, due_on=None, by=head)
        for _time in range(2)
    ]

    assert made[0] == made[1]
    assert (made[0].rating, made[0].borough) == (ratings[0], None)
    assert [row.rating for row in made[0].answered_ratings.all()] == [ratings[1]]

    alone = answer_ratings(ratings=ratings[:1], text="Agree it", lead_unit=unit, due_on=None, by=head)
    assert alone != made[0], "what answers other ratings is another action"


def test_plan_leaves_out_what_turned_green_meanwhile(cycle, camden, islington, head, unit):
    wanted = [
        Proposed([rating_of("A1", camden).pk, rating_of("A1", islington).pk], "Agree it", unit, None),
        Proposed([rating_of("A2", camden).pk], "Agree that", unit, None),
    ]
    Rating.objects.filter(pk__in=[wanted[0].ratings[1], wanted[1].ratings[0]]).update(
        value="green", rationale="Done"
    )

    (made,) = answer_each(proposed=wanted, by=head)

    assert (made.rating, made.borough) == (rating_of("A1", camden), camden)


def test_action_over_boroughs_stands_in_each_and_may_be_reported_on_by_each(
    cycle, camden, islington, head, epo, other_epo, member, unit
):
    ratings = [rating_of("A1", camden), rating_of("A1", islington)]
    action = answer_ratings(ratings=ratings, text="Agree it", lead_unit=unit, due_on=None, by=head)
    elsewhere = factories.BoroughFactory()

    assert list(Action.objects.for_borough(camden)) == list(Action.objects.for_borough(islington)) == [action]
    assert not Action.objects.for_borough(elsewhere).exists()
    assert action.in_scope(Scope.LINKED, epo)
    assert action.in_scope(Scope.LINKED, other_epo)
    assert not action.in_scope(Scope.ASSIGNED, epo)


def test_officer_answers_only_where_they_may_rate(cycle, camden, islington, epo, unit):
    ratings = [rating_of("A1", camden), rating_of("A1", islington)]

    with pytest.raises(PermissionDenied):
        answer_ratings(ratings=ratings, text="Agree it", lead_unit=unit, due_on=None, by=epo)
    with pytest.raises(NothingToAnswer):
        answer_ratings(ratings=[], text="Agree it", lead_unit=unit, due_on=None, by=epo)
    assert not Action.objects.exists()


def test_plan_of_a_cycle_is_built_once_for_each_criterion(cycle, head, unit, signed_in):
    client = signed_in(head)
    address = reverse("recommendations:cycle-plan-build", args=[cycle.slug])
    page = client.get(address).content.decode()
    assert "Bring A1 Question A1 to green in Camden and Islington" in page
    assert "A3 Question A3" not in page
    form = {
        "A1-include": "on", "A1-text": "Agree it", "A1-lead_unit": unit.pk, "A1-due_on": "",
        "A2-text": "", "A2-lead_unit": "", "A2-due_on": "",
    }  # fmt: skip

    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 422, "A1 is planned, and A2 was not ticked"

    action = Action.objects.get()
    assert (action.text, action.answered_ratings.count()) == ("Agree it", 1)
    areas = {area.code: area for area in cycle_plan(cycle, head, today=TODAY())}
    assert [len(areas[code].unanswered) for code in ("A1", "A2")] == [0, 1]
    listed = client.get(reverse("recommendations:cycle-plan", args=[cycle.slug])).content.decode()
    assert "Agree it" in listed
    assert "1 rating</a> has no action yet" in listed


def test_plan_takes_one_unit_and_day_for_all_but_the_exceptions(cycle, head, unit, signed_in):
    client, soon = signed_in(head), TODAY() + timedelta(days=30)
    address = reverse("recommendations:cycle-plan-build", args=[cycle.slug])
    other = factories.LeadUnitFactory(name="Demo Lead Unit Z")
    form = {
        "all-lead_unit": unit.pk, "all-due_on": soon.isoformat(),
        "A1-include": "on", "A1-text": "Agree it", "A1-lead_unit": "", "A1-due_on": "",
        "A2-include": "on", "A2-text": "Do it", "A2-lead_unit": other.pk, "A2-due_on": "",
    }  # fmt: skip

    late = client.post(address, {**form, "all-due_on": "2001-01-01"})
    client.post(address, form)

    assert late.status_code == 422
    assert '<a href="#id_all-due_on">Give a day that is still to come.</a>' in late.content.decode()
    planned = set(Action.objects.values_list("text", "lead_unit__name", "due_on"))
    assert planned == {("Agree it", unit.name, soon), ("Do it", "Demo Lead Unit Z", soon)}
    # What is red again, with no action now: whoever leads the newest about it is proposed.
    Action.objects.filter(text="Do it").update(status="superseded")
    again = client.get(address).content.decode()
    assert f'<option value="{other.pk}" selected>Demo Lead Unit Z</option>' in again


def test_plan_is_one_step_from_the_matrix_and_from_readiness(cycle, head, signed_in):
    client = signed_in(head)

    for address in (cycle.get_absolute_url(), f"{cycle.get_absolute_url()}readiness/"):
        page = client.get(address).content.decode()
        assert f'href="/recommendations/cycles/{cycle.slug}/"' in page, address


def test_plan_of_reds_leaves_the_ambers_out(cycle, head, signed_in):
    page = signed_in(head).get(reverse("recommendations:cycle-plan-build", args=[cycle.slug]) + "?of=red")

    assert "Bring A1 Question A1 to green in Camden<" in page.content.decode()
    assert "A2-text" not in page.content.decode()


def test_plan_with_an_error_plans_nothing_and_says_where(cycle, head, unit, signed_in):
    form = {
        "A1-include": "on", "A1-text": "Agree it", "A1-lead_unit": unit.pk, "A1-due_on": "",
        "A2-include": "on", "A2-text": "Do it", "A2-lead_unit": "", "A2-due_on": "",
    }  # fmt: skip

    answer = signed_in(head).post(reverse("recommendations:cycle-plan-build", args=[cycle.slug]), form)

    assert answer.status_code == 422
    assert '<a href="#id_A2-lead_unit">A2: Choose who leads.</a>' in answer.content.decode()
    assert not Action.objects.exists()


def test_plan_where_everything_is_answered_or_green_says_so(cycle, head, unit, signed_in):
    Rating.objects.update(value="green")
    client = signed_in(head)

    build = client.get(reverse("recommendations:cycle-plan-build", args=[cycle.slug]))
    plan = client.get(reverse("recommendations:cycle-plan", args=[cycle.slug]))

    assert "Everything has an action" in build.content.decode()
    assert "No area for development" in plan.content.decode()


def test_plan_counts_only_what_its_reader_may_see(cycle, epo, reader, signed_in):
    plan = reverse("recommendations:cycle-plan", args=[cycle.slug])

    own = signed_in(epo).get(plan).content.decode()
    assert "Camden" in own
    assert "Islington" not in own
    assert "No area for development" in signed_in(reader).get(plan).content.decode()
    assert not cycle_plan(cycle, reader, today=TODAY())
    assert HealthCheck.objects.count() == 2


def test_export_holds_the_plan(cycle, head, camden, islington, unit, signed_in):
    ratings = [rating_of("A1", camden), rating_of("A1", islington)]
    answer_ratings(ratings=ratings, text="Agree it", lead_unit=unit, due_on=None, by=head)
    client = signed_in(head)

    file = client.get(reverse("recommendations:cycle-plan-export", args=[cycle.slug, "csv"]))

    rows = read_csv(file.content)
    assert [row[:6] for row in rows[-2:]] == [
        ["A1", "Question A1", "Camden", "Islington", "Agree it", "Demo Lead Unit C"],
        ["A2", "Question A2", "", "Camden", "", ""],
    ]
    missing = client.get(reverse("recommendations:cycle-plan-export", args=[cycle.slug, "exe"]))
    assert missing.status_code == 404


def test_plan_costs_the_same_queries_for_one_action_and_for_many(
    cycle, head, camden, islington, unit, django_assert_num_queries
):
    answer_ratings(ratings=[rating_of("A1", camden)], text="One", lead_unit=unit, due_on=None, by=head)
    with django_assert_num_queries(5):
        cycle_plan(cycle, head, today=TODAY())
    for code, borough in (("A2", camden), ("A1", islington)):
        answer_ratings(ratings=[rating_of(code, borough)], text="More", lead_unit=unit, due_on=None, by=head)
    with django_assert_num_queries(5):
        cycle_plan(cycle, head, today=TODAY())

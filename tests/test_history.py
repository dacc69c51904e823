from datetime import timedelta

import pghistory
import pytest
from django.utils import timezone

from assessments.models import HealthCheck, Rating
from boroughs.models import BoroughLink
from cdrp_portal import history
from cdrp_portal.history import acting, changes_of
from tests import factories

pytestmark = pytest.mark.django_db


def rate(rating: Rating, **values) -> None:
    Rating.objects.filter(pk=rating.pk).update(**values)


def test_changes_tell_who_when_before_and_after(epo, camden):
    rating = factories.RatingFactory(health_check__borough=camden)
    with acting(epo), pghistory.context(request_id="abc"):
        rate(rating, value="red", rationale="No meeting")

    newest = changes_of(rating, fields=["value", "rationale"])[:2]

    assert {(change.field, change.before, change.after) for change in newest} == {
        ("value", "Not assessed", "Red"),
        ("why", "", "“No meeting”"),
    }
    assert {(change.who, change.request_id) for change in newest} == {("Demo Officer A", "abc")}
    assert abs(newest[0].at - timezone.now()) < timedelta(minutes=1)


def test_changes_read_as_sentences(epo, camden):
    rating = factories.RatingFactory(health_check__borough=camden)
    with acting(epo):
        rate(rating, value="red")
        rate(rating, value="amber")
        rate(rating, rationale="One")
        rate(rating, rationale="")

    told = {"value": "rating", "rationale": "reason"}
    texts = [change.text for change in changes_of(rating, fields=told)]

    assert texts == [
        "Demo Officer A cleared the reason, which was “One”",
        "Demo Officer A gave the reason: “One”",
        "Demo Officer A changed the rating from Red to Amber",
        "Demo Officer A changed the rating from Not assessed to Red",
        "The portal added this",
    ]


def test_changes_of_several_rows_carry_their_names(epo, camden):
    first, second = (factories.RatingFactory(health_check__borough=camden) for _ in range(2))
    with acting(epo):
        Rating.objects.update(value="green")

    changes = changes_of(
        Rating.objects.all(), fields=["value"], names={first.pk: "A1 Seat", second.pk: "A2 Deputy"}, limit=2
    )

    assert {change.text for change in changes} == {
        "Demo Officer A changed the value of A1 Seat from Not assessed to Green",
        "Demo Officer A changed the value of A2 Deputy from Not assessed to Green",
    }


def test_changes_of_a_deleted_row_are_kept(epo, camden):
    link = BoroughLink.objects.get(person=epo)
    kept = BoroughLink(pk=link.pk)
    link.delete()

    assert changes_of(kept)[0].text == "The portal removed this"


def test_changes_name_what_a_field_points_at_and_dates(epo, other_epo, camden):
    link = BoroughLink.objects.get(person=epo)
    start = link.period.lower
    BoroughLink.objects.filter(pk=link.pk).update(period=(start, start + timedelta(days=1)), version=2)
    check = factories.HealthCheckFactory(borough=camden, officer=epo)
    HealthCheck.objects.filter(pk=check.pk).update(officer=other_epo)

    changes = {
        change.field: (change.before, change.after)
        for change in [*changes_of(link), *changes_of(check, fields=["officer"])]
    }

    assert changes["officer"] == ("Demo Officer A", "Demo Officer B")
    assert changes["period"][0].startswith("from ")
    assert " until " in changes["period"][1]
    assert "version" not in changes


def test_no_more_events_are_read_than_the_limit_needs(epo, camden, monkeypatch):
    """Of five the event itself and the one before; the other saves stay in the database."""
    rating = factories.RatingFactory(health_check__borough=camden)
    with acting(epo):
        for number in range(20):
            rate(rating, value="red" if number % 2 else "amber", rationale=f"Text {number}")
            rate(rating, version=number + 1)
    read, step = [], history._Step
    monkeypatch.setattr(history, "_Step", lambda *event: read.append(event) or step(*event))

    every = changes_of(rating, fields=["value", "rationale"])
    of_all, read[:] = len(read), []
    newest = changes_of(rating, fields=["value", "rationale"], limit=5)

    assert newest == every[:5]
    assert [change.after for change in newest if change.field == "why"][:2] == ["“Text 19”", "“Text 18”"]
    assert (len(every), of_all, len(read)) == (41, 41, 10)


@pytest.mark.parametrize("rows", [1, 3])
def test_changes_take_two_queries(rows, epo, camden, django_assert_num_queries):
    check = factories.HealthCheckFactory(borough=camden)
    factories.RatingFactory.create_batch(rows, health_check=check)
    with acting(epo):
        Rating.objects.update(value="green", rated_by=epo, rated_at=timezone.now())

    with django_assert_num_queries(2):
        changes = changes_of(Rating.objects.filter(health_check=check))

    assert len(changes) == rows * 4

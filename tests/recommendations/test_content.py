from datetime import date, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from cdrp_portal.dates import LONDON
from recommendations.content import (
    NoSuchRecommendationError,
    actions_needing,
    open_actions_of,
    plan_at,
    planned_actions,
    progress_content,
    timeline,
)
from recommendations.models import Action, DueDateChange, KeyPoint, Position, Progress
from tests import factories

TODAY = date(2010, 12, 1)


def one(action, at, today=TODAY):
    ((_, planned),) = planned_actions(Action.objects.filter(pk=action.pk), at, today=today)
    return planned


def test_position_at_a_date_is_the_newest_of_that_day_or_before(own_action, stated):
    stated(own_action, date(2003, 5, 8), "Begun.")
    stated(own_action, date(2003, 11, 22), "All three started work.", Progress.COMPLETE)

    assert one(own_action, date(2003, 5, 7)).newest is None
    assert one(own_action, date(2003, 5, 8)).newest.text == "Begun."
    assert one(own_action, date(2003, 11, 21)).newest.text == "Begun."
    assert one(own_action, date(2003, 11, 22)).label == "Complete"
    assert [said.text for said in one(own_action, TODAY).earlier] == ["Begun."]


def test_position_at_a_date_agrees_with_a_replay(recommendation, own_unit):
    """200 random (date, action) pairs against the shortest possible reading of the series."""
    chance = Random(15)
    actions = [
        factories.ActionFactory(key_point__recommendation=recommendation, lead_unit=own_unit)
        for _ in range(20)
    ]
    series = {action.pk: [] for action in actions}
    for number in range(120):
        action = chance.choice(actions)
        on = date(2003, 1, 1) + timedelta(days=chance.randrange(60))
        status = chance.choice(Progress.values)
        Position.objects.create(action=action, stated_on=on, text=f"Text {number}", status=status)
        series[action.pk].append((on, number, status, f"Text {number}"))
    bad = total = 0
    for _ in range(10):
        at = date(2003, 1, 1) + timedelta(days=chance.randrange(-5, 65))
        for action, planned in planned_actions(Action.objects.all(), at, today=TODAY):
            told = [row for row in series[action.pk] if row[0] <= at]
            expected = max(told, key=lambda row: row[:2])[2:] if told else ("", "")
            found = (planned.status, planned.newest.text) if planned.newest else ("", "")
            bad += found != expected
            total += 1
    print(f"positions at a date: {bad} bad / {total}")

    assert total == 200
    assert bad == 0


def test_month_of_the_archive_is_told_without_a_day(own_action, stated):
    stated(own_action, date(2004, 6, 30), "Put for noting.", precision="month")

    assert one(own_action, TODAY).newest.on_words == "June 2004"


def test_overdue_is_judged_at_the_date_and_ongoing_never_is(own_action, stated):
    Action.objects.filter(pk=own_action.pk).update(due_on=date(2010, 9, 30))
    stated(own_action, date(2010, 1, 1), "Begun.")
    stated(own_action, date(2010, 10, 20), "Will not end.", Progress.ONGOING)
    Action.objects.filter(pk=own_action.pk).update(status=Progress.ONGOING)
    own_action.refresh_from_db()

    assert one(own_action, date(2010, 9, 30)).overdue == ""
    assert one(own_action, date(2010, 10, 1)).overdue == "Overdue: due 30 September 2010"
    assert one(own_action, date(2010, 10, 20)).overdue == ""
    assert one(own_action, TODAY).overdue == ""


def test_due_date_is_the_one_of_that_day(own_action, head):
    Action.objects.filter(pk=own_action.pk).update(due_on=date(2011, 3, 31))
    moved = DueDateChange.objects.create(
        action=own_action,
        from_on=date(2010, 8, 31),
        to_on=date(2011, 3, 31),
        reason="Waits for the regulations.",
        changed_by=head,
    )
    DueDateChange.objects.filter(pk=moved.pk).update(changed_at=datetime(2010, 8, 1, 12, tzinfo=LONDON))

    assert one(own_action, date(2010, 7, 31)).due_on == date(2010, 8, 31)
    assert one(own_action, date(2010, 8, 1)).due_on == date(2011, 3, 31)


def test_plan_groups_actions_and_tells_key_points_without_any(recommendation, own_action, foreign_action):
    KeyPoint.objects.create(recommendation=recommendation, text="Nobody answers this", position=9)
    actions = Action.objects.filter(key_point__recommendation=recommendation)

    plan = plan_at(actions, TODAY, today=TODAY, key_points=recommendation.key_points.all())

    assert [(row.text, [action.text for action in row.actions]) for row in plan] == [
        ("Every CDRP has a protocol", ["Send a model text"]),
        ("CANARY key point", ["CANARY action"]),
        ("Nobody answers this", []),
    ]


def test_plan_can_leave_out_what_is_not_open_or_not_overdue(
    recommendation, own_action, foreign_action, stated
):
    done = factories.ActionFactory(key_point=own_action.key_point, text="Done", status=Progress.COMPLETE)
    actions = Action.objects.filter(key_point__recommendation=recommendation)

    def texts(only):
        plan = plan_at(actions, TODAY, today=TODAY, only=only)
        return [action.text for row in plan for action in row.actions]

    assert set(texts("")) == {"Send a model text", "CANARY action", done.text}
    assert set(texts("open")) == {"Send a model text", "CANARY action"}
    assert texts("overdue") == ["CANARY action"]


def test_progress_block_has_the_four_columns(recommendation, own_action, stated):
    stated(own_action, date(2010, 10, 1), "27 of 32 boroughs have signed.")

    block = progress_content([15], TODAY, None)

    assert block == {
        "kind": "progress",
        "position_date": "2010-12-01",
        "recommendations": [
            {
                "number": "15",
                "text": recommendation.full_text,
                "rows": [
                    {
                        "key_point": "Every CDRP has a protocol",
                        "action": "Send a model text",
                        "lead": "Demo Lead Unit A",
                        "position": {
                            "status": "In progress",
                            "text": "27 of 32 boroughs have signed.",
                            "date": "2010-10-01",
                        },
                    }
                ],
            }
        ],
    }


def test_progress_block_says_overdue_and_a_month_in_words(recommendation, own_action, stated):
    Action.objects.filter(pk=own_action.pk).update(due_on=date(2010, 9, 30))
    stated(own_action, date(2010, 6, 30), "Asked.", precision="month")

    (row,) = progress_content([15], TODAY, None)["recommendations"][0]["rows"]

    assert row["position"] == {
        "status": "In progress",
        "text": "Asked. (June 2010) Overdue: due 30 September 2010.",
    }


def test_progress_block_keeps_the_order_asked_for(recommendation):
    factories.RecommendationFactory(number=33, scrutiny=recommendation.scrutiny)

    block = progress_content([33, 15, 33], TODAY, None)

    assert [row["number"] for row in block["recommendations"]] == ["33", "15"]


def test_progress_block_without_a_position_says_so(recommendation, own_action):
    (row,) = progress_content([15], date(2003, 2, 1), None)["recommendations"][0]["rows"]

    assert row["position"]["text"] == "No position was given by then."


def test_progress_block_of_an_unknown_number_is_refused(recommendation):
    with pytest.raises(NoSuchRecommendationError, match="There is no recommendation 99"):
        progress_content([15, 99], TODAY, None)


def test_progress_block_tells_a_lead_unit_only_its_own(recommendation, own_action, foreign_action, lead):
    everything = str(progress_content([15], TODAY, None))
    own = str(progress_content([15], TODAY, lead))

    assert "CANARY" in everything
    assert "CANARY" not in own
    assert "Send a model text" in own


def test_timeline_is_newest_first_and_ends_at_the_date(recommendation, own_action, stated):
    stated(own_action, date(2010, 10, 12), "19 of 27 checked.")
    stated(own_action, date(2010, 11, 2), "Complete: all checked.", Progress.COMPLETE)
    actions = Action.objects.all()

    texts = [event.text for event in timeline(recommendation, actions, TODAY)]
    earlier = [event.text for event in timeline(recommendation, actions, date(2010, 10, 31))]

    assert texts[:2] == ["Complete: all checked.", "In progress: 19 of 27 checked."]
    assert set(texts[2:]) == {
        "Agreed by the full Authority",
        "Recommended in the scrutiny “Crime and Disorder Reduction Partnerships”",
    }
    assert earlier == texts[1:]


def test_timeline_tells_moved_due_dates(recommendation, own_action, head):
    DueDateChange.objects.create(
        action=own_action,
        from_on=date(2010, 3, 31),
        to_on=date(2010, 8, 31),
        reason="The regulations are awaited.",
        changed_by=head,
    )

    (newest, *_) = timeline(recommendation, Action.objects.all(), timezone.localdate())

    assert newest.text == "Due date moved from 31 March 2010 to 31 August 2010: The regulations are awaited."


def test_needs_are_the_lead_unit_s_own_and_overdue_first(own_unit, own_action, foreign_action, lead, stated):
    stated(own_action, TODAY - timedelta(days=184), "Begun.")
    late = factories.ActionFactory(
        key_point=own_action.key_point, lead_unit=own_unit, text="Late", due_on=TODAY - timedelta(days=14)
    )
    soon = factories.ActionFactory(
        key_point=own_action.key_point, lead_unit=own_unit, text="Soon", due_on=TODAY + timedelta(days=14)
    )
    stated(soon, TODAY, "On its way.")
    fresh = factories.ActionFactory(
        key_point=own_action.key_point, lead_unit=own_unit, text="Fresh", due_on=TODAY + timedelta(days=15)
    )
    stated(fresh, TODAY, "On its way.")

    needs = actions_needing(lead, TODAY)

    assert [(need.text, need.why) for need in needs] == [
        ("Late", "Overdue: due 17 November 2010"),
        ("Soon", "Due 15 December 2010"),
        ("Send a model text", "Last position 31 May 2010"),
    ]
    assert (needs[0].pk, needs[0].late) == (late.pk, "14 days late")


def test_needs_of_an_officer_are_the_linked_boroughs(epo, camden, islington, own_unit):
    mine = factories.ActionFactory(borough=camden, lead_unit=own_unit)
    factories.ActionFactory(borough=islington, lead_unit=own_unit)
    factories.ActionFactory(lead_unit=own_unit)

    assert [(need.pk, need.borough) for need in actions_needing(epo, TODAY)] == [(mine.pk, "Camden")]


def test_needs_are_nobody_s_who_gives_no_positions(own_action, reader, member, clerk, administrator):
    for person in (reader, member, clerk, administrator):
        assert actions_needing(person, TODAY) == []


def test_needs_of_the_head_are_everybody_s(own_action, foreign_action, head):
    assert {need.text for need in actions_needing(head, TODAY)} == {"Send a model text", "CANARY action"}


@pytest.mark.parametrize("rows", [1, 3])
def test_needs_cost_the_same_queries_however_many(
    rows, own_action, own_unit, lead, django_assert_num_queries
):
    for _ in range(rows - 1):
        factories.ActionFactory(key_point=own_action.key_point, lead_unit=own_unit)
    Position.objects.create(
        action=own_action, stated_on=date(2010, 1, 1), text="Begun.", status="in_progress"
    )

    with django_assert_num_queries(2):
        assert len(actions_needing(lead, TODAY)) == rows


def test_open_actions_of_a_borough_are_overdue_first(camden, islington, own_unit, head):
    later = factories.ActionFactory(borough=camden, lead_unit=own_unit, due_on=TODAY + timedelta(days=1))
    late = factories.ActionFactory(borough=camden, lead_unit=own_unit, due_on=TODAY - timedelta(days=1))
    factories.ActionFactory(borough=camden, lead_unit=own_unit, status=Progress.COMPLETE)
    factories.ActionFactory(borough=islington, lead_unit=own_unit)

    needs = open_actions_of(camden, head, TODAY)

    assert [need.pk for need in needs] == [late.pk, later.pk]

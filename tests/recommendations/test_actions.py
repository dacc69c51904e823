from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from recommendations.actions import PositionError, add_position
from recommendations.models import Action, Position, Progress
from tests import factories


def give(action, by, on, text="Signed by all.", status=Progress.COMPLETE):
    return add_position(action=action, stated_on=on, text=text, status=status, by=by)


def test_newest_position_moves_the_action(head, own_action):
    give(own_action, head, timezone.localdate())

    stored = Action.objects.get(pk=own_action.pk)

    assert (stored.status, stored.version) == (Progress.COMPLETE, 2)
    assert own_action.status == Progress.COMPLETE


def test_position_for_an_earlier_day_leaves_the_action_where_it_is(head, own_action):
    today = timezone.localdate()
    give(own_action, head, today, status=Progress.IN_PROGRESS)
    give(own_action, head, today - timedelta(days=30), text="Begun.", status=Progress.NOT_STARTED)

    stored = Action.objects.get(pk=own_action.pk)

    assert stored.status == Progress.IN_PROGRESS
    assert [position.text for position in stored.positions.all()] == ["Signed by all.", "Begun."]


def test_position_sent_twice_is_kept_once(head, own_action):
    first = give(own_action, head, timezone.localdate())
    second = give(own_action, head, timezone.localdate())

    assert first == second
    assert own_action.positions.count() == 1


def test_position_given_again_after_another_is_kept(head, own_action):
    today = timezone.localdate()
    give(own_action, head, today)
    give(own_action, head, today, text="Taken back.", status=Progress.IN_PROGRESS)
    give(own_action, head, today)

    assert own_action.positions.count() == 3
    assert Action.objects.get(pk=own_action.pk).status == Progress.COMPLETE


@pytest.mark.parametrize(
    ("days", "text", "status", "sentence"),
    [
        (1, "Signed.", "complete", "has not come yet"),
        (-20_000, "Signed.", "complete", "when the Authority began"),
        (0, "   ", "complete", "Say in a sentence"),
        (0, "Signed.", "nearly", "Choose how far"),
    ],
)
def test_position_that_cannot_be_is_refused_and_changes_nothing(
    head, own_action, days, text, status, sentence
):
    with pytest.raises(PositionError, match=sentence):
        give(own_action, head, timezone.localdate() + timedelta(days=days), text=text, status=status)

    assert Position.objects.count() == 0
    assert Action.objects.get(pk=own_action.pk).version == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE recommendations_position SET text = 'Other'",
        "DELETE FROM recommendations_position",
    ],
)
def test_position_is_never_overwritten_by_sql(head, own_action, statement):
    give(own_action, head, timezone.localdate())

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    assert Position.objects.get().text == "Signed by all."


def test_position_is_in_the_history_with_who_gave_it(head, own_action):
    position = give(own_action, head, date(2010, 10, 14))

    event = Position.pgh_event_model.objects.get(pgh_obj_id=position.pk)

    assert (event.pgh_label, event.given_by_id) == ("insert", head.pk)


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_lose_nothing_and_double_nothing(head, own_action):
    """Twice the same note from one person and once another's, all at once, 10 rounds."""
    other = factories.UserFactory(role="head")
    bad = 0
    for turn in range(10):
        gate = Barrier(3)

        def press(by, text, gate=gate):
            gate.wait()
            give(own_action, by, timezone.localdate(), text=text)
            connection.close()

        threads = [
            Thread(target=press, args=args)
            for args in ((head, f"Note {turn}"), (head, f"Note {turn}"), (other, f"Other {turn}"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        texts = sorted(own_action.positions.filter(text__endswith=f" {turn}").values_list("text", flat=True))
        # The other's note may come between the two, which then are two statements, not one sent twice.
        if texts not in (
            [f"Note {turn}", f"Other {turn}"],
            [f"Note {turn}", f"Note {turn}", f"Other {turn}"],
        ):
            bad += 1
    print(f"positions given at once: {bad} bad / 10")

    assert bad == 0
    assert Action.objects.get(pk=own_action.pk).version == 1 + own_action.positions.count()

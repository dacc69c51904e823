"""The matrix of a past day, held against a replay of everything that was written."""

import datetime as dt
import random

import pytest

from assessments.matrix import MatrixFilters, load_matrix
from tests import factories
from tests.assessments.simulated import DAYS, OPENED, make_recorded, write_randomly

EDITS, MOMENTS, SEED = 500, 50, 20101014


def matrix_at(cycle, user, day):
    return load_matrix(cycle=cycle, user=user, filters=MatrixFilters.from_query({"as_at": day.isoformat()}))


def cells_of(matrix):
    """(borough, code) → value of what is shown, and the boroughs that are withheld."""
    subjects = [matrix.authority, *matrix.rows] if matrix.authority else list(matrix.rows)
    codes = [column.code for column in matrix.columns]
    shown = {
        (row.borough_id, code): value
        for row in subjects
        if not row.is_withheld
        for code, value in zip(codes, row.values, strict=True)
    }
    return shown, {row.borough_id for row in subjects if row.is_withheld}


def replayed(replay, day, *, reads_drafts, linked=()):
    states, values = replay.at_the_end_of(day)
    shown, withheld = {}, set()
    for borough, codes in replay.asked.items():
        if reads_drafts or states.get(borough, "draft") == "signed_off" or borough in linked:
            shown |= {(borough, code): values.get((borough, code), "not_assessed") for code in codes}
        else:
            withheld.add(borough)
    return shown, withheld


@pytest.fixture
def replay(camden, islington, head):
    cycle = make_recorded([camden, islington, factories.BoroughFactory(), factories.BoroughFactory()])
    return write_randomly(cycle, head, EDITS, SEED)


def random_days(count=MOMENTS):
    chance = random.Random(SEED)
    return [OPENED + dt.timedelta(days=chance.randrange(DAYS + 1)) for _day in range(count)]


def test_matrix_as_at_fifty_days_equals_the_replay_of_five_hundred_writes(replay, head, epo, camden, reader):
    readers = [(head, True, ()), (epo, False, {camden.pk}), (reader, False, ())]
    wrong = control = total = 0
    today = cells_of(load_matrix(cycle=replay.cycle, user=head, filters=MatrixFilters()))
    for day in random_days():
        for user, reads_drafts, linked in readers:
            expected = replayed(replay, day, reads_drafts=reads_drafts, linked=linked)
            wrong += cells_of(matrix_at(replay.cycle, user, day)) != expected
            total += 1
        control += today != replayed(replay, day, reads_drafts=True)

    assert len(replay.writes) == EDITS
    assert (wrong, total) == (0, 3 * MOMENTS)
    # Reading today's tables instead would be seen.
    assert control > MOMENTS * 0.9

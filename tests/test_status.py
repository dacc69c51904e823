from itertools import product

import pytest

from cdrp_portal.status import Movement, Status, movement


@pytest.mark.parametrize(
    ("was", "now", "moved"),
    [
        ("green", "amber", Movement.WORSE),
        ("green", "red", Movement.WORSE),
        ("amber", "red", Movement.WORSE),
        ("red", "amber", Movement.BETTER),
        ("red", "green", Movement.BETTER),
        ("amber", "green", Movement.BETTER),
        ("green", "green", Movement.SAME),
        ("less_relevant", "less_relevant", Movement.SAME),
        ("less_relevant", "green", Movement.NOT_COMPARABLE),
        ("red", "less_relevant", Movement.NOT_COMPARABLE),
        ("not_assessed", "red", Movement.NEWLY_ASSESSED),
        ("not_assessed", "less_relevant", Movement.NEWLY_ASSESSED),
        ("green", "not_assessed", Movement.NO_LONGER_ASSESSED),
        (None, "green", Movement.NEWLY_ASSESSED),
        ("green", None, Movement.NO_LONGER_ASSESSED),
        (None, None, Movement.SAME),
        (None, "not_assessed", Movement.SAME),
    ],
)
def test_movement_between_two_ratings(was, now, moved):
    assert movement(now, was) == moved


def test_movement_there_and_back_is_mirrored():
    mirror = {
        Movement.BETTER: Movement.WORSE,
        Movement.WORSE: Movement.BETTER,
        Movement.NEWLY_ASSESSED: Movement.NO_LONGER_ASSESSED,
        Movement.NO_LONGER_ASSESSED: Movement.NEWLY_ASSESSED,
    }

    pairs = list(product(Status, repeat=2))
    wrong = [pair for pair in pairs if movement(*pair[::-1]) != mirror.get(m := movement(*pair), m)]

    print(f"movements not mirrored: {len(wrong)} / {len(pairs)}")
    assert wrong == []


def test_status_letters_shorts_and_classes_are_each_its_own():
    for words in ([s.letter for s in Status], [s.short for s in Status], [s.css_class for s in Status]):
        assert len(set(words)) == len(Status)


def test_status_rank_is_held_by_the_three_colours_alone():
    assert {s.value: s.rank for s in Status} == {
        "green": 3,
        "amber": 2,
        "red": 1,
        "less_relevant": None,
        "not_assessed": None,
    }

"""A cycle closed and a paper issued while others write: of one moment, and once (QUALITY rows 72 and 73)."""

import random
import threading
import time
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.permissions import Role
from assessments import actions
from assessments.actions import cycles
from assessments.content.snapshot import content_of, what_is_wrong
from assessments.models import Comment, CycleSnapshot, Framework, Rating, ReviewCycle
from committees import actions as papers
from committees.documents import gather
from committees.jobs.requests import request_document
from committees.models import Edition, Job, Paper
from committees.rendering import RenderedDocument
from tests import factories
from tests.assessments.grid import make_boroughs, make_framework
from tests.quality.soak import size
from tests.threads import at_once

CLOSINGS, CONTROLS = size(2, 100), 1
ISSUES = size(4, 100)
BOROUGHS, CRITERIA, WRITERS = 3, 4, 3
SAVES_BEFORE_THE_END, MOST_TEXTS = 12, 30
RENDERED = RenderedDocument(pdf=b"%PDF-1.7\n", sha256="a" * 64, page_count=1)


# Row 72: the end of a cycle


def opened(framework: Framework, head: User, number: int) -> ReviewCycle:
    return actions.open_cycle(
        framework=framework,
        name=f"Cycle {number}",
        opens_on=date(2010, 9, 1),
        closes_on=date(2010, 10, 29),
        previous=None,
        by=head,
    )


def closing(framework: Framework, head: User, people: list[User], number: int) -> tuple[int, int]:
    """One cycle closed while others save as fast as they can: cells that are wrong in its snapshot, saves.

    Every save that was taken is in the snapshot, and none that was refused.
    """
    cycle = opened(framework, head, number)
    checks = list(cycle.health_checks.select_related("borough", "cycle"))
    taken: list[tuple[str, str, int, str]] = []
    enough = threading.Event()

    def write(who: int) -> None:
        chance = random.Random(number * 10 + who)
        while True:
            check, code = chance.choice(checks), f"A{chance.randint(1, CRITERIA)}"
            version = check.ratings.values_list("version", flat=True).get(criterion__code=code)
            try:
                saved = actions.save_rating(
                    health_check=check, criterion_code=code, value="amber", next_step="",
                    rationale=f"{who} {chance.random()}", version=version, by=people[who],
                )  # fmt: skip
            except actions.RatingConflict:
                continue
            except actions.NotOpen:
                return
            taken.append((check.subject_slug, code, saved.version, saved.rationale))
            if len(taken) >= SAVES_BEFORE_THE_END:
                enough.set()

    def end() -> CycleSnapshot:
        enough.wait(30)
        return cycles.close_cycle(cycle=cycle, by=head).snapshot

    *others, snapshot = at_once(*(lambda who=who: write(who) for who in range(WRITERS)), end)
    assert others == [None] * WRITERS
    assert isinstance(snapshot, CycleSnapshot)
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for subject, code, version, text in taken:
        last[subject, code] = max(last.get((subject, code), (0, "")), (version, text))
    kept = {
        (subject, code): (rating["version"], rating["rationale"])
        for subject, check in snapshot.content["health_checks"].items()
        for code, rating in check["ratings"].items()
        if rating["version"]
    }
    wrong = {cell for cell in {*kept, *last} if kept.get(cell) != last.get(cell)}
    return len(wrong) + bool(what_is_wrong(snapshot)), len(taken)


@pytest.fixture
def writers(db) -> list[User]:
    make_boroughs(BOROUGHS)
    return [factories.UserFactory(role=Role.HEAD) for _ in range(WRITERS)]


@pytest.mark.django_db(transaction=True)
def test_a_closed_cycle_is_kept_as_of_one_moment_while_others_save(head, writers):
    framework = make_framework(CRITERIA)

    found = [closing(framework, head, writers, number) for number in range(CLOSINGS)]

    wrong, saves = sum(bad > 0 for bad, _ in found), sum(taken for _, taken in found)
    print(f"row 72, cycles closed during {saves} saves and not of one moment: {wrong} / {CLOSINGS}")
    assert wrong == 0


@pytest.mark.django_db(transaction=True)
def test_control_a_snapshot_begun_before_the_saves_are_held_is_wrong(head, writers, monkeypatch):
    """Read as an unguarded end would read it: without waiting for whoever is saving."""
    framework, read = make_framework(CRITERIA), {}
    close = cycles.close_cycle

    def early(*, cycle, by):
        read[cycle.pk] = content_of(cycle)
        return close(cycle=cycle, by=by)

    monkeypatch.setattr(cycles, "close_cycle", early)
    monkeypatch.setattr(cycles, "content_of", lambda cycle: read[cycle.pk])

    wrong = sum(closing(framework, head, writers, number)[0] > 0 for number in range(CONTROLS))

    print(f"row 72, control without the locks: {wrong} / {CONTROLS} wrong")
    assert wrong == CONTROLS


@pytest.mark.django_db(transaction=True)
def test_a_remark_that_waited_for_the_end_of_a_cycle_is_refused(head, writers):
    """Begun while the cycle is being closed: it waits for its health check, and then meets a closed cycle."""
    cycle = opened(make_framework(1), head, 1)
    rating = Rating.objects.select_related("health_check__cycle").filter(health_check__cycle=cycle).first()
    is_ending = threading.Event()

    def end() -> None:
        with transaction.atomic():
            cycles.close_cycle(cycle=cycle, by=head)
            is_ending.set()
            time.sleep(1)

    def remark() -> None:
        is_ending.wait(30)
        actions.write_comment(rating=rating, text="Too late", by=writers[0])

    _ended, told = at_once(end, remark)

    assert isinstance(told, actions.NotOpen)
    assert not Comment.objects.exists()


# Rows 72 and 73: the issue of a paper


def a_paper(number: int) -> Paper:
    paper = factories.PaperFactory(number=str(number), summary="Invented for a test.")
    factories.PaperSectionFactory(paper=paper, key="supporting", text="First", numbering="none")
    return paper


def issue_as_seen(paper: Paper, by: User) -> Edition | None:
    """What the last step of an issue does, of what was read just before; None where that has changed."""
    expected = papers.fingerprint(paper)
    content = gather("committee-paper-issue", {"paper": paper.pk}, by=by).content
    try:
        return papers.issue_paper(paper=paper, content=content, rendered=RENDERED, expected=expected, by=by)
    except (papers.PaperChanged, papers.PaperIssued):
        return None


def issued_while_written(paper: Paper, clerk: User, other: User) -> bool:
    """Whether the edition says what the paper says for good: each text that was saved, and nothing older."""

    chance = random.Random(paper.number)

    def write() -> None:
        for number in range(MOST_TEXTS):
            time.sleep(chance.random() / 100)
            version = paper.sections.get().version
            try:
                papers.save_section(
                    paper=paper, key="supporting", text=f"Text {number}", version=version, by=other
                )
            except papers.PaperIssued:
                return

    def issue() -> None:
        while issue_as_seen(Paper.objects.get(pk=paper.pk), clerk) is None:
            pass

    assert at_once(write, issue) == [None, None]
    return paper.sections.get().text in str(paper.editions.get().content)


@pytest.mark.django_db(transaction=True)
def test_an_issued_paper_says_what_it_said_at_one_moment(clerk):
    other = factories.UserFactory(role=Role.CLERK)

    wrong = sum(not issued_while_written(a_paper(number), clerk, other) for number in range(ISSUES))

    print(f"row 72, papers issued while they were written and not of one moment: {wrong} / {ISSUES}")
    assert wrong == 0


@pytest.mark.django_db
def test_control_an_issue_that_does_not_look_again_freezes_older_words(clerk, monkeypatch):
    paper = a_paper(1)
    content = gather("committee-paper-issue", {"paper": paper.pk}, by=clerk).content
    papers.save_section(paper=paper, key="supporting", text="Later", version=1, by=clerk)
    monkeypatch.setattr(papers, "fingerprint", lambda paper: "never looked at")

    edition = papers.issue_paper(
        paper=paper, content=content, rendered=RENDERED, expected="never looked at", by=clerk
    )

    assert "Later" not in str(edition.content)


def pressed_by_three(paper: Paper, clerk: User, other: User) -> tuple[bool, bool]:
    """A double click beside another clerk: whether it became two jobs, and whether not one edition."""
    asked = {"paper": paper.pk, "expected": papers.fingerprint(paper)}

    def press(by: User) -> Job:
        return request_document(kind="committee-paper-issue", parameters=asked, by=by)

    one, same, another = at_once(lambda: press(clerk), lambda: press(clerk), lambda: press(other))
    at_once(lambda: issue_as_seen(paper, clerk), lambda: issue_as_seen(paper, other))
    assert another.pk not in (one.pk, same.pk)
    return one.pk != same.pk, [edition.number for edition in paper.editions.all()] != [1]


def closed_by_two(cycle: ReviewCycle, heads: list[User]) -> bool:
    """Whether it was closed, or kept, not once; who comes second is told so."""
    told = at_once(*(lambda by=by: cycles.close_cycle(cycle=cycle, by=by) for by in heads))
    refused = sum(isinstance(one, actions.NotOpen | cycles.CycleRefused) for one in told)
    return refused != 1 or CycleSnapshot.objects.filter(cycle=cycle).count() != 1


@pytest.mark.django_db(transaction=True)
def test_what_is_pressed_twice_or_by_two_is_done_once(clerk, head, writers):
    """The same press twice is one job; whoever comes second of two people is told that it has been done."""
    other, framework = factories.UserFactory(role=Role.CLERK), make_framework(1)

    issued = [pressed_by_three(a_paper(number), clerk, other) for number in range(ISSUES)]
    closed = [closed_by_two(opened(framework, head, number), [head, writers[0]]) for number in range(ISSUES)]

    print(f"row 73, double clicks that became two jobs: {sum(two for two, _ in issued)} / {ISSUES}")
    print(f"row 73, papers without exactly one edition: {sum(bad for _, bad in issued)} / {ISSUES}")
    print(f"row 73, cycles not closed exactly once: {sum(closed)} / {ISSUES}")
    assert not any(two or bad for two, bad in issued)
    assert not any(closed)


@pytest.mark.django_db
def test_control_without_the_look_at_the_state_a_second_edition_is_tried(clerk, monkeypatch):
    """Then only the database is left: it takes no second edition that does not say what it corrects."""
    monkeypatch.setattr(papers, "_draft", lambda pk: Paper.objects.get(pk=pk))
    paper = a_paper(1)
    issue_as_seen(paper, clerk)

    with pytest.raises(IntegrityError, match="edition_correction_says_what_changed"):
        issue_as_seen(paper, clerk)

"""Several ratings changed as one set: all or none, undone exactly, and nothing lost beside a single save."""

import random
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.permissions import Role
from assessments import actions
from assessments.actions import Answer, Given
from assessments.content import bulk as content
from assessments.models import ChangeSet, HealthCheck, Rating, ReviewCycle
from cdrp_portal.history import changes_of
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.grid import make_framework

SETS = 200
RACES, CONTROLS = 40, 12
BULK = ChangeSet.Kind.BULK


def open_cycle(head, criteria: int = 4) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(criteria),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    return open_cycle(head)


def cells(cycle: ReviewCycle, *subjects: str) -> list[Rating]:
    ratings = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__slug__in=subjects)
    return list(ratings.order_by("health_check__borough__slug", "criterion__position"))


def give(cycle, by, ratings, value="red", rationale="Not heard of", **options) -> ChangeSet:
    answer = Answer(Status(value), rationale, "")
    given = [Given(rating.pk, rating.version, answer) for rating in ratings]
    return actions.save_set(cycle=cycle, kind=BULK, title="A set", given=given, by=by, **options)


def save(rating: Rating, by, value="green", rationale="Said so", version: int | None = None) -> Rating:
    return actions.save_rating(
        health_check=rating.health_check,
        criterion_code=rating.criterion.code,
        value=value,
        rationale=rationale,
        next_step="",
        version=rating.version if version is None else version,
        by=by,
    )


def stands() -> dict[int, tuple]:
    """What people see of each rating, whoever gave it and however often it was written."""
    kept = (
        "value",
        "rationale",
        "next_step",
        "is_carried",
        "officer_value",
        "moderation_reason",
        "flag_note",
    )
    return {pk: rest for pk, *rest in Rating.objects.values_list("pk", *kept)}


@pytest.mark.django_db
def test_a_set_gives_every_answer_and_says_what_stood_before(cycle, epo):
    first, *others = cells(cycle, "camden")
    save(first, epo, "green", "Agreed")
    first.refresh_from_db()

    change_set = give(cycle, epo, [first, *others])

    assert set(
        Rating.objects.filter(health_check__borough__slug="camden").values_list("value", "version")
    ) == {
        ("red", 2),
        ("red", 1),
    }
    change = change_set.changes.get(rating=first)
    assert (change.before["value"], change.before["rationale"]) == ("green", "Agreed")
    assert (change.after["value"], change.after["rationale"], change.version) == ("red", "Not heard of", 2)
    assert changes_of(first, fields=["value"])[0].who == "Demo Officer A"
    assert (change_set.made_by, change_set.kind, change_set.changes.count()) == (epo, BULK, 4)


@pytest.mark.django_db
def test_a_set_takes_as_many_questions_for_two_as_for_eight(cycle, head, django_assert_num_queries):
    camden, islington = cells(cycle, "camden"), cells(cycle, "islington")

    with django_assert_num_queries(8):
        give(cycle, head, camden[:2])
    with django_assert_num_queries(8):
        give(cycle, head, camden[2:] + islington)


def bulk_url(cycle: ReviewCycle, query: str = "") -> str:
    return f"/assessments/{cycle.slug}/bulk/{query}"


@pytest.mark.django_db
def test_bulk_page_shows_what_is_chosen_and_names_what_is_left_out(cycle, epo, signed_in):
    save(cells(cycle, "camden")[0], epo, "amber", "Half of it")

    page = signed_in(epo).get(bulk_url(cycle, "?borough=camden&borough=islington&criterion=A1&criterion=A2"))

    text = page.content.decode()
    assert page.context["chosen"].words == "2 ratings in Camden"
    assert page.context["chosen"].left_out == ["You may not rate Islington."]
    assert "Change 2 ratings" in text


def undo_all(change_set: ChangeSet, by) -> ChangeSet:
    return actions.undo_set(change_set=change_set, by=by)


@pytest.mark.django_db
def test_generated_sets_are_undone_exactly(cycle, head):
    """Sets of any cells and any answers, over moderated, flagged and carried ratings too."""
    chance, every = random.Random(8), cells(cycle, "camden", "islington")
    for rating in every[:3]:
        save(rating, head)
    Rating.objects.filter(pk=every[0].pk).update(
        value="amber",
        officer_value="green",
        moderation_reason="Not agreed yet",
        moderated_at=timezone.now(),
        moderated_by=head,
        flag_note="Look again",
        version=2,
    )
    Rating.objects.filter(pk=every[1].pk).update(is_carried=True, version=2)
    Rating.objects.filter(pk=every[2].pk).update(proof_due_on=timezone.localdate(), version=2)
    first, wrong, done = stands(), 0, 0
    while done < SETS:
        now = {rating.pk: rating for rating in Rating.objects.all()}
        given = [
            Given(
                one.pk,
                now[one.pk].version,
                Answer(chance.choice(list(Status)), f"Reason {chance.random()}", chance.choice(("", "Ask"))),
            )
            for one in chance.sample(every, chance.randint(1, 5))
        ]
        change_set = actions.save_set(cycle=cycle, kind=BULK, title=f"Set {done}", given=given, by=head)
        undo_all(change_set, head)
        wrong += stands() != first
        done += 1

    print(f"generated sets not undone exactly: {wrong} / {done}")
    assert wrong == 0


@pytest.mark.django_db
def test_undo_leaves_what_was_changed_since(cycle, epo):
    first, second, *_others = cells(cycle, "camden")
    change_set = give(cycle, epo, [first, second])
    first.refresh_from_db()
    save(first, epo, "amber", "Half of it since")

    preview = actions.undo_preview(change_set, by=epo)
    undone = undo_all(change_set, epo)

    assert [(step.rating.pk, step.left) for step in preview] == [
        (first.pk, "It has been changed since."),
        (second.pk, ""),
    ]
    assert (undone.kind, undone.undoes) == (ChangeSet.Kind.UNDO, change_set)
    assert list(Rating.objects.filter(pk__in=[first.pk, second.pk]).values_list("value", flat=True)) == [
        "amber",
        "not_assessed",
    ]
    assert undone.changes.get().rating_id == second.pk


@pytest.mark.django_db
def test_control_undo_overwrites_what_was_changed_since_without_the_version_check(cycle, epo, monkeypatch):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    first = cells(cycle, "camden")[0]
    change_set = give(cycle, epo, [first])
    save(first, epo, "amber", "Half of it since")

    undo_all(change_set, epo)

    assert Rating.objects.get(pk=first.pk).rationale == ""


@pytest.mark.django_db
def test_a_set_is_undone_once_within_thirty_days_by_whoever_may_rate_all_of_it(cycle, epo, head, monkeypatch):
    both = cells(cycle, "camden", "islington")
    change_set = give(cycle, head, both)
    with pytest.raises(PermissionDenied):
        undo_all(change_set, epo)

    undone = undo_all(change_set, head)
    for again in (change_set, undone):
        with pytest.raises(actions.NotUndone):
            undo_all(again, head)

    old = give(cycle, head, cells(cycle, "camden"))
    later = timezone.now() + timedelta(days=30, minutes=1)
    monkeypatch.setattr(actions.sets.timezone, "now", lambda: later)
    with pytest.raises(actions.NotUndone, match="30 days"):
        undo_all(old, head)


@pytest.mark.django_db
def test_an_undo_that_would_put_back_nothing_is_refused(cycle, epo, head):
    change_set = give(cycle, epo, cells(cycle, "camden"))
    actions.submit(health_check=cycle.health_checks.get(borough__slug="camden"), by=epo)

    with pytest.raises(actions.NotUndone, match="Nothing"):
        undo_all(change_set, epo)

    assert all("submitted" in step.left for step in actions.undo_preview(change_set, by=epo))


@pytest.mark.django_db
def test_the_proof_of_an_answer_is_not_put_back_under_its_confirmers_own_name(cycle, epo, head):
    first = save(cells(cycle, "camden")[0], epo)
    proof = {"proof_confirmed_at": timezone.now(), "proof_confirmed_by": head}
    Rating.objects.filter(pk=first.pk).update(**proof)
    first.refresh_from_db()

    undo_all(give(cycle, epo, [first]), epo)
    kept = Rating.objects.get(pk=first.pk)
    undo_all(give(cycle, head, [kept]), head)

    assert kept.proof_confirmed_by == head
    assert Rating.objects.get(pk=first.pk).proof_confirmed_by is None


SHUT = {
    "submitted": "Camden has been submitted",
    "moderated": "Camden has been moderated",
    "signed_off": "Camden has been signed off",
    "closed": "is closed",
}


@pytest.mark.django_db
@pytest.mark.parametrize("state", SHUT)
def test_a_set_is_refused_whole_where_one_health_check_is_not_open(state, cycle, head):
    give(cycle, head, cells(cycle, "camden"), "green", "Seen")
    camden = cycle.health_checks.get(borough__slug="camden")
    if state != "closed":
        actions.submit(health_check=camden, by=head)
    if state == "moderated":
        HealthCheck.objects.filter(pk=camden.pk).update(
            state=state, moderated_at=timezone.now(), moderated_by=head
        )
    if state == "signed_off":
        HealthCheck.objects.filter(pk=camden.pk).update(
            state=state,
            moderated_at=timezone.now(),
            moderated_by=head,
            signed_off_at=timezone.now(),
            signed_off_by=head,
        )
    if state == "closed":
        ReviewCycle.objects.filter(pk=cycle.pk).update(closed_at=timezone.now(), closed_by=head)
    before = stands()

    with pytest.raises(actions.SetRefused) as refused:
        give(cycle, head, cells(cycle, "camden", "islington"))

    reasons = {one.why for one in refused.value.refusals if one.rating.health_check_id == camden.pk}
    assert stands() == before
    assert len(reasons) == 1
    assert SHUT[state] in reasons.pop()


@pytest.mark.django_db
def test_a_set_is_refused_whole_with_a_reason_for_each(cycle, epo, head):
    first, second, third, fourth = cells(cycle, "camden")
    save(second, head, "amber", "Theirs")
    before = stands()

    with pytest.raises(actions.SetRefused) as refused:
        give(cycle, epo, [first, second, third, fourth], "less_relevant", "")

    met = {one.rating.pk: one for one in refused.value.refusals}
    assert stands() == before
    assert set(met) == {first.pk, second.pk, third.pk, fourth.pk}
    assert met[second.pk].mine == Answer(Status.LESS_RELEVANT, "", "")
    assert met[second.pk].rating.rationale == "Theirs"
    assert met[first.pk].why.startswith("Say why")
    assert not ChangeSet.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "error"), [("member", actions.SetRefused), ("other_epo", Rating.DoesNotExist)]
)
def test_a_set_is_given_by_whoever_may_rate_and_of_what_they_may_see(who, error, cycle, request):
    person = request.getfixturevalue(who)

    with pytest.raises(error):
        give(cycle, person, cells(cycle, "camden"))


@pytest.mark.django_db
def test_a_set_of_another_cycle_or_of_what_stands_already_is_none(cycle, head, epo):
    ratings = cells(cycle, "camden")
    give(cycle, epo, ratings)
    with pytest.raises(actions.NothingChanged):
        give(cycle, epo, ratings)
    with pytest.raises(actions.NothingChanged):
        give(cycle, epo, [])
    with pytest.raises(Rating.DoesNotExist):
        give(factories.ReviewCycleFactory(framework=cycle.framework), head, ratings)


def at_once(jobs: list[Callable[[], object]]) -> list[object]:
    """Runs the jobs in threads with connections of their own, and gives back what each returned or raised."""
    results: list[object] = [None] * len(jobs)

    def run(number: int) -> None:
        try:
            results[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001 - a thread's error is the test's to judge
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def race(cycle: ReviewCycle, people, turns: int) -> tuple[int, int]:
    """A set of eight ratings and single saves of two of them, begun on one reading, `turns` times.

    How often a text was overwritten unseen, and how often nobody's was saved. A deadlock fails the test.
    """
    meet = threading.Barrier(3, timeout=60)
    pks = [rating.pk for rating in cells(cycle, "camden", "islington")]

    def reading() -> dict[int, Rating]:
        ratings = Rating.objects.select_related("health_check__cycle", "health_check__borough", "criterion")
        return {rating.pk: rating for rating in ratings.filter(pk__in=pks)}

    def of_set() -> list[bool]:
        saved = []
        for number in range(turns):
            now = reading()
            meet.wait()
            try:
                give(cycle, people[0], now.values(), "amber", f"Set {number}")
            except actions.SetRefused as refused:
                saved.append(not all(one.mine for one in refused.refusals))
            else:
                saved.append(True)
            meet.wait()
        return saved

    def of_one(who: int, pk: int) -> Callable[[], list[bool]]:
        def run() -> list[bool]:
            saved = []
            for number in range(turns):
                rating = reading()[pk]
                meet.wait()
                try:
                    save(rating, people[who], "red", f"One {number}")
                except actions.RatingConflict:
                    saved.append(False)
                else:
                    saved.append(True)
                meet.wait()
            return saved

        return run

    results = at_once([of_set, of_one(1, pks[0]), of_one(2, pks[-1])])
    assert all(isinstance(result, list) for result in results), results
    outcomes = list(zip(*results, strict=True))
    lost = sum(whole and (one or other) for whole, one, other in outcomes)
    return lost, sum(not any(turn) for turn in outcomes)


@pytest.mark.django_db(transaction=True)
def test_a_set_that_meets_single_saves_loses_nothing_and_never_waits_in_a_ring(head, camden, islington):
    people = [factories.UserFactory(role=Role.HEAD) for _ in range(3)]
    cycle = open_cycle(head)

    lost, nobody = race(cycle, people, RACES)

    print(f"a set against two single saves: {lost + nobody} / {RACES} lost or refused to all, 0 deadlocks")
    assert (lost, nobody) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_control_a_set_that_meets_single_saves_loses_texts_without_the_version_check(
    head, camden, islington, monkeypatch
):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)
    people = [factories.UserFactory(role=Role.HEAD) for _ in range(3)]
    cycle = open_cycle(head)

    lost, _nobody = race(cycle, people, CONTROLS)

    print(f"control without the version check: loss in {lost} / {CONTROLS}")
    assert lost == CONTROLS


def bulk_data(ratings, value="amber", rationale="Half of it", **more) -> dict:
    return {
        "cells": " ".join(f"{one.pk}.{one.version}" for one in ratings),
        "value": value,
        "rationale": rationale,
    } | more


@pytest.mark.django_db
def test_bulk_page_applies_one_set_and_leads_to_it(cycle, epo, signed_in):
    chosen = cells(cycle, "camden")[:2]
    save(chosen[0], epo, "green", "Said so")
    chosen[0].refresh_from_db()

    answer = signed_in(epo).post(bulk_url(cycle), bulk_data(chosen, rationale=""))

    change_set = ChangeSet.objects.get()
    assert (answer.status_code, answer.url) == (302, change_set.get_absolute_url())
    assert change_set.title == "Amber in Camden"
    assert [one.rationale for one in cells(cycle, "camden")[:2]] == ["Said so", ""]


@pytest.mark.django_db
def test_bulk_page_shows_two_texts_that_met_and_takes_the_choice(cycle, epo, head, signed_in):
    first, second, *_others = cells(cycle, "camden")
    save(first, head, "green", "Theirs")
    client = signed_in(epo)

    met = client.post(bulk_url(cycle), bulk_data([first, second]))
    text = met.content.decode()
    ticked = f"{first.pk}.1"

    assert met.status_code == 409
    assert all(
        words in text for words in ("Theirs", "Half of it", f'value="{ticked}"', "Nothing was changed")
    )
    assert not ChangeSet.objects.exists()
    both = [f"{second.pk}.{second.version}", ticked]
    assert client.post(bulk_url(cycle), {**bulk_data([]), "cells": both}).status_code == 302
    assert set(ChangeSet.objects.get().changes.values_list("rating", flat=True)) == {first.pk, second.pk}


@pytest.mark.django_db
def test_bulk_page_says_what_keeps_a_set_from_being_saved(cycle, epo, signed_in):
    chosen = cells(cycle, "camden")
    client = signed_in(epo)
    without = client.post(bulk_url(cycle), bulk_data(chosen, "less_relevant", ""))
    unchanged = client.post(bulk_url(cycle), bulk_data(chosen, "not_assessed", ""))
    unrated = client.post(bulk_url(cycle), bulk_data(chosen, ""))
    actions.save_set(
        cycle=cycle,
        kind=BULK,
        title="All",
        given=[Given(one.pk, one.version, Answer(Status.GREEN, "Seen", "")) for one in chosen],
        by=epo,
    )
    actions.submit(health_check=chosen[0].health_check, by=epo)
    submitted = client.post(bulk_url(cycle), bulk_data(cells(cycle, "camden")))

    told = [(one.status_code, one.content.decode()) for one in (without, unchanged, unrated, submitted)]
    assert [status for status, _text in told] == [409, 422, 422, 409]
    for (_status, text), words in zip(
        told, ("less relevant", "stands so already", "Choose a rating", "has been submitted"), strict=True
    ):
        assert words in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"cells": "x"}, 422),
        ({"cells": ""}, 422),
        ({"cells": "999999.0"}, 404),
        ({"cells": "9" * 18 + ".0"}, 404),
    ],
)
def test_bulk_page_refuses_what_it_never_offered(data, status, cycle, epo, signed_in):
    answer = signed_in(epo).post(bulk_url(cycle), bulk_data([], **data))

    assert answer.status_code == status


@pytest.mark.django_db
def test_bulk_page_of_what_is_not_in_the_cycle_says_so(cycle, epo, signed_in):
    answer = signed_in(epo).get(bulk_url(cycle, "?borough=atlantis&criterion=A1"))

    assert (answer.status_code, "“atlantis” is not in Autumn 2010" in answer.content.decode()) == (400, True)


@pytest.mark.django_db
def test_bulk_page_names_all_that_is_left_out_and_offers_what_is_theirs(cycle, epo, head, signed_in):
    nothing = signed_in(epo).get(bulk_url(cycle, "?borough=islington&borough=authority"))
    everything = signed_in(head).get(bulk_url(cycle, "?criterion=A1&value=red"))

    assert "Nothing that you may rate was chosen" in nothing.content.decode()
    assert [one.label for one in nothing.context["boroughs"]] == ["Camden"]
    assert everything.context["chosen"].words == "3 ratings in The Authority, Camden and Islington"
    assert content.set_title("red", everything.context["chosen"]).startswith("Red for A1")


@pytest.mark.django_db
def test_bulk_page_with_nothing_open_offers_nothing(cycle, epo, signed_in):
    ReviewCycle.objects.update(closed_at=timezone.now(), closed_by=epo)

    assert "Nothing to rate" in signed_in(epo).get(bulk_url(cycle)).content.decode()


@pytest.mark.django_db
def test_pages_of_sets_show_only_what_their_reader_may_read(cycle, head, epo, other_epo, reader, signed_in):
    """Rows of Islington carry a canary, which the officer of Camden never meets."""
    both = give(cycle, head, cells(cycle, "camden"), "red", "Of Camden")
    given = [Given(one.pk, 0, Answer(Status.RED, "CANARY", "")) for one in cells(cycle, "islington")]
    own = actions.save_set(cycle=cycle, kind=BULK, title="CANARY set", given=given, by=head)
    mixed = actions.save_set(
        cycle=cycle,
        kind=BULK,
        title="Mixed",
        given=[
            Given(one.pk, 1, Answer(Status.AMBER, "CANARY" if one.pk == given[0].rating_id else "Mine", ""))
            for one in (Rating.objects.get(pk=given[0].rating_id), cells(cycle, "camden")[0])
        ],
        by=head,
    )
    client, base = signed_in(epo), f"/assessments/{cycle.slug}/sets/"

    pages = [client.get(f"{base}{rest}") for rest in ("", f"{both.pk}/", f"{mixed.pk}/", f"{mixed.pk}/undo/")]
    text = "".join(page.content.decode() for page in pages)

    assert [page.status_code for page in pages] == [200] * 4
    assert "CANARY" not in text
    assert client.get(f"{base}{own.pk}/").status_code == 404
    assert "1 rating<" in pages[0].content.decode()
    assert "Ask the head of partnerships" in pages[3].content.decode()
    assert "Nothing was changed in one go yet" in signed_in(reader).get(base).content.decode()
    assert signed_in(other_epo).get(f"{base}{own.pk}/").status_code == 200


@pytest.mark.django_db
def test_a_set_is_undone_from_its_page_after_a_preview(cycle, epo, signed_in):
    client = signed_in(epo)
    first, *others = cells(cycle, "camden")
    change_set = give(cycle, epo, [first, *others])
    first.refresh_from_db()
    save(first, epo, "amber", "Since then")
    undo = f"{change_set.get_absolute_url()}undo/"

    before = client.get(undo).content.decode()
    answer = client.post(undo)
    after = client.get(change_set.get_absolute_url()).content.decode()
    again = client.post(undo)
    listed = client.get(f"/assessments/{cycle.slug}/sets/").content.decode()
    its_own = client.get(answer.url).content.decode()

    assert all(words in before for words in ("3 of 4 go back", "It has been changed since.", "Put 3 back"))
    assert (answer.status_code, again.status_code) == (302, 409)
    assert all(words in after for words in ("Undone on", "It was undone", "Since then"))
    assert "has been undone already" in again.content.decode()
    assert all(words in listed for words in ("Undone: A set", "An undo is not undone", "Undone on"))
    assert "It put back" in its_own


@pytest.mark.django_db
def test_a_set_that_is_too_old_says_so(cycle, epo, signed_in, monkeypatch):
    change_set = give(cycle, epo, cells(cycle, "camden"))
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr("assessments.content.sets.timezone.now", lambda: later)

    page = signed_in(epo).get(change_set.get_absolute_url()).content.decode()

    assert "No longer to be undone" in page
    assert "Undo this set" not in page


@pytest.mark.django_db
def test_pages_of_sets_ask_no_more_for_more(cycle, head, signed_in):
    client = signed_in(head)
    ratings, asked_for = cells(cycle, "camden", "islington"), []
    for some in (ratings[:1], ratings[1:]):
        page = give(cycle, head, some).get_absolute_url()
        client.get(page)
        counts = []
        for url in (
            page,
            f"{page}undo/",
            f"/assessments/{cycle.slug}/sets/",
            bulk_url(cycle, "?criterion=A1"),
        ):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))
        asked_for.append(counts)
    assert asked_for[0] == asked_for[1]
    assert max(asked_for[0]) <= 15

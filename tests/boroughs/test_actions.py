from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from boroughs.actions import (
    LinkConflictError,
    LinkError,
    LinkOverlapError,
    VisitError,
    assign_link,
    end_link,
    last_day,
    note_visit,
    period_of,
)
from boroughs.models import Borough, BoroughLink, Visit
from tests import factories

Kind = BoroughLink.Kind
TODAY = timezone.localdate()


def assign(borough, person, head, kind=Kind.OFFICER, starts_on=TODAY, ends_on=None):
    return assign_link(
        borough=borough, person=person, kind=kind, starts_on=starts_on, ends_on=ends_on, by=head
    )


def test_link_runs_from_its_first_day_to_its_last(camden, head):
    person = factories.UserFactory(role="epo")
    first, last = date(2010, 10, 14), date(2010, 11, 30)

    link = assign(camden, person, head, starts_on=first, ends_on=last)

    assert last_day(BoroughLink.objects.get(pk=link.pk)) == last
    linked = [
        day
        for day in (first - timedelta(1), first, last, last + timedelta(1))
        if BoroughLink.objects.current(day).filter(pk=link.pk).exists()
    ]
    assert linked == [first, last]


def test_second_officer_is_refused_and_told_who_stands_there(camden, epo, head):
    other = factories.UserFactory(role="epo")

    with pytest.raises(
        LinkOverlapError, match="Camden has an officer on some of these days: Demo Officer A, from"
    ):
        assign(camden, other, head)

    assert camden.links.count() == 1


def test_person_is_linked_to_a_borough_once_at_a_time(camden, member, head):
    with pytest.raises(LinkOverlapError, match="Demo Member A is already linked to Camden from"):
        assign(camden, member, head, kind=Kind.MEMBER_COVER)


def test_members_may_share_a_borough_and_cover_stands_beside_the_officer(camden, epo, member, head):
    assign(camden, factories.UserFactory(role="member"), head, kind=Kind.MEMBER)
    assign(camden, factories.UserFactory(role="epo"), head, kind=Kind.OFFICER_COVER)

    assert camden.links.count() == 4


def test_next_officer_may_begin_the_day_after(camden, epo, head):
    link = epo.links.get()
    end_link(link=link, ends_on=TODAY, by=head)

    assign(camden, factories.UserFactory(role="epo"), head, starts_on=TODAY + timedelta(days=1))

    assert camden.links.of_kind(Kind.OFFICER).count() == 2


@pytest.mark.parametrize(
    ("role", "kind"),
    [("member", Kind.OFFICER), ("epo", Kind.MEMBER), ("head", Kind.OFFICER), ("reader", Kind.MEMBER_COVER)],
)
def test_link_needs_somebody_of_its_kind(camden, head, role, kind):
    with pytest.raises(LinkError, match="is not somebody who can be"):
        assign(camden, factories.UserFactory(role=role), head, kind=kind)


def test_closed_account_is_not_linked(camden, head):
    with pytest.raises(LinkError, match="is not somebody who can be"):
        assign(camden, factories.UserFactory(role="epo", is_active=False), head)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "sentence"),
    [
        (TODAY, TODAY - timedelta(days=1), "The last day cannot be before the first"),
        (date(1999, 1, 1), None, "when the Authority began"),
    ],
)
def test_link_with_impossible_days_is_refused(camden, head, starts_on, ends_on, sentence):
    with pytest.raises(LinkError, match=sentence):
        assign(camden, factories.UserFactory(role="epo"), head, starts_on=starts_on, ends_on=ends_on)

    assert not BoroughLink.objects.exists()


def test_link_is_ended_and_its_version_counts(epo, head):
    link = end_link(link=epo.links.get(), ends_on=TODAY, by=head)

    assert (last_day(link), link.version) == (TODAY, 2)


@pytest.mark.parametrize(
    ("ends_on", "sentence"),
    [
        (TODAY - timedelta(days=31), "The last day cannot be before the first"),
        (TODAY + timedelta(days=1), "ends on .* already. Assign a new link"),
    ],
)
def test_link_ended_on_an_impossible_day_is_refused(epo, head, ends_on, sentence):
    link = epo.links.get()
    end_link(link=link, ends_on=TODAY, by=head)
    link.refresh_from_db()

    with pytest.raises(LinkError, match=sentence):
        end_link(link=link, ends_on=ends_on, by=head)


def test_link_changed_meanwhile_shows_both_texts(epo, head):
    link = epo.links.get()
    end_link(link=link, ends_on=TODAY, by=head)

    with pytest.raises(LinkConflictError) as refusal:
        end_link(link=link, ends_on=TODAY - timedelta(days=3), by=head, version=1)

    assert refusal.value.mine.startswith("until")
    assert refusal.value.theirs.startswith("from")
    assert last_day(epo.links.get()) == TODAY


def test_overlap_is_refused_by_the_database_itself(camden, epo):
    other = factories.UserFactory(role="epo")

    with pytest.raises(IntegrityError), transaction.atomic():
        BoroughLink.objects.create(
            borough=camden, person=other, kind=Kind.OFFICER, period=period_of(TODAY, None)
        )


def race(rounds: int) -> tuple[int, int]:
    """Two officers assigned to one borough at once: how often both stand, and how often none."""
    both = none = 0
    for turn in range(rounds):
        borough = factories.BoroughFactory()
        head = factories.UserFactory(role="head")
        gate = Barrier(2)

        def press(person, borough=borough, head=head, gate=gate):
            gate.wait()
            try:
                assign(borough, person, head)
            except LinkOverlapError:
                pass
            finally:
                connection.close()

        people = [factories.UserFactory(role="epo", name=f"Demo Officer {turn}{n}") for n in range(2)]
        threads = [Thread(target=press, args=(person,)) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        standing = Borough.objects.get(pk=borough.pk).links.count()
        both += standing > 1
        none += standing == 0
    return both, none


@pytest.mark.django_db(transaction=True)
def test_two_who_assign_at_once_never_both_stand():
    both, none = race(20)

    print(f"officers assigned at once: {both + none} bad / 20")
    assert (both, none) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_control_without_the_constraint_both_stand():
    """With the rule taken out of the database the same race ends with two officers."""
    rule = next(c for c in BoroughLink._meta.constraints if c.name == "boroughlink_one_officer_at_a_time")
    with connection.schema_editor() as editor:
        editor.remove_constraint(BoroughLink, rule)
    try:
        both, _ = race(5)
    finally:
        BoroughLink.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(BoroughLink, rule)

    print(f"control: two officers stood in {both} of 5 rounds")
    assert both == 5


def note(borough, by, visited_on=TODAY, text="Met the borough commander.", meeting=None):
    return note_visit(borough=borough, visited_on=visited_on, note=text, meeting=meeting, today=TODAY, by=by)


def test_visit_is_noted_once_however_often_it_is_sent(camden, member):
    assert note(camden, member) == note(camden, member)
    assert Visit.objects.get().noted_by == member


def test_visit_that_cannot_be_is_refused(camden, islington, member):
    elsewhere = factories.MeetingFactory(borough=islington)
    bad = {
        "has not come yet": {"visited_on": TODAY + timedelta(days=1)},
        "when the Authority began": {"visited_on": date(1999, 1, 1)},
        "Say in a sentence": {"text": " "},
        "not one of this borough's": {"meeting": elsewhere},
    }

    for sentence, changes in bad.items():
        with pytest.raises(VisitError, match=sentence):
            note(camden, member, **changes)

    assert not Visit.objects.exists()

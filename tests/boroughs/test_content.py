from datetime import date

import pytest

from boroughs.actions import period_of
from boroughs.content import neighbours_of, people_of
from boroughs.models import BoroughLink
from tests import factories

ON = date(2010, 10, 14)
Kind = BoroughLink.Kind


@pytest.fixture
def linked(camden):
    """Links an invented person: `linked("Demo Member F", Kind.MEMBER, date(...), None)`."""

    def link(name: str, kind: str, first: date, last: date | None) -> BoroughLink:
        person = factories.UserFactory(name=name, role="member" if "member" in kind else "epo")
        return factories.BoroughLinkFactory(
            borough=camden, person=person, kind=kind, period=period_of(first, last)
        )

    return link


def test_holders_are_named_with_their_days(camden, linked):
    linked("Demo Member C", Kind.MEMBER, date(2009, 6, 25), date(2011, 6, 30))
    linked("Demo Officer C", Kind.OFFICER, date(2009, 7, 1), None)

    people = people_of(camden, ON)

    assert people.sentence == "Link member: Demo Member C. Officer: Demo Officer C."
    assert people.member.holders[0].days == "from 25 June 2009 until 30 June 2011"
    assert people.officer.holders[0].days == "from 1 July 2009, no end set"


def test_two_members_are_both_named(camden, linked):
    linked("Demo Member C", Kind.MEMBER, date(2009, 6, 25), None)
    linked("Demo Member D", Kind.MEMBER, date(2010, 6, 25), None)

    assert people_of(camden, ON).member.names == "Demo Member C and Demo Member D"


def test_vacancy_says_since_when_and_who_covers(camden, linked):
    linked("Demo Member C", Kind.MEMBER, date(2008, 6, 25), date(2009, 6, 30))
    linked("Demo Member D", Kind.MEMBER, date(2009, 7, 1), date(2010, 9, 8))
    linked("Demo Member F", Kind.MEMBER_COVER, date(2010, 10, 1), date(2010, 11, 30))

    people = people_of(camden, ON)

    assert people.member.vacancy == (
        "No link member since 9 September 2010; cover by Demo Member F until 30 November 2010."
    )
    assert [holder.name for holder in people.earlier] == ["Demo Member D", "Demo Member C"]


def test_vacancy_without_cover_and_seat_never_held(camden, linked):
    linked("Demo Member D", Kind.MEMBER, date(2009, 7, 1), date(2010, 9, 30))

    people = people_of(camden, ON)

    assert people.member.vacancy == "No link member since 1 October 2010; no cover."
    assert people.officer.vacancy == "No officer has been appointed; no cover."


def test_link_that_begins_later_is_coming(camden, linked):
    linked("Demo Officer C", Kind.OFFICER, date(2010, 10, 15), None)

    people = people_of(camden, ON)

    assert [holder.name for holder in people.coming] == ["Demo Officer C"]
    assert people.officer.vacancy


def test_first_and_last_day_belong_to_the_link(camden, linked):
    linked("Demo Officer C", Kind.OFFICER, ON, ON)

    assert not people_of(camden, ON).officer.vacancy


@pytest.mark.parametrize("rows", [1, 3])
def test_people_cost_one_query(camden, linked, rows, django_assert_num_queries):
    for number in range(rows):
        linked(f"Demo Member {number}", Kind.MEMBER, date(2009, 1, 1), None)

    with django_assert_num_queries(1):
        people_of(camden, ON)


def test_neighbours_end_at_both_ends(camden, islington):
    rows = [camden, islington]

    assert neighbours_of(camden, rows) == (None, islington)
    assert neighbours_of(islington, rows) == (camden, None)

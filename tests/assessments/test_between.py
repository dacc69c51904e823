"""What changed between the ends of two days, by whom and when, held against the two states."""

import datetime as dt
import random

import pytest

from assessments.content.between import (
    NOTHING,
    Between,
    Changed,
    Said,
    Span,
    read_between,
    read_span,
    with_authors,
)
from assessments.models import Rating
from cdrp_portal.dates import DateError, end_of_day
from cdrp_portal.past import rows_at
from tests import factories
from tests.assessments.simulated import (
    DAYS,
    OPENED,
    date_events,
    last_event,
    make_recorded,
    moment,
    write,
    write_randomly,
)

AUGUST, SEPTEMBER, OCTOBER = dt.date(2010, 8, 10), dt.date(2010, 9, 10), dt.date(2010, 10, 14)
TODAY = dt.date(2026, 11, 20)


def between(cycle, user, first, last, borough=""):
    span = read_span({"from": str(first), "to": str(last), "borough": borough}, cycle=cycle, today=TODAY)
    found = read_between(cycle=cycle, user=user, span=span)
    return found, with_authors(found.changed, span)


@pytest.fixture
def recorded(camden, islington, epo, head):
    cycle = make_recorded([camden, islington], 2)
    write(cycle, camden, "A1", AUGUST, by=epo, value="amber", rationale="Half of it.")
    write(cycle, camden, "A1", SEPTEMBER, by=head, value="red", rationale="None of it.")
    write(cycle, islington, "A2", OCTOBER, by=head, next_step="Ask the council.")
    return cycle


def test_changes_between_random_days_equal_the_difference_of_the_two_states(camden, islington, head):
    """Two states by one question each for every row, without the page's own reading of them."""
    cycle = make_recorded([camden, islington], 4)
    write_randomly(cycle, head, 150, seed=9)
    chance, wrong, total = random.Random(9), 0, 0
    for _pair in range(20):
        first, last = sorted(OPENED + dt.timedelta(days=chance.randrange(DAYS)) for _end in range(2))
        before, after = (
            {
                pk: said
                for pk, *said in rows_at(Rating, end_of_day(day), "id", "value", "rationale", "next_step")
            }
            for day in (first, last)
        )
        expected = {pk for pk, said in after.items() if said != before[pk]}
        found, told = between(cycle, head, first, last)
        wrong += {one.rating for one in found.changed} != expected
        wrong += sum([*one.before] != before[one.rating] or [*one.after] != after[one.rating] for one in told)
        total += 1 + len(expected)
    assert wrong == 0
    assert total > 200


def test_change_is_told_with_both_sides_and_who_made_it_last(recorded, head):
    _found, told = between(recorded, head, OPENED, SEPTEMBER)

    (one,) = told
    assert (one.subject, one.criterion) == ("Camden", "A1 Title A1")
    assert one.before == NOTHING
    assert one.after == ("red", "None of it.", "")
    assert (one.who, one.when) == ("Demo Head", "10 September 2010, 12:00")
    assert one.new_text
    assert not one.new_step


def test_who_changed_it_last_is_not_who_flagged_it_later(recorded, camden, clerk, head):
    write(recorded, camden, "A1", OCTOBER, by=clerk, flag_note="Look again.")

    _found, told = between(recorded, head, OPENED, OCTOBER)

    assert [one.who for one in told] == ["Demo Head", "Demo Head"]


def test_change_that_was_taken_back_is_no_change(recorded, camden, epo, head):
    write(recorded, camden, "A1", OCTOBER, by=epo, value="amber", rationale="Half of it.")

    found, _told = between(recorded, head, AUGUST, OCTOBER, borough="camden")

    assert found.changed == []


def test_write_without_a_person_is_the_portals(camden, head):
    cycle, last = make_recorded([camden], 1), last_event(Rating)
    Rating.objects.filter(health_check__cycle=cycle, health_check__borough=camden).update(next_step="Ask.")
    date_events(Rating, moment(AUGUST), last)

    _found, told = between(cycle, head, OPENED, AUGUST)

    assert [one.who for one in told] == ["The portal"]


def test_both_days_must_be_the_readers_to_read(recorded, camden, islington, head, epo, reader):
    """Signed off in October: a reader may read that day, and not the draft it is held against."""
    for borough in (camden, islington):
        write(recorded, borough, None, OCTOBER, by=head, state="submitted")
        write(recorded, borough, None, OCTOBER, by=head, state="signed_off")

    assert between(recorded, reader, AUGUST, OCTOBER)[0].changed == []
    assert between(recorded, reader, AUGUST, OCTOBER)[0].withheld == ["Camden", "Islington", "The Authority"]
    assert {one.subject for one in between(recorded, epo, AUGUST, OCTOBER)[0].changed} == {"Camden"}
    assert between(recorded, reader, OCTOBER, OCTOBER)[0].withheld == ["The Authority"]


def test_page_lists_the_changes_of_one_borough(recorded, head, signed_in):
    url = f"{recorded.get_absolute_url()}between/"

    page = signed_in(head).get(url, {"from": OPENED, "to": OCTOBER, "borough": "camden"}).content.decode()

    assert "1 rating changed between the end of 1 July 2010 and the end of 14 October 2010: 1 " in page
    assert f'href="{recorded.get_absolute_url()}camden/A1/"' in page
    assert "None of it." in page
    assert f"{recorded.get_absolute_url()}?as_at=2010-10-14" in page
    assert "Ask the council." not in page
    empty = signed_in(head).get(url, {"borough": "camden"}).content.decode()
    assert "Nothing changed between these days" in empty
    assert 'href="?from=2010-07-01&amp;borough=camden"' in empty
    assert "No rating changed between" in empty


def test_sentence_says_which_way_the_ratings_went_and_how_many_are_left_out():
    span = Span(AUGUST, OCTOBER)

    def changed(was, now):
        before, after = (Said(value, "", "") for value in (was, now))
        return Changed(1, "Camden", "A1", "/", before, after)

    pairs = [
        ("amber", "green"),
        ("green", "red"),
        ("not_assessed", "red"),
        ("red", "red"),
        ("red", "red"),
        ("red", "less_relevant"),
        ("green", "not_assessed"),
    ]
    told = Between(span, [changed(*pair) for pair in pairs], ["Brent"])

    assert told.sentence.endswith(
        ": 1 better, 1 worse, 1 newly assessed, 1 not assessed any more, 1 to or from less relevant, "
        "2 in words alone."
    )
    assert told.left_out == "Brent was not signed off on one of these days, and is left out."
    assert Between(span, [], ["Brent", "Camden"]).left_out.startswith("2 were not signed off on one of")
    assert Between(span, [], []).left_out == ""


def test_page_of_many_changes_is_paged_and_keeps_its_days(camden, head, signed_in):
    cycle, last = make_recorded([camden], 55), last_event(Rating)
    Rating.objects.filter(health_check__borough=camden).update(value="green")
    date_events(Rating, moment(AUGUST), last)

    page = signed_in(head).get(f"{cycle.get_absolute_url()}between/?from=2010-07-02&to=2010-09-01&page=2")

    assert len(page.context["rows"]) == 5
    assert 'href="?from=2010-07-02&amp;to=2010-09-01&amp;page=1"' in page.content.decode()


def test_page_costs_the_same_queries_whatever_its_size(head, signed_in, django_assert_max_num_queries):
    client, counts = signed_in(head), []
    for size in (1, 3):
        cycle, last = (
            make_recorded([factories.BoroughFactory() for _one in range(size)], 2),
            last_event(Rating),
        )
        Rating.objects.filter(health_check__cycle=cycle).update(value="green")
        date_events(Rating, moment(AUGUST), last)
        url = f"{cycle.get_absolute_url()}between/?from=2010-07-02&to=2010-09-01"
        client.get(url)
        with django_assert_max_num_queries(14) as found:
            assert client.get(url).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?from=soon", "Write the date as year, month and day"),
        ("?to=2999-01-01", "has not come yet"),
        ("?from=2010-09-02&to=2010-09-01", "2 September 2010 is after 1 September 2010."),
        ("?borough=atlantis", "“atlantis” is not in"),
    ],
)
def test_address_that_cannot_be_read_is_refused_in_words(query, words, recorded, head, lead, signed_in):
    response = signed_in(head).get(f"{recorded.get_absolute_url()}between/{query}")

    page = response.content.decode()
    assert response.status_code == 400
    assert words in page
    assert "<title>Error: " in page
    # What was asked for stands in the form, to be put right.
    asked = response.context["asked"]
    assert query == "?" + "&".join(f"{name}={value}" for name, value in asked.items() if value)
    assert 'name="from"' in page
    assert signed_in(lead).get(f"{recorded.get_absolute_url()}between/{query}").status_code == 403


def test_days_of_a_closed_cycle_are_its_last_week(recorded):
    recorded.closed_at = moment(OCTOBER)

    span = read_span({}, cycle=recorded, today=TODAY)

    assert (span.first, span.last) == (dt.date(2010, 10, 7), OCTOBER)
    assert read_span({"to": "0001-01-02"}, cycle=recorded, today=TODAY).first == dt.date.min
    with pytest.raises(DateError):
        read_span({"from": "2010-10-15"}, cycle=recorded, today=TODAY)

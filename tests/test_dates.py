import datetime as dt
import locale

import pytest

from cdrp_portal import dates

SUMMER = dt.datetime(2010, 10, 14, 13, 32, tzinfo=dt.UTC)
WINTER = dt.datetime(2010, 12, 31, 23, 59, tzinfo=dt.UTC)


def test_uk_date_of_a_date_and_of_a_moment():
    assert dates.uk_date(dt.date(2010, 10, 14)) == "14 October 2010"
    assert dates.uk_date(dt.date(2010, 3, 1)) == "1 March 2010"
    assert dates.uk_date(dt.datetime(2010, 6, 30, 23, 30, tzinfo=dt.UTC)) == "1 July 2010"


def test_uk_date_in_another_locale():
    before = locale.setlocale(locale.LC_TIME)
    try:
        locale.setlocale(locale.LC_TIME, "C.UTF-8")
        assert dates.uk_date(dt.date(2010, 5, 2)) == "2 May 2010"
    finally:
        locale.setlocale(locale.LC_TIME, before)


def test_uk_time_follows_londons_clock():
    assert dates.uk_time(SUMMER) == "14:32"
    assert dates.uk_time(WINTER) == "23:59"
    assert dates.uk_moment(SUMMER) == "14 October 2010, 14:32"


def test_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="has no time zone"):
        dates.uk_time(dt.datetime(2010, 10, 14, 14, 32))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (dt.date(2010, 10, 14), ""),
        (dt.date(2010, 10, 20), ""),
        (dt.date(2010, 10, 13), "1 day late"),
        (dt.date(2010, 9, 30), "14 days late"),
        (dt.date(2007, 1, 1), "1,382 days late"),
    ],
)
def test_days_late_in_words(due, words):
    assert dates.days_late_in_words(due, dt.date(2010, 10, 14)) == words


def test_days_late_counts_londons_days():
    assert dates.days_late(dt.date(2010, 6, 29), dt.datetime(2010, 6, 30, 23, 30, tzinfo=dt.UTC)) == 2


def test_parse_as_at_of_a_date():
    today = dt.date(2010, 10, 14)

    assert dates.parse_as_at("2010-10-14", today=today) == today
    assert dates.parse_as_at("2009-10-29", today=today) == dt.date(2009, 10, 29)
    assert dates.parse_as_at("", today=today) is None
    assert dates.parse_as_at(None, today=today) is None


@pytest.mark.parametrize(
    "text",
    ["14/10/2010", "20101014", "2010-W41-4", "2010-02-30", "0000-00-00", "2010-10-14T00", "x" * 99, "\x00"],
)
def test_parse_as_at_of_anything_else(text):
    with pytest.raises(dates.DateError, match="Write the date as year, month and day"):
        dates.parse_as_at(text, today=dt.date(2010, 10, 14))


def test_parse_as_at_of_a_day_to_come():
    with pytest.raises(dates.DateError, match="15 October 2010 has not come yet"):
        dates.parse_as_at("2010-10-15", today=dt.date(2010, 10, 14))


def test_end_of_day_is_londons_midnight():
    assert dates.end_of_day(dt.date(2010, 10, 14)).astimezone(dt.UTC) == dt.datetime(
        2010, 10, 14, 23, tzinfo=dt.UTC
    )
    assert dates.end_of_day(dt.date(2010, 12, 31)).astimezone(dt.UTC) == dt.datetime(
        2011, 1, 1, tzinfo=dt.UTC
    )

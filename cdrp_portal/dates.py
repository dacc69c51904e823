"""Dates and times in words, as LOOK.md §10 writes them: "14 October 2010", "14:32".

English month names are kept here so that no locale of the machine or of the reader changes a paper.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
# `fromisoformat` alone takes weeks as well ("2010-W41-4").
_ISO_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class DateError(ValueError):
    """A date from an address or a form that is not one; the message says what to write."""


def in_london(moment: dt.datetime) -> dt.datetime:
    """The moment on London's clock. A moment without a zone is refused: it may be an hour out."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone.")
    return moment.astimezone(LONDON)


def london_date(day: dt.date) -> dt.date:
    """London's date, of a moment or of a date that is already one."""
    return in_london(day).date() if isinstance(day, dt.datetime) else day


def uk_date(day: dt.date) -> str:
    day = london_date(day)
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def uk_time(moment: dt.datetime) -> str:
    return f"{in_london(moment):%H:%M}"


def uk_moment(moment: dt.datetime) -> str:
    return f"{uk_date(moment)}, {uk_time(moment)}"


def days_late(due: dt.date, on: dt.date) -> int:
    """Calendar days by which `due` has passed on the day `on`; 0 while it has not."""
    return max((london_date(on) - london_date(due)).days, 0)


def days_late_in_words(due: dt.date, on: dt.date) -> str:
    """ "14 days late"; empty while the due date has not passed."""
    days = days_late(due, on)
    if not days:
        return ""
    return "1 day late" if days == 1 else f"{days:,} days late"


def parse_as_at(text: str | None, *, today: dt.date) -> dt.date | None:
    """The date of `?as_at=YYYY-MM-DD`, or None when it is not asked for.

    Raises DateError for anything else, and for a day that has not come yet.
    """
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise DateError("Write the date as year, month and day, for example 2010-10-14.")
    if day > today:
        raise DateError(f"{uk_date(day)} has not come yet. Choose a date up to {uk_date(today)}.")
    return day


def end_of_day(day: dt.date) -> dt.datetime:
    """The first moment after the day in London: "as at" a date includes all of it."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=LONDON)

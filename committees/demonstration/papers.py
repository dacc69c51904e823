"""The committees' coming meetings of the demonstration. The five real papers are added by the archive."""

from datetime import date, timedelta

from accounts.models import User
from assessments.models import ReviewCycle
from committees.models import Committee, CommitteeMeeting


def load_papers(cycle: ReviewCycle, today: date, clerk: User) -> None:
    """Two meetings ahead: the sub-committee that gets the health check, and the full Authority."""
    for code, days in (("cecf", 24), ("mpa", 45)):
        held_on = next_thursday(today + timedelta(days=days))
        CommitteeMeeting.objects.create(
            committee=Committee.objects.get(code=code),
            held_on=held_on,
            venue="City Hall, committee room 5",
            cut_off_on=held_on - timedelta(days=17),
            is_demonstration=True,
        )


def next_thursday(day: date) -> date:
    return day + timedelta(days=(3 - day.weekday()) % 7)

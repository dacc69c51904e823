"""How a borough stands, in plain words: the member's home page and the one-page brief (DESIGN §1)."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Permission
from assessments.content.continuity import Continuity, continuity
from assessments.content.doubts import Doubts
from assessments.models import HealthCheck, Rating
from boroughs.models import Borough, BoroughLink, Meeting
from cdrp_portal.dates import LONDON, MONTHS, days_late_in_words, in_london, london_date, uk_date
from cdrp_portal.status import RATED, Movement, Status, movement
from committees.content.manuscript import Manuscript, NotThere
from committees.content.plain_words import ALWAYS_WORTH_ASKING, plain_title, question_about
from recommendations.models import Action

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMBERS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")
QUESTIONS = 3
LONGEST_REASON = 160

# What the brief prints; the rest of a story is for pages.
_PRINTED = (
    "borough",
    "cycle",
    "compared_with",
    "date",
    "sentence",
    "counts",
    "next_meeting",
    "better",
    "worse",
    "overdue",
    "questions",
    "officers",
    "demonstration",
)


@dataclass(frozen=True)
class _Answer:
    code: str
    short_title: str
    value: str
    was: str | None
    rationale: str
    is_carried: bool
    has_lapsed: bool
    awaits_proof: bool

    @property
    def title(self) -> str:
        return plain_title(self.code, self.short_title)

    @property
    def moved(self) -> Movement | None:
        return movement(self.value, self.was) if self.was else None


@dataclass(frozen=True)
class _Late:
    """What is overdue has a due date."""

    action: Action
    due_on: dt.date


def brief_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    """`parameters`: borough (its slug)."""
    borough = Borough.objects.visible_to(by).filter(slug=parameters.get("borough", "")).first()
    if borough is None:
        raise NotThere(NotThere.SENTENCE)
    if not by.may(Permission.READ_SIGNED_OFF_RATINGS):
        raise PermissionDenied("You may not read the ratings of health checks.")
    story = borough_story(borough, by, london_date(dt.datetime.now(LONDON)))
    content = {key: story[key] for key in _PRINTED if story[key] is not None}
    return Manuscript(
        title=f"Brief for {borough}",
        filename=f"brief-{borough.slug}.pdf",
        content={"kind": "borough-brief", **content},
    )


def borough_story(borough: Borough, user: User, on: dt.date) -> dict[str, Any]:
    return borough_stories([borough], user, on)[borough.pk]


def borough_stories(boroughs: Iterable[Borough], user: User, on: dt.date) -> dict[int, dict[str, Any]]:
    """By borough's key, how each stands on that day as `user` may see it. Five queries for any number.

    Each story holds borough, slug, cycle and cycle_slug (empty while `user` may read no health check),
    compared_with (the earlier cycle's name or None), state, date, sentence, counts by status, asked,
    answered, next_meeting ({title, when, where, month, day} or None), better and worse ({code, title,
    text}), overdue ({title, text, url}), questions (three), officers and members (names), demonstration.
    """
    boroughs = list(boroughs)
    checks = _health_checks(boroughs, user)
    answers = _answers(checks, on)
    links = _links(boroughs, on)
    meetings = _next_meetings(boroughs, user, on)
    overdue = _overdue(boroughs, user, on)
    return {
        borough.pk: _story(
            borough,
            on=on,
            checks=checks.get(borough.pk, (None, None)),
            answers=answers.get(borough.pk, []),
            links=links[borough.pk],
            meeting=meetings.get(borough.pk),
            overdue=overdue[borough.pk],
        )
        for borough in boroughs
    }


def _health_checks(
    boroughs: Sequence[Borough], user: User
) -> dict[int, tuple[HealthCheck, HealthCheck | None]]:
    """Each borough's newest health check that the reader may see, and that of the cycle before it."""
    found: dict[int, list[HealthCheck]] = defaultdict(list)
    visible = HealthCheck.objects.visible_to(user).filter(borough__in=boroughs).select_related("cycle")
    for check in visible.order_by("-cycle__opens_on", "-pk"):
        if check.borough_id is not None:
            found[check.borough_id].append(check)
    return {
        borough: (
            checks[0],
            next((check for check in checks if check.cycle_id == checks[0].cycle.previous_id), None),
        )
        for borough, checks in found.items()
    }


def _answers(
    checks: Mapping[int, tuple[HealthCheck, HealthCheck | None]], on: dt.date
) -> dict[int, list[_Answer]]:
    wanted = [check for pair in checks.values() for check in pair if check is not None]
    rows: dict[int, list[Rating]] = defaultdict(list)
    ratings = Rating.objects.filter(health_check__in=wanted).select_related("criterion")
    for rating in ratings.order_by("criterion__position"):
        rows[rating.health_check_id].append(rating)
    frameworks = {
        (now.cycle.framework_id, then.cycle.framework_id) for now, then in checks.values() if then is not None
    }
    kept = {pair: continuity(*pair) for pair in frameworks}
    return {
        borough: _compared(
            rows[now.pk],
            rows[then.pk] if then else [],
            kept[now.cycle.framework_id, then.cycle.framework_id] if then else Continuity(),
            on,
        )
        for borough, (now, then) in checks.items()
    }


def _compared(now: list[Rating], then: list[Rating], kept: Continuity, on: dt.date) -> list[_Answer]:
    """An answer that cannot be set against the earlier one has none here: a brief tells better and worse."""
    was = {rating.criterion.code: rating.value for rating in then}
    answers = []
    for rating in now:
        code, title = rating.criterion.code, rating.criterion.short_title
        earlier = kept.earlier(code)
        before = was.get(earlier.code) if earlier and earlier.is_comparable else None
        answers.append(
            _Answer(
                code=code,
                short_title=title,
                value=rating.value,
                was=before,
                # Of a rating that a moderator changed the officer's reason tells nothing, and theirs is
                # not for all.
                rationale="" if rating.officer_value else rating.rationale,
                is_carried=rating.is_carried,
                has_lapsed=rating.evidence_until is not None and rating.evidence_until < on,
                awaits_proof=rating.awaits_proof,
            )
        )
    return answers


def _links(boroughs: Sequence[Borough], on: dt.date) -> dict[int, dict[str, list[str]]]:
    names: dict[int, dict[str, list[str]]] = defaultdict(lambda: {"officers": [], "members": []})
    links = BoroughLink.objects.current(on).filter(borough__in=boroughs).order_by("kind", "person__name")
    for borough, kind, name in links.values_list("borough_id", "kind", "person__name"):
        names[borough]["officers" if kind.startswith("officer") else "members"].append(name)
    return names


def _next_meetings(boroughs: Sequence[Borough], user: User, on: dt.date) -> dict[int, Meeting]:
    morning = dt.datetime.combine(on, dt.time(), tzinfo=LONDON)
    coming = Meeting.objects.visible_to(user).filter(borough__in=boroughs, starts_at__gte=morning)
    return {
        meeting.borough_id: meeting
        for meeting in coming.order_by("borough_id", "starts_at").distinct("borough_id")
    }


def _overdue(boroughs: Sequence[Borough], user: User, on: dt.date) -> dict[int, list[_Late]]:
    late: dict[int, list[_Late]] = defaultdict(list)
    actions = Action.objects.visible_to(user).overdue(on).filter(borough__in=boroughs)
    for action in actions.select_related("lead_unit", "rating__criterion").order_by("due_on", "pk"):
        if action.borough_id is not None and action.due_on is not None:
            late[action.borough_id].append(_Late(action, action.due_on))
    return late


def _story(
    borough: Borough,
    *,
    on: dt.date,
    checks: tuple[HealthCheck | None, HealthCheck | None],
    answers: list[_Answer],
    links: dict[str, list[str]],
    meeting: Meeting | None,
    overdue: list[_Late],
) -> dict[str, Any]:
    check, earlier = checks
    counts = Counter(answer.value for answer in answers)
    better = [answer for answer in answers if answer.moved is Movement.BETTER]
    worse = [answer for answer in answers if answer.moved is Movement.WORSE]
    worse.sort(key=lambda answer: answer.value != Status.RED)
    doubts = _doubts(answers).sentence
    return {
        "borough": borough.name,
        "slug": borough.slug,
        "cycle": check.cycle.name if check else "",
        "cycle_slug": check.cycle.slug if check else "",
        "compared_with": earlier.cycle.name if earlier else None,
        "state": check.state if check else "",
        "date": on.isoformat(),
        "sentence": f"{_sentence(borough, check, earlier, counts, better, worse, overdue)} {doubts}".strip(),
        "counts": {status.value: counts[status] for status in Status if counts[status]},
        "asked": len(answers),
        "answered": len(answers) - counts[Status.NOT_ASSESSED],
        "next_meeting": _meeting_words(meeting) if meeting else None,
        "better": [_moved_words(answer, f"Was {answer.was}.") for answer in better],
        "worse": [_moved_words(answer, f"Now {answer.value}.") for answer in worse],
        "overdue": [_overdue_words(late, on) for late in overdue],
        "questions": _questions(answers, worse, overdue),
        **links,
        "demonstration": check.cycle.is_demonstration if check else False,
    }


def _sentence(
    borough: Borough,
    check: HealthCheck | None,
    earlier: HealthCheck | None,
    counts: Counter[str],
    better: list[_Answer],
    worse: list[_Answer],
    overdue: list[_Late],
) -> str:
    if check is None:
        return f"{borough} has no answers yet that are signed off."
    rated = sum(counts[status] for status in RATED)
    if not rated:
        return f"Nothing has been answered yet for {borough} in {check.cycle}."
    sentences = [_standing(borough.name, counts, rated)]
    if worse:
        sentences.append(_got_worse(worse))
    elif better:
        sentences.append(f"Nothing got worse, and {_things(len(better)).lower()} got better.")
    elif earlier:
        sentences.append(f"Nothing has moved since {earlier.cycle}.")
    if overdue:
        are = "action is" if len(overdue) == 1 else "actions are"
        sentences.append(f"{_number(len(overdue))} {are} overdue.")
    if counts[Status.NOT_ASSESSED]:
        are = "is" if counts[Status.NOT_ASSESSED] == 1 else "are"
        sentences.append(f"{_number(counts[Status.NOT_ASSESSED])} of the answers {are} still to come.")
    return " ".join(sentences)


def _doubts(answers: list[_Answer]) -> Doubts:
    return Doubts(
        carried=sum(answer.is_carried for answer in answers),
        lapsed=sum(answer.has_lapsed for answer in answers),
        waiting=sum(answer.awaits_proof for answer in answers),
    )


def _standing(name: str, counts: Counter[str], rated: int) -> str:
    """By the share of green among the three colours."""
    share = counts[Status.GREEN] / rated
    if share == 1:
        return f"{name} has everything in place."
    if share >= 0.8:
        return f"{name} has nearly everything in place."
    if share >= 0.6:
        return f"{name} is mostly in place."
    if share >= 0.4:
        return f"{name} is about half in place."
    return f"{name} has much still to put in place."


def _got_worse(worse: list[_Answer]) -> str:
    names = [_inside(answer.title) for answer in worse]
    if len(names) <= QUESTIONS:
        return f"{_things(len(names))} got worse: {_listed(names)}."
    return f"{_things(len(names))} got worse, among them {_listed(names[:2])}."


def _inside(title: str) -> str:
    """A title inside a sentence: small first letter, unless it is an abbreviation's."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)


def _things(count: int) -> str:
    return "One thing" if count == 1 else f"{_number(count)} things"


def _moved_words(answer: _Answer, ending: str) -> dict[str, str]:
    reason = _shortened(answer.rationale)
    return {
        "code": answer.code,
        "title": answer.title,
        "text": f"{reason} {ending.replace('_', ' ')}".strip(),
    }


def _shortened(reason: str) -> str:
    """The reason's first sentence, cut between words where it is long."""
    first = " ".join(reason.split()).split(". ")[0].rstrip(".")
    if len(first) > LONGEST_REASON:
        return f"{first[:LONGEST_REASON].rsplit(' ', 1)[0].rstrip(',;:')}…"
    return f"{first}." if first else ""


def _overdue_words(late: _Late, on: dt.date) -> dict[str, str]:
    action, due = late.action, late.due_on
    return {
        "title": action.text,
        "text": f"{action.lead_unit}, due {uk_date(due)}, {days_late_in_words(due, on)}",
        "url": action.get_absolute_url(),
    }


def _meeting_words(meeting: Meeting) -> dict[str, Any]:
    starts = in_london(meeting.starts_at)
    month = MONTHS[starts.month - 1]
    return {
        "title": meeting.title,
        "when": f"{WEEKDAYS[starts.weekday()]} {starts.day} {month}, {_clock(starts)}",
        "where": meeting.venue,
        "month": month[:3],
        "day": starts.day,
    }


def _clock(moment: dt.datetime) -> str:
    """ "6pm", "10.30am": how a member would say it."""
    minutes = f".{moment.minute:02d}" if moment.minute else ""
    return f"{moment.hour % 12 or 12}{minutes}{'am' if moment.hour < 12 else 'pm'}"


def _questions(answers: list[_Answer], worse: list[_Answer], overdue: list[_Late]) -> list[str]:
    """Three: of what got worse, then of what is overdue, then of what is red or amber."""
    about = {answer.code: question_about(answer.code, answer.short_title) for answer in worse}
    for late in overdue:
        action = late.action
        of = action.rating.criterion.code if action.rating else f"action {action.pk}"
        about.setdefault(of, f"What holds up “{action.text.rstrip('.')}”, due {uk_date(late.due_on)}?")
    for status in (Status.RED, Status.AMBER):
        for answer in answers:
            if answer.value == status:
                about.setdefault(answer.code, question_about(answer.code, answer.short_title))
    return [*about.values(), *ALWAYS_WORTH_ASKING][:QUESTIONS]

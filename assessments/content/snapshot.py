"""What a cycle holds, as one value: for its snapshot, and for the check that nothing has moved since."""

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from accounts.models import User
from assessments.models import Criterion, CycleSnapshot, Evidence, HealthCheck, Rating, ReviewCycle

CRITERION = ("code", "short_title", "authority_wording", "borough_wording", "evidence_expected")
CHECK = (
    "state",
    "state_reason",
    "submitted_at",
    "submitted_by",
    "moderated_at",
    "moderated_by",
    "signed_off_at",
    "signed_off_by",
)
RATING = (
    "value",
    "rationale",
    "next_step",
    "version",
    "is_carried",
    "officer_value",
    "moderation_reason",
    "moderated_at",
    "moderated_by",
    "flag_note",
    "proof_due_on",
    "proof_confirmed_at",
    "proof_confirmed_by",
    "rated_at",
    "rated_by",
)
EVIDENCE = (
    "title",
    "url",
    "file_name",
    "content_type",
    "size",
    "sha256",
    "dated_on",
    "look_again_on",
    "added_at",
    "added_by",
    "withdrawn_at",
    "withdrawn_by",
)

Content = dict[str, Any]


def content_of(cycle: ReviewCycle, *, people: Mapping[str, str] | None = None) -> Content:
    """Everything that the closed cycle keeps, in JSON's own kinds. Six queries.

    People are told by their number; `people` are their names as they were then, so that whoever is renamed
    later changes nothing that was kept.
    """
    evidence = defaultdict(list)
    for one in (
        Evidence.objects.filter(rating__health_check__cycle=cycle)
        .order_by("pk")
        .values("rating_id", *EVIDENCE)
    ):
        evidence[one["rating_id"]].append(_kept(one, EVIDENCE))
    ratings: dict[int, dict[str, Content]] = defaultdict(dict)
    rows = Rating.objects.filter(health_check__cycle=cycle).order_by()
    for one in rows.values("pk", "health_check_id", "criterion__code", *RATING):
        kept = {**_kept(one, RATING), "evidence": evidence[one["pk"]]}
        ratings[one["health_check_id"]][one["criterion__code"]] = kept
    checks = HealthCheck.objects.filter(cycle=cycle).order_by()
    health_checks = {
        one["borough__slug"] or "authority": {**_kept(one, CHECK), "ratings": ratings[one["pk"]]}
        for one in checks.values("pk", "borough__slug", *CHECK)
    }
    content: Content = {
        "cycle": {
            "name": cycle.name,
            "framework": cycle.framework.name,
            "framework_version": cycle.framework.version,
            "opens_on": _plain(cycle.opens_on),
            "submit_by": _plain(cycle.submit_by),
            "moderate_by": _plain(cycle.moderate_by),
            "closes_on": _plain(cycle.closes_on),
            "closed_at": _plain(cycle.closed_at),
            "closed_by": cycle.closed_by_id,
        },
        "criteria": [
            _kept(one, CRITERION)
            for one in Criterion.objects.filter(theme__framework=cycle.framework_id)
            .order_by("position", "pk")
            .values(*CRITERION)
        ],
        "health_checks": health_checks,
    }
    return {**content, "people": dict(people) if people is not None else _names(content)}


def _kept(row: Mapping[str, Any], names: tuple[str, ...]) -> Content:
    return {name: _plain(row[name]) for name in names}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _names(content: Content) -> dict[str, str]:
    numbers = set(_people(content))
    return {str(pk): name for pk, name in User.objects.filter(pk__in=numbers).values_list("pk", "name")}


def _people(part: Any) -> list[int]:
    """The number of everyone who did something: each stands under a name that ends in "_by"."""
    if isinstance(part, list):
        return [pk for one in part for pk in _people(one)]
    if not isinstance(part, dict):
        return []
    own = [value for name, value in part.items() if name.endswith("_by") and isinstance(value, int)]
    return own + [pk for value in part.values() for pk in _people(value)]


def canonical(content: Content) -> bytes:
    """One text for one content: keys sorted, no spaces, UTF-8."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest_of(content: Content) -> str:
    return hashlib.sha256(canonical(content)).hexdigest()


def what_is_wrong(snapshot: CycleSnapshot) -> str:
    """The first thing in which the snapshot and the portal differ, as a sentence; empty where none does."""
    digest = digest_of(snapshot.content)
    if digest != snapshot.sha256:
        return f"the snapshot was changed: its digest is {digest}, and {snapshot.sha256} was kept"
    now = content_of(snapshot.cycle, people=snapshot.content["people"])
    return first_difference(snapshot.content, now)


def first_difference(kept: Any, now: Any, at: str = "") -> str:
    """Where two contents part, by the names that lead there; empty where they are the same."""
    if isinstance(kept, dict) and isinstance(now, dict):
        for name in sorted({*kept, *now}):
            where = f"{at}, {name}" if at else name
            if name not in now or name not in kept:
                return f"{where}: {'is gone' if name not in now else 'was not there'}"
            if found := first_difference(kept[name], now[name], where):
                return found
        return ""
    if isinstance(kept, list) and isinstance(now, list) and len(kept) == len(now):
        for number, (one, other) in enumerate(zip(kept, now, strict=True), start=1):
            if found := first_difference(one, other, f"{at}, {number}"):
                return found
        return ""
    return "" if kept == now else f"{at}: was {kept!r}, is {now!r}"

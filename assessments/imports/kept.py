"""An upload while its person looks at the differences: kept for a day, for them and this cycle alone."""

import secrets
from dataclasses import dataclass

from django.core.cache import cache

from accounts.models import User
from assessments.imports.reading import Fault, Row
from assessments.models import ReviewCycle

SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Kept:
    """What was read, without the rows that change nothing. `set_pk` is the set that it was saved as."""

    name: str
    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    left_out: tuple[tuple[str, int], ...]
    unchanged: int
    set_pk: int | None = None


def keep(kept: Kept, *, cycle: ReviewCycle, user: User) -> str:
    token = secrets.token_urlsafe(18)
    cache.set(_key(token, cycle, user), kept, SECONDS)
    return token


def kept_of(token: str, *, cycle: ReviewCycle, user: User) -> Kept | None:
    return cache.get(_key(token, cycle, user))


def forget(token: str, kept: Kept, *, set_pk: int, cycle: ReviewCycle, user: User) -> None:
    """Only which set it became stays, so that a second post leads there."""
    done = Kept(kept.name, rows=(), faults=(), left_out=(), unchanged=0, set_pk=set_pk)
    cache.set(_key(token, cycle, user), done, SECONDS)


def _key(token: str, cycle: ReviewCycle, user: User) -> str:
    return f"import:{user.pk}:{cycle.pk}:{token}"

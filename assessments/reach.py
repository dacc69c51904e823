"""Which health checks a reader may read: one rule, put to the database or to rows that are already here."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from accounts.models import User
from accounts.permissions import Permission, Scope
from boroughs.models import BoroughLink, BoroughLinkQuerySet

# As the models have it, which ask this room: it cannot ask them.
SIGNED_OFF = "signed_off"


@dataclass(frozen=True)
class Reach:
    """Signed-off ones to whoever may read them; the others as far as READ_DRAFT_RATINGS goes.

    `linked` are the boroughs that the reader is linked to today, from a caller that knows them.
    """

    user: User
    linked: Collection[int] | None = None

    @cached_property
    def reads(self) -> bool:
        """Whether they may read any at all."""
        return self.user.may(Permission.READ_SIGNED_OFF_RATINGS)

    @cached_property
    def drafts(self) -> Scope | None:
        return self.user.scope(Permission.READ_DRAFT_RATINGS)

    def as_q(self) -> Q:
        """What the database is asked for, of a reader who `reads`; empty where every one is theirs."""
        return Q() if self.drafts is Scope.ANY else Q(state=SIGNED_OFF) | self.drafts_as_q()

    def drafts_as_q(self) -> Q:
        """Of those whose drafts are theirs to read, whatever their state; empty where every one is."""
        if self.drafts is Scope.ANY:
            return Q()
        linked: Any = ()
        if self.drafts is Scope.LINKED:
            linked = self._links.values("borough") if self.linked is None else self.linked
        return Q(borough__in=linked)

    def reaches(self, state: str, borough: int | None) -> bool:
        """The same of one health check, by its state and its borough (None is the Authority)."""
        if not self.reads:
            return False
        if self.drafts is Scope.ANY or state == SIGNED_OFF:
            return True
        return self.drafts is Scope.LINKED and borough in self._boroughs

    @cached_property
    def _boroughs(self) -> Collection[int]:
        return set(self._links.values_list("borough", flat=True)) if self.linked is None else self.linked

    @property
    def _links(self) -> BoroughLinkQuerySet:
        return BoroughLink.objects.for_person(self.user).current_now()

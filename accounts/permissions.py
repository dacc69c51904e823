"""Who may do what: DESIGN §5 as code. One enum, roles as lists of grants, one question.

A grant has a scope. `ANY` reaches every object; the others are answered by the object itself through
`in_scope(scope, user)`, so that this room needs to know nothing of the rooms above it.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from django.db import models

if TYPE_CHECKING:
    from accounts.models import User


class Role(models.TextChoices):
    EPO = "epo", "Engagement & Partnerships Officer"
    CLERK = "clerk", "Committee clerk"
    MEMBER = "member", "Link member"
    HEAD = "head", "Head of Engagement & Partnerships"
    LEAD = "lead", "Lead-unit officer"
    READER = "reader", "Reader"
    ADMINISTRATOR = "administrator", "Administrator"


class Permission(StrEnum):
    READ_BOROUGHS = "read boroughs"
    READ_SIGNED_OFF_RATINGS = "read signed-off ratings"
    READ_DRAFT_RATINGS = "read draft ratings"
    READ_RECOMMENDATIONS = "read recommendations"
    READ_DRAFT_PAPERS = "read papers in draft"
    RATE = "rate and submit"
    MODERATE = "moderate and sign off"
    MANAGE_CYCLES = "open and close cycles"
    ASSIGN_LINKS = "assign links"
    NOTE_VISIT = "note a visit or attendance"
    GIVE_POSITION = "give a position on an action"
    WRITE_PAPERS = "write and render papers"
    ISSUE_PAPERS = "issue papers"
    SEE_WORKLOAD = "see the workload of officers"
    MANAGE_FRAMEWORKS = "manage frameworks"
    MANAGE_PEOPLE = "manage people, roles and reference data"


class Scope(StrEnum):
    ANY = "any"
    LINKED = "linked boroughs"
    OWN_UNIT = "own unit"
    ASSIGNED = "assigned to them"


class Scoped(Protocol):
    def in_scope(self, scope: Scope, user: "User") -> bool: ...


_READS = {
    Permission.READ_BOROUGHS: Scope.ANY,
    Permission.READ_SIGNED_OFF_RATINGS: Scope.ANY,
    Permission.READ_RECOMMENDATIONS: Scope.ANY,
}

GRANTS: dict[str, dict[Permission, Scope]] = {
    Role.EPO: {
        **_READS,
        Permission.READ_DRAFT_PAPERS: Scope.ANY,
        Permission.READ_DRAFT_RATINGS: Scope.LINKED,
        Permission.RATE: Scope.LINKED,
        Permission.NOTE_VISIT: Scope.LINKED,
        Permission.GIVE_POSITION: Scope.LINKED,
        Permission.WRITE_PAPERS: Scope.ASSIGNED,
    },
    Role.CLERK: {
        **_READS,
        Permission.READ_DRAFT_PAPERS: Scope.ANY,
        Permission.READ_DRAFT_RATINGS: Scope.ANY,
        Permission.WRITE_PAPERS: Scope.ANY,
        Permission.ISSUE_PAPERS: Scope.ANY,
    },
    Role.MEMBER: {
        **_READS,
        Permission.READ_DRAFT_RATINGS: Scope.LINKED,
        Permission.NOTE_VISIT: Scope.LINKED,
    },
    Role.HEAD: {
        **_READS,
        Permission.READ_DRAFT_PAPERS: Scope.ANY,
        Permission.READ_DRAFT_RATINGS: Scope.ANY,
        Permission.RATE: Scope.ANY,
        Permission.MODERATE: Scope.ANY,
        Permission.MANAGE_CYCLES: Scope.ANY,
        Permission.ASSIGN_LINKS: Scope.ANY,
        Permission.NOTE_VISIT: Scope.ANY,
        Permission.GIVE_POSITION: Scope.ANY,
        Permission.SEE_WORKLOAD: Scope.ANY,
        Permission.MANAGE_FRAMEWORKS: Scope.ANY,
    },
    Role.LEAD: {
        Permission.READ_RECOMMENDATIONS: Scope.OWN_UNIT,
        Permission.GIVE_POSITION: Scope.OWN_UNIT,
    },
    Role.READER: dict(_READS),
    Role.ADMINISTRATOR: {
        **_READS,
        Permission.READ_DRAFT_PAPERS: Scope.ANY,
        Permission.READ_DRAFT_RATINGS: Scope.ANY,
        Permission.MANAGE_FRAMEWORKS: Scope.ANY,
        Permission.MANAGE_PEOPLE: Scope.ANY,
    },
}


def scope_of(role: str, permission: Permission) -> Scope | None:
    """How far `role` holds `permission`; None where it does not hold it at all."""
    return GRANTS.get(role, {}).get(permission)


def is_granted(user: "User", permission: Permission, obj: Scoped | None = None) -> bool:
    """The one question. Without an object: may they do it somewhere; with one: may they do it here."""
    if not user.is_active:
        return False
    scope = scope_of(user.role, permission)
    if scope is None:
        return False
    if scope is Scope.ANY or obj is None:
        return True
    return obj.in_scope(scope, user)

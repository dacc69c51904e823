"""Database triggers shared by rooms: rows that nobody may change once a fact is true (DESIGN §4)."""

import pgtrigger


class Frozen(pgtrigger.Trigger):
    """Marks a table for grant_app_role, which takes the right to change it away from the portal's role."""


def frozen(name: str, message: str) -> pgtrigger.Trigger:
    """A row that is never updated or deleted after it was inserted, whoever asks."""
    return Frozen(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';",
    )


def frozen_while(
    name: str, *, operation: pgtrigger.Operation, condition: str, message: str
) -> pgtrigger.Trigger:
    """A row that is refused `operation` while the SQL `condition` (over OLD and NEW) holds."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        func=(
            f"IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF; "
            "RETURN COALESCE(NEW, OLD);"
        ),
    )

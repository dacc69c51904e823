"""What a row of the table says, and the answers that many rows have in common."""

from dataclasses import dataclass, field
from typing import Any

ACTORS = [
    "anonymous",
    "epo",
    "other_epo",
    "clerk",
    "member",
    "other_member",
    "head",
    "lead",
    "reader",
    "administrator",
]
# The first is always the visitor who has not signed in.
EVERYONE = "200 200 200 200 200 200 200 200 200 200"
SIGNED_IN = "302 200 200 200 200 200 200 200 200 200"
NOT_LEAD = "302 200 200 200 200 200 200 403 200 200"


@dataclass(frozen=True)
class Row:
    route: str
    expected: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    note: str = ""

    def statuses(self) -> dict[str, set[int]]:
        return {
            actor: {int(status) for status in words.split("|")}
            for actor, words in zip(ACTORS, self.expected.split(), strict=True)
        }

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.route} {self.note}".strip()


DRAFT = {"cycle": "cycle", "subject": "camden"}
SUBMITTED = {"cycle": "cycle", "subject": "hackney"}
SIGNED_OFF = {"cycle": "cycle", "subject": "brent"}
AUTHORITY = {"cycle": "cycle", "subject": "authority"}
CELL = {**SUBMITTED, "code": "A1"}
DRAFT_CELL = {**DRAFT, "code": "A1"}
EVIDENCE = {**DRAFT_CELL, "pk": "evidence"}
MINUTE = {"title": "Minute 7", "dated_on": "2010-08-31"}
TWO_CYCLES = {"cycle": "cycle", "other": "earlier"}
ABSENT = {"cycle": "cycle", "subject": "atlantis"}
RATING = {"value": "amber", "rationale": "Half of it", "next_step": "", "version": "0"}
# Draft ratings of Camden: its own officer and member, clerk, head, administrator (DESIGN §5).
HEAD_ALONE = "302 404 403 403 404 403 200 404 404 403"
HEAD_CHANGES = HEAD_ALONE.replace("200", "302")
DISCUSSES = "302 404 200 403 404 403 200 404 404 403"
READS_DRAFT = "302 200 404 200 200 404 200 404 404 200"
CHANGES_DRAFT = "302 302 404 403 403 404 302 404 404 403"
WRITES_PAPERS = "302 403 403 200 404 404 403 404 404 403"
WRITES_PAPERS_POST = "302 403 403 302 404 404 403 404 404 403"
MANAGES_CYCLES = "302 403 403 403 403 403 200 403 403 403"
WRITES_FRAMEWORKS = "302 403 403 403 403 403 200 403 403 200"
FRAMEWORK = {"pk": "framework"}
ISSUED = {"code": "demo", "held_on": "2026-01-08"}
JOB_OF_CLERK = "302 404 404 200 404 404 404 404 404 404"

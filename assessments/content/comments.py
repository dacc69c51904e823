"""The comment threads of a rating, as its page and the moderation page show them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import User
from assessments.actions import may_discuss
from assessments.models import Comment, HealthCheck, Rating
from cdrp_portal.dates import uk_moment


@dataclass(frozen=True)
class Remark:
    pk: int
    who: str
    when: str
    text: str

    @classmethod
    def of(cls, comment: Comment) -> "Remark":
        return cls(comment.pk, str(comment.written_by), uk_moment(comment.written_at), comment.text)


@dataclass(frozen=True)
class Thread:
    """A remark and its answers; `resolved` says by whom and when, and is empty while it is open."""

    first: Remark
    answers: list[Remark] = field(default_factory=list)
    resolved: str = ""

    @property
    def words(self) -> str:
        """Names the thread where its buttons are heard without it."""
        return f"{self.first.who}’s comment of {self.first.when}"


@dataclass(frozen=True)
class Comments:
    """All that was said of one rating, open threads first. What was typed and refused stands in `typed`."""

    code: str
    name: str
    url: str
    threads: list[Thread]
    may_write: bool
    error: str = ""
    typed: str = ""
    reply_to: int | None = None

    @property
    def open(self) -> list[Thread]:
        return [thread for thread in self.threads if not thread.resolved]

    @property
    def resolved(self) -> list[Thread]:
        return [thread for thread in self.threads if thread.resolved]

    @property
    def error_on_new(self) -> str:
        """The error of a new thread's form; an answer's stands beside the thread that it answers."""
        return "" if self.reply_to else self.error


def thread_of(rating: Rating, user: User) -> Comments | None:
    """What is said of the rating; None for whoever may neither rate nor moderate there."""
    check = rating.health_check
    if not may_discuss(user, check):
        return None
    return threads_of(check, [rating])[rating.pk]


def threads_of(check: HealthCheck, ratings: Iterable[Rating]) -> dict[int, Comments]:
    """By rating, in one query, for a reader who may discuss them."""
    ratings = list(ratings)
    said = Comment.objects.filter(rating__in=ratings).select_related("written_by", "resolved_by")
    threads: dict[int, list[Thread]] = defaultdict(list)
    by_first: dict[int, Thread] = {}
    answers = []
    for comment in said:
        if comment.reply_to_id:
            answers.append(comment)
            continue
        by_first[comment.pk] = Thread(Remark.of(comment), resolved=_resolved(comment))
        threads[comment.rating_id].append(by_first[comment.pk])
    for comment in answers:
        by_first[comment.reply_to_id or 0].answers.append(Remark.of(comment))
    may_write = check.cycle.is_open and check.state != HealthCheck.State.SIGNED_OFF
    return {
        rating.pk: Comments(
            code=rating.criterion.code,
            name=str(rating.criterion),
            url=f"{check.get_absolute_url()}{rating.criterion.code}/comments/",
            threads=threads[rating.pk],
            may_write=may_write,
        )
        for rating in ratings
    }


def _resolved(comment: Comment) -> str:
    if comment.resolved_at is None:
        return ""
    return f"Resolved by {comment.resolved_by}, {uk_moment(comment.resolved_at)}"

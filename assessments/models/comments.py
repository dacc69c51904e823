import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.permissions import Scope
from assessments.models.ratings import Rating
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked


@tracked()
class Comment(models.Model):
    """A remark on a rating between its officer and the moderator. One that answers none begins a thread."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="comments")
    reply_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replies"
    )
    text = models.TextField(max_length=2_000)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="comments")
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="resolved_comments"
    )

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_has_a_text"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False, reply_to=None),
                name="comment_thread_resolved_at_and_by",
            ),
        ]
        triggers = [
            frozen_while(
                "comment_stays_where_it_is",
                operation=pgtrigger.Update,
                condition="(NEW.rating_id, NEW.reply_to_id) "
                "IS DISTINCT FROM (OLD.rating_id, OLD.reply_to_id)",
                message="A comment cannot be moved to another rating or thread.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.written_by} on {self.rating}"

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.rating.in_scope(scope, user)

from uuid import uuid4

import pgtrigger
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.permissions import Scope
from assessments.models.checks import HealthCheck
from assessments.models.ratings import Rating
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked


def evidence_key(evidence: "Evidence", name: str) -> str:
    """Where a file is kept: a random name, with nothing of the name its owner gave it (QUALITY row 37)."""
    return f"evidence/{uuid4().hex}"


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def standing(self) -> "EvidenceQuerySet":
        return self.filter(withdrawn_at=None)

    def visible_to(self, user: User) -> "EvidenceQuerySet":
        return self.filter(rating__health_check__in=HealthCheck.objects.visible_to(user))


@tracked()
class Evidence(models.Model):
    """What shows that a rating is right: a file or a link, with the day it is of and when to look again."""

    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="evidence")
    title = models.CharField("what it shows", max_length=200)
    url = models.URLField("link", max_length=500, blank=True)
    file = models.FileField(upload_to=evidence_key, blank=True)
    file_name = models.CharField(
        max_length=200, blank=True, help_text="As its owner called it: only ever shown."
    )
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveIntegerField(default=0, help_text="In bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    dated_on = models.DateField("of", help_text="The day that it is of.")
    look_again_on = models.DateField(null=True, blank=True, help_text="The last day on which it holds.")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="evidence")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="withdrawn_evidence"
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-dated_on", "-pk"]
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(url="", size__gt=0) & ~Q(file="") & ~Q(file_name="") & ~Q(sha256="")
                | ~Q(url="") & Q(file="", file_name="", sha256="", content_type="", size=0),
                name="evidence_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(look_again_on=None) | Q(look_again_on__gte=models.F("dated_on")),
                name="evidence_looked_at_again_later",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="evidence_withdrawn_at_and_by",
            ),
        ]
        triggers = [
            frozen_while(
                "closed_evidence_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition=(
                    "(SELECT c.closed_at FROM assessments_rating r "
                    "JOIN assessments_healthcheck h ON h.id = r.health_check_id "
                    "JOIN assessments_reviewcycle c ON c.id = h.cycle_id "
                    "WHERE r.id = COALESCE(OLD.rating_id, NEW.rating_id)) IS NOT NULL"
                ),
                message="The evidence of a closed cycle cannot be changed.",
            ),
            frozen_while(
                "signed_off_evidence_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition=(
                    "(SELECT h.state FROM assessments_rating r "
                    "JOIN assessments_healthcheck h ON h.id = r.health_check_id "
                    "WHERE r.id = COALESCE(OLD.rating_id, NEW.rating_id)) = 'signed_off'"
                ),
                message="The evidence of a signed-off health check cannot be changed.",
            ),
            frozen_while(
                "evidence_stays_where_it_is",
                operation=pgtrigger.Update,
                condition="(NEW.rating_id, NEW.file, NEW.sha256, NEW.url) "
                "IS DISTINCT FROM (OLD.rating_id, OLD.file, OLD.sha256, OLD.url)",
                message="Evidence cannot be moved or replaced: withdraw it and add another.",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_file(self) -> bool:
        return bool(self.file)

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.rating.in_scope(scope, user)

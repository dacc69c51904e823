from datetime import date

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from assessments.models.frameworks import Framework
from cdrp_portal.constraints import frozen, frozen_while
from cdrp_portal.history import tracked


class ReviewCycleQuerySet(models.QuerySet["ReviewCycle"]):
    def open(self) -> "ReviewCycleQuerySet":
        return self.filter(closed_at=None)

    def newest_first(self) -> "ReviewCycleQuerySet":
        return self.order_by("-opens_on", "-pk")


@tracked()
class ReviewCycle(models.Model):
    """One round in which a framework is asked of every borough and of the Authority (DESIGN §2)."""

    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="cycles")
    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    opens_on = models.DateField()
    submit_by = models.DateField(
        null=True,
        blank=True,
        help_text="The day by which health checks are to be submitted. Blank: closing day.",
    )
    moderate_by = models.DateField(
        null=True, blank=True, help_text="The day by which they are to be signed off. Blank: closing day."
    )
    closes_on = models.DateField(help_text="The day on which the cycle is to be closed.")
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="following"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="closed_cycles"
    )
    is_demonstration = models.BooleanField(default=False)

    objects = ReviewCycleQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gt=models.F("opens_on")), name="reviewcycle_closes_after_it_opens"
            ),
            # A blank date passes: in SQL a comparison with nothing refuses nothing.
            models.CheckConstraint(
                condition=Q(submit_by__gte=models.F("opens_on"))
                & Q(submit_by__lte=models.F("closes_on"))
                & Q(moderate_by__gte=models.F("opens_on"))
                & Q(moderate_by__lte=models.F("closes_on"))
                & Q(submit_by__lte=models.F("moderate_by")),
                name="reviewcycle_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="reviewcycle_closed_at_and_by",
            ),
        ]
        triggers = [
            frozen_while(
                "closed_cycle_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition="OLD.closed_at IS NOT NULL",
                message="A closed cycle cannot be changed.",
            ),
            frozen_while(
                "draft_framework_is_not_asked",
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition="(SELECT is_draft FROM assessments_framework WHERE id = NEW.framework_id)",
                message="A framework that is still a draft cannot be asked.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assessments:cycle-matrix", args=[self.slug])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def submission_day(self) -> date:
        return self.submit_by or self.closes_on

    @property
    def moderation_day(self) -> date:
        return self.moderate_by or self.closes_on


@tracked()
class CycleSnapshot(models.Model):
    """What a cycle held when it was closed, with its digest: every answer, reason and state.

    `sha256` is of the canonical JSON of `content`: keys sorted, no spaces, UTF-8.
    """

    cycle = models.OneToOneField(ReviewCycle, on_delete=models.PROTECT, related_name="snapshot")
    content = models.JSONField()
    sha256 = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    class Meta:
        triggers = [frozen("cycle_snapshot_is_frozen", "The snapshot of a closed cycle is never changed.")]

    def __str__(self) -> str:
        return f"{self.cycle} as it was closed"

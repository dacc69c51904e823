from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, Scope
from assessments.models import Rating
from boroughs.models import Borough, BoroughLink
from cdrp_portal.constraints import frozen, frozen_while
from cdrp_portal.history import tracked


class Progress(models.TextChoices):
    """How far something is (DESIGN §2). *Ongoing* is a continuing duty: never closed, never overdue."""

    NOT_STARTED = "not_started", "Not started"
    IN_PROGRESS = "in_progress", "In progress"
    ONGOING = "ongoing", "Ongoing"
    COMPLETE = "complete", "Complete"
    SUPERSEDED = "superseded", "Superseded"
    NOT_TAKEN_FORWARD = "not_taken_forward", "Not being taken forward"


OPEN_PROGRESS = [Progress.NOT_STARTED, Progress.IN_PROGRESS, Progress.ONGOING]
NEVER_OVERDUE = [
    Progress.ONGOING,
    Progress.COMPLETE,
    Progress.SUPERSEDED,
    Progress.NOT_TAKEN_FORWARD,
]


@tracked()
class LeadUnit(models.Model):
    """A unit or organisation that leads actions (DOMAIN §2, lead units)."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    organisation = models.CharField(max_length=120, blank=True)
    officers = models.ManyToManyField(User, blank=True, related_name="lead_units")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class Scrutiny(models.Model):
    """An inquiry of the Authority that made numbered recommendations: here, the CDRP scrutiny of 2003."""

    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=60, unique=True)
    reported_on = models.DateField()

    class Meta:
        ordering = ["-reported_on"]
        verbose_name_plural = "scrutinies"

    def __str__(self) -> str:
        return self.title


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: User) -> "RecommendationQuerySet":
        scope = user.scope(Permission.READ_RECOMMENDATIONS)
        if scope is Scope.ANY:
            return self
        if scope is Scope.OWN_UNIT:
            actions = Action.objects.filter(lead_unit__officers=user)
            return self.filter(pk__in=actions.values("key_point__recommendation"))
        return self.none()


@tracked()
class Recommendation(models.Model):
    """One of the 35 numbered recommendations of the scrutiny report of 30 January 2003 (sources/003)."""

    class Acceptance(models.TextChoices):
        AGREED = "agreed", "Agreed"
        SUBJECT_TO_BUDGET = "subject_to_budget", "Agreed subject to budget"
        NOTED = "noted", "Noted"
        NOT_AGREED = "not_agreed", "Not agreed"
        NONE_RECORDED = "none_recorded", "No decision recorded"

    scrutiny = models.ForeignKey(Scrutiny, on_delete=models.PROTECT, related_name="recommendations")
    number = models.PositiveSmallIntegerField()
    plan_order = models.PositiveSmallIntegerField(help_text="Place in the plan; may differ from the number.")
    theme = models.CharField(max_length=80)
    short_title = models.CharField(max_length=160)
    full_text = models.TextField()
    responsible_body = models.CharField(max_length=80)
    supporting_bodies = models.CharField(max_length=200, blank=True)
    is_among_the_twelve = models.BooleanField(
        "for action by the Authority itself", default=False, help_text="Our inference: DOMAIN §2."
    )
    acceptance = models.CharField(max_length=20, choices=Acceptance, default=Acceptance.NONE_RECORDED)
    accepted_on = models.DateField(null=True, blank=True)
    progress = models.CharField(
        max_length=20, choices=Progress, blank=True, help_text="Blank: the archive records none."
    )

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["scrutiny", "number"], name="recommendation_number_unique"),
            models.CheckConstraint(
                condition=Q(acceptance="none_recorded", accepted_on=None)
                | (~Q(acceptance="none_recorded") & Q(accepted_on__isnull=False)),
                name="recommendation_accepted_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.short_title}"

    def get_absolute_url(self) -> str:
        return reverse("recommendations:recommendation-detail", args=[self.number])


class ActionPlanQuerySet(models.QuerySet["ActionPlan"]):
    def visible_to(self, user: User) -> "ActionPlanQuerySet":
        """Whole to whoever reads everything; to a lead unit's officer where their unit leads an action."""
        if user.scope(Permission.READ_RECOMMENDATIONS) is Scope.ANY:
            return self
        return self.filter(pk__in=Action.objects.visible_to(user).values("key_point__plan"))


@tracked()
class ActionPlan(models.Model):
    """A body's plan as a whole, for rows that answer no single recommendation (`MPS-all`, DOMAIN §2)."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    body = models.CharField(max_length=80)

    objects = ActionPlanQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("recommendations:plan-detail", args=[self.slug])


@tracked()
class KeyPoint(models.Model):
    """What a recommendation (or a plan as a whole) breaks down into, before its actions."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.PROTECT, null=True, blank=True, related_name="key_points"
    )
    plan = models.ForeignKey(
        ActionPlan, on_delete=models.PROTECT, null=True, blank=True, related_name="key_points"
    )
    text = models.CharField(max_length=300, blank=True, help_text="Blank where the archive names none.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["recommendation", "plan", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(recommendation=None, plan__isnull=False)
                | Q(recommendation__isnull=False, plan=None),
                name="keypoint_of_a_recommendation_or_a_plan",
            ),
            models.UniqueConstraint(
                fields=["recommendation", "plan", "text"],
                nulls_distinct=False,
                name="keypoint_text_unique",
            ),
        ]

    def __str__(self) -> str:
        return self.text or "No key point recorded"


class ActionQuerySet(models.QuerySet["Action"]):
    def open(self) -> "ActionQuerySet":
        return self.filter(status__in=OPEN_PROGRESS)

    def overdue(self, on: date) -> "ActionQuerySet":
        return self.filter(due_on__lt=on).exclude(status__in=NEVER_OVERDUE)

    def for_borough(self, borough: Borough) -> "ActionQuerySet":
        return self.for_boroughs([borough.pk])

    def for_boroughs(self, boroughs: Any) -> "ActionQuerySet":
        """Those of one of the boroughs (keys, or a question for them), or that answer a rating of one."""
        answered = AnsweredRating.objects.filter(
            action=models.OuterRef("pk"), rating__health_check__borough__in=boroughs
        )
        return self.filter(
            Q(borough__in=boroughs) | Q(rating__health_check__borough__in=boroughs) | models.Exists(answered)
        )

    def visible_to(self, user: User) -> "ActionQuerySet":
        scope = user.scope(Permission.READ_RECOMMENDATIONS)
        if scope is Scope.ANY:
            return self
        if scope is Scope.OWN_UNIT:
            return self.filter(lead_unit__officers=user)
        return self.none()

    def with_latest_position(self, on: date) -> "ActionQuerySet":
        """Each action with `position_pk`, its newest position dated on or before that day."""
        latest = (
            Position.objects.filter(action=models.OuterRef("pk"), stated_on__lte=on)
            .order_by("-stated_on", "-pk")
            .values("pk")[:1]
        )
        return self.annotate(position_pk=models.Subquery(latest))


@tracked()
class Action(models.Model):
    """Something a lead unit does. It has exactly one origin (DESIGN §4)."""

    class Origin(models.TextChoices):
        KEY_POINT = "key_point", "Key point"
        RATING = "rating", "Health check rating"
        JEM = "jem", "Joint engagement meeting"
        RESOLUTION = "resolution", "Resolution"

    origin = models.CharField(max_length=12, choices=Origin, default=Origin.KEY_POINT)
    key_point = models.ForeignKey(
        KeyPoint, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    rating = models.ForeignKey(
        Rating, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    text = models.CharField(max_length=400)
    lead_unit = models.ForeignKey(LeadUnit, on_delete=models.PROTECT, related_name="actions")
    borough = models.ForeignKey(
        Borough, on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=20, choices=Progress, default=Progress.NOT_STARTED)
    position = models.PositiveSmallIntegerField(default=0)
    is_demonstration = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        indexes = [
            models.Index(fields=["due_on"], name="action_due", condition=Q(due_on__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="key_point", key_point__isnull=False, rating=None)
                | Q(origin="rating", key_point=None, rating__isnull=False)
                | Q(origin__in=["jem", "resolution"], key_point=None, rating=None),
                name="action_has_one_origin",
            ),
            models.CheckConstraint(condition=Q(status__in=Progress.values), name="action_status_known"),
        ]
        triggers = [
            frozen_while(
                "action_stays_where_it_is",
                operation=pgtrigger.Update,
                condition="(NEW.borough_id, NEW.key_point_id, NEW.rating_id) "
                "IS DISTINCT FROM (OLD.borough_id, OLD.key_point_id, OLD.rating_id)",
                message="An action cannot be moved to another borough, key point or rating.",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return reverse("recommendations:action-detail", args=[self.pk])

    def is_overdue(self, on: date) -> bool:
        return self.due_on is not None and self.due_on < on and self.status not in NEVER_OVERDUE

    def in_scope(self, scope: Scope, user: User) -> bool:
        if scope is Scope.OWN_UNIT:
            return self.lead_unit.officers.filter(pk=user.pk).exists()
        if scope is not Scope.LINKED:
            return False
        links = BoroughLink.objects.for_person(user).current_now()
        return Action.objects.filter(pk=self.pk).for_boroughs(links.values("borough")).exists()


@tracked()
class AnsweredRating(models.Model):
    """A rating that an action answers beside its origin: one action for a criterion red in many boroughs."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="answered_ratings")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="answered_by")

    class Meta:
        ordering = ["action", "rating"]
        constraints = [
            models.UniqueConstraint(fields=["action", "rating"], name="answeredrating_once_an_action"),
        ]
        triggers = [
            frozen_while(
                "answered_rating_stays",
                operation=pgtrigger.Update,
                condition="(NEW.action_id, NEW.rating_id) <> (OLD.action_id, OLD.rating_id)",
                message="What an action answers cannot be exchanged for another rating.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} answers {self.rating}"


@tracked()
class DueDateChange(models.Model):
    """A moved due date with its reason; the ledger prints "moved 3 times" (DESIGN §4)."""

    action = models.ForeignKey(Action, on_delete=models.CASCADE, related_name="due_date_changes")
    from_on = models.DateField(null=True, blank=True)
    to_on = models.DateField()
    reason = models.CharField(max_length=300)
    changed_at = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="due_date_changes")

    class Meta:
        ordering = ["changed_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="duedatechange_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.from_on} to {self.to_on}"


class PositionQuerySet(models.QuerySet["Position"]):
    def at(self, on: date) -> "PositionQuerySet":
        """The newest position of each action stated on or before that day."""
        newest_first = self.filter(stated_on__lte=on).order_by("action_id", "-stated_on", "-pk")
        return newest_first.distinct("action_id")


@tracked()
class Position(models.Model):
    """A dated note on an action: one of a series, never overwritten (DESIGN §2, DOMAIN §2)."""

    class Precision(models.TextChoices):
        DAY = "day", "Day"
        MONTH = "month", "Month"

    action = models.ForeignKey(Action, on_delete=models.PROTECT, related_name="positions")
    stated_on = models.DateField(help_text="The last day of the month where only the month is known.")
    precision = models.CharField(max_length=5, choices=Precision, default=Precision.DAY)
    text = models.TextField(max_length=2000)
    status = models.CharField(max_length=20, choices=Progress)
    source = models.CharField(max_length=200, blank=True)
    source_note = models.CharField(max_length=200, blank=True, help_text="What of it is our inference.")
    given_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="positions"
    )
    given_at = models.DateTimeField(auto_now_add=True)

    objects = PositionQuerySet.as_manager()

    class Meta:
        ordering = ["-stated_on", "-pk"]
        indexes = [models.Index(fields=["action", "-stated_on", "-id"], name="position_action_latest")]
        triggers = [
            frozen("position_is_never_overwritten", "A position is never changed: give a new one."),
        ]

    def __str__(self) -> str:
        return f"{self.action} at {self.stated_on}"

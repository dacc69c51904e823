from collections.abc import Collection

import pgtrigger
from django.db import models
from django.db.models import Q, Value
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, Scope
from boroughs.models import Borough, BoroughLink
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked
from cdrp_portal.status import Status

CLOSED = "(SELECT closed_at FROM assessments_reviewcycle WHERE id = {cycle}) IS NOT NULL"
SIGNED_OFF = "(SELECT state FROM assessments_healthcheck WHERE id = {check}) = 'signed_off'"
RATIONALE_LIMIT, NEXT_STEP_LIMIT = 4_000, 2_000


@tracked()
class Framework(models.Model):
    """A set of criteria, after the APA guidance of June 2009 (DOMAIN §3). A new version is a new row."""

    name = models.CharField(max_length=160)
    version = models.PositiveSmallIntegerField(default=1)
    published_on = models.DateField()

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="framework_version_unique")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"


@tracked()
class Theme(models.Model):
    framework = models.ForeignKey(Framework, on_delete=models.PROTECT, related_name="themes")
    code = models.CharField(max_length=2)
    title = models.CharField(max_length=80)

    class Meta:
        ordering = ["framework", "code"]
        constraints = [models.UniqueConstraint(fields=["framework", "code"], name="theme_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def asked_of_boroughs(self) -> "CriterionQuerySet":
        return self.exclude(borough_wording="")

    def asked_of_authority_only(self) -> "CriterionQuerySet":
        return self.filter(borough_wording="")


@tracked()
class Criterion(models.Model):
    """One question of a framework. `code` is the identity that lasts across versions."""

    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="criteria")
    code = models.CharField(max_length=4)
    position = models.PositiveSmallIntegerField()
    short_title = models.CharField(max_length=60)
    authority_wording = models.TextField()
    borough_wording = models.TextField(blank=True, help_text="Blank: asked of the Authority only.")
    evidence_expected = models.TextField(blank=True)
    derived_from = models.CharField(max_length=200, blank=True)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ["theme__framework", "position"]
        verbose_name_plural = "criteria"
        constraints = [models.UniqueConstraint(fields=["theme", "code"], name="criterion_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} {self.short_title}"


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
    closes_on = models.DateField(help_text="The day by which health checks are to be submitted.")
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
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("assessments:cycle-matrix", args=[self.slug])

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class HealthCheckQuerySet(models.QuerySet["HealthCheck"]):
    def of_boroughs(self) -> "HealthCheckQuerySet":
        return self.filter(borough__isnull=False)

    def visible_to(self, user: User) -> "HealthCheckQuerySet":
        """Signed-off ones to whoever may read them; the others by the reach of READ_DRAFT_RATINGS."""
        if not user.may(Permission.READ_SIGNED_OFF_RATINGS):
            return self.none()
        readable = self._readable_by(user)
        return self if readable is None else self.filter(readable)

    def with_visibility(self, user: User, *, linked: Collection[int] | None = None) -> "HealthCheckQuerySet":
        """All of them, each with `is_visible`: whether `visible_to` would keep it.

        `linked` are the boroughs that the user is linked to today, from a caller that knows them.
        """
        if not user.may(Permission.READ_SIGNED_OFF_RATINGS):
            return self.annotate(is_visible=Value(False))
        return self.annotate(is_visible=self._readable_by(user, linked) or Value(True))

    def _readable_by(self, user: User, linked: Collection[int] | None = None) -> Q | None:
        """What makes a health check theirs to read; None where every one is."""
        scope = user.scope(Permission.READ_DRAFT_RATINGS)
        if scope is Scope.ANY:
            return None
        signed_off = Q(state=HealthCheck.State.SIGNED_OFF)
        if scope is Scope.LINKED:
            links = BoroughLink.objects.for_person(user).current_now()
            return signed_off | Q(borough__in=links.values("borough") if linked is None else linked)
        return signed_off


@tracked()
class HealthCheck(models.Model):
    """One subject (a borough's CDRP, or the Authority where `borough` is empty) in one cycle."""

    class State(models.TextChoices):
        DRAFT = "draft", "In progress"
        SUBMITTED = "submitted", "Submitted"
        SIGNED_OFF = "signed_off", "Signed off"

    cycle = models.ForeignKey(ReviewCycle, on_delete=models.PROTECT, related_name="health_checks")
    borough = models.ForeignKey(
        Borough, on_delete=models.PROTECT, null=True, blank=True, related_name="health_checks"
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="submitted_health_checks"
    )
    signed_off_at = models.DateTimeField(null=True, blank=True)
    signed_off_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="signed_off_health_checks"
    )

    objects = HealthCheckQuerySet.as_manager()

    class Meta:
        ordering = ["cycle", models.F("borough__name").asc(nulls_first=True)]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "borough"], name="healthcheck_one_per_borough"),
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(borough=None), name="healthcheck_one_of_the_authority"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, submitted_by=None)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="healthcheck_submitted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at=None, signed_off_by=None)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False),
                name="healthcheck_signed_off_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at=None)
                | Q(state="submitted", submitted_at__isnull=False, signed_off_at=None)
                | Q(state="signed_off", submitted_at__isnull=False, signed_off_at__isnull=False),
                name="healthcheck_state_has_its_dates",
            ),
        ]
        triggers = [
            frozen_while(
                "closed_health_check_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=CLOSED.format(cycle="OLD.cycle_id"),
                message="The health checks of a closed cycle cannot be changed.",
            ),
            pgtrigger.Trigger(
                name="sign_off_needs_reasons",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Insert,
                condition=pgtrigger.Q(new__state="signed_off"),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM assessments_rating
                        WHERE health_check_id = NEW.id AND rationale = ''
                          AND value IN ('green', 'amber', 'red', 'less_relevant')
                    ) THEN
                        RAISE EXCEPTION 'A rating without its reason cannot be signed off.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name}: {self.cycle}"

    def get_absolute_url(self) -> str:
        return reverse("assessments:health-check", args=[self.cycle.slug, self.subject_slug])

    @property
    def subject_name(self) -> str:
        return self.borough.name if self.borough else "The Authority"

    @property
    def subject_slug(self) -> str:
        return self.borough.slug if self.borough else "authority"

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.borough is not None and self.borough.in_scope(scope, user)


class RatingQuerySet(models.QuerySet["Rating"]):
    def assessed(self) -> "RatingQuerySet":
        return self.exclude(value=Status.NOT_ASSESSED)

    def visible_to(self, user: User) -> "RatingQuerySet":
        return self.filter(health_check__in=HealthCheck.objects.visible_to(user))


@tracked()
class Rating(models.Model):
    """One criterion of one health check. `version` counts its saves: the guard against lost updates."""

    Value = Status

    health_check = models.ForeignKey(HealthCheck, on_delete=models.CASCADE, related_name="ratings")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="ratings")
    value = models.CharField(max_length=13, choices=Status, default=Status.NOT_ASSESSED)
    rationale = models.TextField("why", blank=True, max_length=RATIONALE_LIMIT)
    next_step = models.TextField(blank=True, max_length=NEXT_STEP_LIMIT)
    version = models.PositiveIntegerField(default=0)
    rated_at = models.DateTimeField(null=True, blank=True)
    rated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="ratings"
    )

    objects = RatingQuerySet.as_manager()

    class Meta:
        ordering = ["health_check", "criterion__position"]
        constraints = [
            models.UniqueConstraint(fields=["health_check", "criterion"], name="rating_one_per_criterion"),
            models.CheckConstraint(condition=Q(value__in=Status.values), name="rating_value_known"),
            models.CheckConstraint(
                condition=~Q(value="less_relevant", rationale=""), name="rating_less_relevant_needs_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(rated_at=None, rated_by=None) | Q(rated_at__isnull=False, rated_by__isnull=False),
                name="rating_rated_at_and_by",
            ),
        ]
        triggers = [
            frozen_while(
                "closed_rating_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                condition=(
                    "(SELECT c.closed_at FROM assessments_healthcheck h JOIN assessments_reviewcycle c "
                    "ON c.id = h.cycle_id WHERE h.id = COALESCE(OLD.health_check_id, NEW.health_check_id)) "
                    "IS NOT NULL"
                ),
                message="The ratings of a closed cycle cannot be changed.",
            ),
            frozen_while(
                "signed_off_rating_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=SIGNED_OFF.format(check="OLD.health_check_id"),
                message="The ratings of a signed-off health check cannot be changed.",
            ),
            frozen_while(
                "rating_stays_where_it_is",
                operation=pgtrigger.Update,
                condition=(
                    "NEW.health_check_id <> OLD.health_check_id OR NEW.criterion_id <> OLD.criterion_id"
                ),
                message="A rating cannot be moved to another health check or criterion.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.health_check}, {self.criterion}"

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.health_check.in_scope(scope, user)

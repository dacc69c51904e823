from collections.abc import Collection

import pgtrigger
from django.db import models
from django.db.models import Q, Value
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Scope
from assessments.models.cycles import ReviewCycle
from assessments.reach import Reach
from boroughs.models import Borough
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked

# What its officer may write in; the steps of its life, from one state to the next, which the database holds.
OPEN_STATES = ("draft", "returned")
STEPS = (
    "draft submitted",
    "submitted draft",
    "submitted returned",
    "submitted moderated",
    "submitted signed_off",
    "moderated submitted",
    "moderated returned",
    "moderated signed_off",
    "returned submitted",
    "signed_off returned",
)
CLOSED = "(SELECT closed_at FROM assessments_reviewcycle WHERE id = {cycle}) IS NOT NULL"


class HealthCheckQuerySet(models.QuerySet["HealthCheck"]):
    def of_boroughs(self) -> "HealthCheckQuerySet":
        return self.filter(borough__isnull=False)

    def visible_to(self, user: User) -> "HealthCheckQuerySet":
        reach = Reach(user)
        return self.filter(reach.as_q()) if reach.reads else self.none()

    def with_drafts_for(self, user: User) -> "HealthCheckQuerySet":
        """Those of which `user` may read drafts, and so what was answered before they were signed off."""
        return self.filter(Reach(user).drafts_as_q())

    def with_visibility(self, user: User, *, linked: Collection[int] | None = None) -> "HealthCheckQuerySet":
        """All of them, each with `is_visible`: whether `visible_to` would keep it.

        `linked` are the boroughs that the user is linked to today, from a caller that knows them.
        """
        reach = Reach(user, linked)
        return self.annotate(is_visible=(reach.as_q() or Value(True)) if reach.reads else Value(False))


@tracked()
class HealthCheck(models.Model):
    """One subject (a borough's CDRP, or the Authority where `borough` is empty) in one cycle."""

    class State(models.TextChoices):
        DRAFT = "draft", "In progress"
        SUBMITTED = "submitted", "Submitted"
        RETURNED = "returned", "Returned"
        MODERATED = "moderated", "Moderated"
        SIGNED_OFF = "signed_off", "Signed off"

    cycle = models.ForeignKey(ReviewCycle, on_delete=models.PROTECT, related_name="health_checks")
    borough = models.ForeignKey(
        Borough, on_delete=models.PROTECT, null=True, blank=True, related_name="health_checks"
    )
    officer = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="health_checks",
        help_text="Who is responsible for it in this cycle. Blank: the borough's own officer.",
    )
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    state_reason = models.TextField(
        "reason", blank=True, max_length=2_000, help_text="Why it was returned or opened again."
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="submitted_health_checks"
    )
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="moderated_health_checks"
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
                condition=Q(moderated_at=None, moderated_by=None)
                | Q(moderated_at__isnull=False, moderated_by__isnull=False),
                name="healthcheck_moderated_at_and_by",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned", state_reason=""), name="healthcheck_returned_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(signed_off_at=None, signed_off_by=None)
                | Q(signed_off_at__isnull=False, signed_off_by__isnull=False),
                name="healthcheck_signed_off_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at=None)
                | Q(state="returned", submitted_at=None, moderated_at=None, signed_off_at=None)
                | Q(state="submitted", submitted_at__isnull=False, moderated_at=None, signed_off_at=None)
                | Q(
                    state="moderated",
                    submitted_at__isnull=False,
                    moderated_at__isnull=False,
                    signed_off_at=None,
                )
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
            frozen_while(
                "closed_cycle_takes_no_health_check",
                operation=pgtrigger.Insert,
                condition=CLOSED.format(cycle="NEW.cycle_id"),
                message="A closed cycle takes no more health checks.",
            ),
            frozen_while(
                "health_check_stays_where_it_is",
                operation=pgtrigger.Update,
                condition=("NEW.cycle_id <> OLD.cycle_id OR NEW.borough_id IS DISTINCT FROM OLD.borough_id"),
                message="A health check cannot be moved to another cycle or borough.",
            ),
            frozen_while(
                "health_check_moves_by_its_steps",
                operation=pgtrigger.Update,
                condition=(
                    "NEW.state <> OLD.state AND (OLD.state || ' ' || NEW.state) NOT IN ("
                    + ", ".join(f"'{step}'" for step in STEPS)
                    + ")"
                ),
                message="A health check cannot go from the state it is in to that one.",
            ),
            pgtrigger.Trigger(
                name="sign_off_needs_reasons",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Insert,
                condition=pgtrigger.Q(new__state="signed_off"),
                func="""
                    IF EXISTS (
                        SELECT 1 FROM assessments_rating
                        WHERE health_check_id = NEW.id AND rationale = '' AND moderation_reason = ''
                          AND value IN ('green', 'amber', 'red', 'less_relevant')
                    ) THEN
                        RAISE EXCEPTION 'A rating without its reason cannot be signed off.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF EXISTS (
                        SELECT 1 FROM assessments_rating WHERE health_check_id = NEW.id AND is_carried
                    ) THEN
                        RAISE EXCEPTION 'A rating that was not re-confirmed cannot be signed off.'
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
    def takes_answers(self) -> bool:
        """Whether its officer can change it now: by its own state and its cycle's, whoever asks."""
        return self.state in OPEN_STATES and self.cycle.is_open

    @property
    def subject_name(self) -> str:
        return self.borough.name if self.borough else "The Authority"

    @property
    def subject_slug(self) -> str:
        return self.borough.slug if self.borough else "authority"

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.borough is not None and self.borough.in_scope(scope, user)

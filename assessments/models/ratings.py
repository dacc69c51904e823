from datetime import date

import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.permissions import Scope
from assessments.models.checks import HealthCheck
from assessments.models.frameworks import Criterion
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked
from cdrp_portal.status import Status

SIGNED_OFF = "(SELECT state FROM assessments_healthcheck WHERE id = {check}) = 'signed_off'"
SUBMITTED = "(SELECT state FROM assessments_healthcheck WHERE id = {check}) IN ('submitted', 'moderated')"
# Whether anything but the columns named was changed, or the row deleted.
CHANGED = "NEW IS NULL OR to_jsonb(NEW) - ARRAY[{but}] IS DISTINCT FROM to_jsonb(OLD) - ARRAY[{but}]"
PROOF = "'proof_confirmed_at', 'proof_confirmed_by_id', 'evidence_until'"
MODERATION = (
    f"'value', 'officer_value', 'moderation_reason', 'moderated_at', 'moderated_by_id', 'flag_note', "
    f"'proof_due_on', 'version', {PROOF}"
)
RATIONALE_LIMIT, NEXT_STEP_LIMIT = 4_000, 2_000


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
    is_carried = models.BooleanField(
        "not re-confirmed",
        default=False,
        help_text="Carried forward from the last cycle, and not confirmed yet.",
    )
    # What the moderator changed: `value` is then theirs, and the officer's is kept here.
    officer_value = models.CharField("officer’s rating", max_length=13, choices=Status, blank=True)
    moderation_reason = models.TextField("moderator’s reason", blank=True, max_length=NEXT_STEP_LIMIT)
    moderated_at = models.DateTimeField(null=True, blank=True)
    moderated_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="moderated_ratings"
    )
    flag_note = models.CharField(
        "flag", max_length=400, blank=True, help_text="What the moderator asks to look at again."
    )
    proof_due_on = models.DateField(
        "proof due", null=True, blank=True, help_text="Green, awaiting proof: by when it must be shown."
    )
    proof_confirmed_at = models.DateTimeField(null=True, blank=True)
    proof_confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="confirmed_ratings"
    )
    evidence_until = models.DateField(
        null=True,
        blank=True,
        help_text="The last day on which its evidence holds; blank where it does not lapse.",
    )
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
                condition=~Q(value="less_relevant", rationale="", moderation_reason=""),
                name="rating_less_relevant_needs_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(officer_value="", moderation_reason="", moderated_at=None, moderated_by=None)
                | (
                    Q(officer_value__in=Status.values, moderated_at__isnull=False, moderated_by__isnull=False)
                    & ~Q(moderation_reason="")
                    & ~Q(officer_value=F("value"))
                ),
                name="rating_moderated_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(proof_due_on=None) | Q(value="green"), name="rating_proof_is_due_of_a_green"
            ),
            models.CheckConstraint(
                condition=Q(proof_confirmed_at=None, proof_confirmed_by=None)
                | (
                    Q(proof_confirmed_at__isnull=False, proof_confirmed_by__isnull=False)
                    & ~Q(proof_confirmed_by=F("rated_by"))
                ),
                name="rating_proof_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(is_carried=False) | ~Q(value="not_assessed"), name="rating_carried_has_a_value"
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
                condition=(
                    f"{SIGNED_OFF.format(check='OLD.health_check_id')} AND ({CHANGED.format(but=PROOF)})"
                ),
                message="The ratings of a signed-off health check cannot be changed.",
            ),
            frozen_while(
                "signed_off_check_takes_no_rating",
                operation=pgtrigger.Insert,
                condition=SIGNED_OFF.format(check="NEW.health_check_id"),
                message="A signed-off health check takes no more ratings.",
            ),
            frozen_while(
                "submitted_rating_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=(
                    f"{SUBMITTED.format(check='OLD.health_check_id')} AND "
                    f"({CHANGED.format(but=MODERATION)} OR NEW.value <> OLD.value "
                    "AND NEW.officer_value = '' AND NEW.value <> OLD.officer_value "
                    "OR NEW.officer_value NOT IN ('', COALESCE(NULLIF(OLD.officer_value, ''), OLD.value)))"
                ),
                message="The answers of a submitted health check cannot be changed.",
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

    @property
    def is_moderated(self) -> bool:
        return bool(self.officer_value)

    @property
    def awaits_proof(self) -> bool:
        return self.proof_due_on is not None and self.proof_confirmed_at is None

    def is_stale(self, on: date) -> bool:
        """Carried forward and not confirmed, or on evidence that has lapsed: what the matrix hatches."""
        return self.is_carried or (self.evidence_until is not None and self.evidence_until < on)

    def in_scope(self, scope: Scope, user: User) -> bool:
        return self.health_check.in_scope(scope, user)

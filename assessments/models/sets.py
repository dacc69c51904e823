from datetime import timedelta

from django.db import models
from django.urls import reverse

from accounts.models import User
from assessments.models.cycles import ReviewCycle
from assessments.models.ratings import Rating
from cdrp_portal.constraints import frozen
from cdrp_portal.history import tracked

UNDONE_WITHIN = timedelta(days=30)


@tracked()
class ChangeSet(models.Model):
    """Many ratings changed in one go, by one person, which can be undone in one go within thirty days."""

    class Kind(models.TextChoices):
        BULK = "bulk", "Several at once"
        IMPORT = "import", "From a spreadsheet"
        CARRY = "carry", "Carried forward"
        UNDO = "undo", "Undone"

    cycle = models.ForeignKey(ReviewCycle, on_delete=models.PROTECT, related_name="change_sets")
    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="change_sets")
    undoes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by"
    )

    class Meta:
        ordering = ["-made_at", "-pk"]
        triggers = [frozen("change_set_is_frozen", "A change set is never changed: undo it with another.")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assessments:change-set", args=[self.cycle.slug, self.pk])


@tracked()
class ChangedRating(models.Model):
    """One rating of a change set: in `before` and `after` what `actions.sets.KEPT` names, as it stood."""

    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="changes")
    rating = models.ForeignKey(Rating, on_delete=models.PROTECT, related_name="set_changes")
    before = models.JSONField()
    after = models.JSONField()
    version = models.PositiveIntegerField(help_text="The rating's version once the set had changed it.")

    class Meta:
        ordering = ["change_set", "rating"]
        constraints = [
            models.UniqueConstraint(fields=["change_set", "rating"], name="changedrating_once_a_set"),
        ]
        triggers = [frozen("changed_rating_is_frozen", "What a change set changed is never rewritten.")]

    def __str__(self) -> str:
        return f"{self.change_set}: {self.rating}"


class RatingDraft(models.Model):
    """What a person has typed over a rating and not saved yet, kept so that no crash or sign-out loses it.

    Not in the history: it is nobody's answer until it is saved, and is deleted then.
    """

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="rating_drafts")
    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="drafts")
    value = models.CharField(max_length=13, choices=Rating.Value, blank=True)
    rationale = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    version = models.PositiveIntegerField(help_text="Of the rating, when its writer began.")
    kept_at = models.DateTimeField()

    class Meta:
        ordering = ["kept_at"]
        constraints = [
            models.UniqueConstraint(fields=["person", "rating"], name="ratingdraft_one_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person} on {self.rating}"

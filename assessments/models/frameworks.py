import pgtrigger
from django.db import models

from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked

HAS_ASKED = "EXISTS (SELECT 1 FROM assessments_reviewcycle WHERE framework_id = {framework})"
# Loading the reference data again writes the same rows once more, which changes nothing.
ASKED = f"NEW IS DISTINCT FROM OLD AND {HAS_ASKED}"
ASKED_STAYS = "A framework that a cycle has asked cannot be changed: write a new version."


def asked_stays(name: str, framework: str) -> pgtrigger.Trigger:
    return frozen_while(
        name,
        operation=pgtrigger.Update | pgtrigger.Delete,
        condition=ASKED.format(framework=framework),
        message=ASKED_STAYS,
    )


def asked_takes_no_more(name: str, parent: str, framework: str) -> pgtrigger.Trigger:
    """Nothing is added to a framework that was asked, nor moved into it by its `parent` column."""
    is_new = f"(TG_OP = 'INSERT' OR NEW.{parent} IS DISTINCT FROM OLD.{parent})"
    return frozen_while(
        name,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=f"{is_new} AND {HAS_ASKED.format(framework=framework)}",
        message=ASKED_STAYS,
    )


@tracked()
class Framework(models.Model):
    """A set of criteria, after the APA guidance of June 2009 (DOMAIN §3). A new version is a new row."""

    name = models.CharField(max_length=160)
    version = models.PositiveSmallIntegerField(default=1)
    published_on = models.DateField()
    is_draft = models.BooleanField(default=False, help_text="Still being written: no cycle can ask it yet.")

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="framework_version_unique")]
        triggers = [
            asked_stays("asked_framework_stays", "OLD.id"),
            frozen_while(
                "published_framework_stays_published",
                operation=pgtrigger.Update,
                condition="NEW.is_draft AND NOT OLD.is_draft",
                message="A published framework cannot become a draft again.",
            ),
        ]

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
        triggers = [
            asked_stays("asked_theme_stays", "OLD.framework_id"),
            asked_takes_no_more("asked_framework_takes_no_theme", "framework_id", "NEW.framework_id"),
        ]

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
    continues = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="continued_by",
        help_text="The earlier version’s criterion that this one asks on. Blank: the one of its code.",
    )
    is_comparable = models.BooleanField(
        default=True, help_text="No: it asks so much else that its answers are not set against earlier ones."
    )

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ["theme__framework", "position"]
        verbose_name_plural = "criteria"
        constraints = [models.UniqueConstraint(fields=["theme", "code"], name="criterion_code_unique")]
        triggers = [
            asked_stays(
                "asked_criterion_stays",
                "(SELECT framework_id FROM assessments_theme WHERE id = OLD.theme_id)",
            ),
            asked_takes_no_more(
                "asked_framework_takes_no_criterion",
                "theme_id",
                "(SELECT framework_id FROM assessments_theme WHERE id = NEW.theme_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.short_title}"

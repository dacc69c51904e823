import uuid
from datetime import date, datetime

import pgtrigger
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Now
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Permission, Scope
from cdrp_portal.constraints import frozen, frozen_while
from cdrp_portal.history import tracked

Moment = datetime | Now


@tracked()
class Committee(models.Model):
    """A committee of the Authority under the name it had in its time (DOMAIN §1, committees over time)."""

    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=160)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    quorum = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="committee_code_unique"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gt=models.F("starts_on")),
                name="committee_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CommitteeMeetingQuerySet(models.QuerySet["CommitteeMeeting"]):
    def upcoming(self, on: date) -> "CommitteeMeetingQuerySet":
        return self.filter(held_on__gte=on).order_by("held_on", "pk")


@tracked()
class CommitteeMeeting(models.Model):
    """A meeting of a committee on a day."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    starts_at = models.TimeField(null=True, blank=True)
    venue = models.CharField(max_length=200, blank=True)
    cut_off_on = models.DateField(null=True, blank=True, help_text="The day at which figures are taken.")
    is_demonstration = models.BooleanField(default=False)

    objects = CommitteeMeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "held_on"], name="committeemeeting_day_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.committee}, {self.held_on}"

    def get_absolute_url(self) -> str:
        return reverse("committees:meeting-detail", args=[self.committee.code, self.held_on.isoformat()])


@tracked()
class PaperTemplate(models.Model):
    """The heading order that a body's papers had from a day on (DOMAIN §7).

    `headings` is a list of {"key", "one", "many", "numbering", "text"}: the heading for one item and for
    more, how its paragraphs are numbered, and the text a new paper begins with.
    """

    name = models.CharField(max_length=120, unique=True)
    starts_on = models.DateField()
    headings = models.JSONField()

    class Meta:
        ordering = ["-starts_on", "name"]

    def __str__(self) -> str:
        return self.name


class PaperQuerySet(models.QuerySet["Paper"]):
    def drafts(self) -> "PaperQuerySet":
        return self.filter(state=Paper.State.DRAFT)

    def issued(self) -> "PaperQuerySet":
        return self.filter(state=Paper.State.ISSUED)

    def public(self) -> "PaperQuerySet":
        """Issued and not exempt (Part 2): what anyone may read without signing in."""
        return self.issued().filter(is_exempt=False)

    def visible_to(self, user: User) -> "PaperQuerySet":
        if user.may(Permission.READ_DRAFT_PAPERS):
            return self
        return self.public()


def on_the_agenda(number: str = "number") -> list[models.expressions.OrderBy]:
    """The order of an agenda, by the field that holds a paper's number: 2 before 14, and 14 before 14a."""
    leading = Func(F(number), Value(r"^\d{1,9}"), function="substring", output_field=models.TextField())
    return [Cast(leading, models.IntegerField()).asc(nulls_last=True), F(number).asc()]


@tracked()
class Paper(models.Model):
    """A committee report. Its number is text ("14a", "3e-AGM") and unique within its meeting (DOMAIN §7)."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ISSUED = "issued", "Issued"

    meeting = models.ForeignKey(CommitteeMeeting, on_delete=models.PROTECT, related_name="papers")
    number = models.CharField(max_length=20)
    title = models.CharField(max_length=250)
    by_office = models.CharField("by", max_length=160, help_text="The office, not the author.")
    template = models.ForeignKey(PaperTemplate, on_delete=models.PROTECT, related_name="papers")
    summary = models.TextField(blank=True)
    cut_off_on = models.DateField(help_text="The day at which every live block takes its figures.")
    is_exempt = models.BooleanField("exempt (Part 2)", default=False)
    is_from_archive = models.BooleanField(default=False)
    is_demonstration = models.BooleanField(default=False)
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-meeting__held_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="paper_number_unique"),
        ]

    def __str__(self) -> str:
        return f"Report {self.number}: {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("committees:paper-detail", args=[self.pk])

    def in_scope(self, scope: Scope, user: User) -> bool:
        return scope is Scope.ASSIGNED and self.sections.filter(assigned_to=user).exists()


class Numbering(models.TextChoices):
    NONE = "none", "Not numbered"
    PARAGRAPHS = "paragraphs", "Paragraphs numbered straight through"
    THAT = "that", "Recommendations that follow the word That"


@tracked()
class PaperSection(models.Model):
    """One lettered section or one appendix of a paper, written in the paper's markup."""

    class Kind(models.TextChoices):
        SECTION = "section", "Section"
        APPENDIX = "appendix", "Appendix"

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="sections")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SECTION)
    position = models.PositiveSmallIntegerField()
    key = models.SlugField(max_length=40)
    heading = models.CharField(max_length=160)
    numbering = models.CharField(max_length=10, choices=Numbering, default=Numbering.PARAGRAPHS)
    text = models.TextField(blank=True, max_length=100_000)
    assigned_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="paper_sections"
    )
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="saved_sections"
    )

    class Meta:
        ordering = ["-kind", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "key"], name="papersection_key_unique"),
            models.UniqueConstraint(
                fields=["paper", "kind", "position"],
                name="papersection_position_unique",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]
        triggers = [
            frozen_while(
                "issued_section_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=("(SELECT state FROM committees_paper WHERE id = OLD.paper_id) = 'issued'"),
                message="The sections of an issued paper cannot be changed.",
            ),
            frozen_while(
                "section_stays_in_its_paper",
                operation=pgtrigger.Update,
                condition="NEW.paper_id <> OLD.paper_id",
                message="A section cannot be moved to another paper.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.heading}: {self.paper}"


class EditionQuerySet(models.QuerySet["Edition"]):
    def without_pdf(self) -> "EditionQuerySet":
        return self.defer("pdf", "content")

    def public(self) -> "EditionQuerySet":
        return self.filter(paper__is_exempt=False)

    def latest_of_each(self) -> "EditionQuerySet":
        return self.order_by("paper_id", "-number").distinct("paper_id")


@tracked(exclude=["pdf", "content"])
class Edition(models.Model):
    """An issued, frozen paper: its content, the template version, the PDF and both digests (DESIGN §8)."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    content = models.JSONField()
    content_digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical JSON.")
    document_kind = models.CharField(max_length=40)
    template_version = models.PositiveSmallIntegerField()
    pdf = models.BinaryField()
    pdf_digest = models.CharField(max_length=64, help_text="SHA-256 of the PDF.")
    page_count = models.PositiveSmallIntegerField()
    change_note = models.CharField(max_length=300, blank=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="issued_editions")

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["paper", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "number"], name="edition_number_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="edition_numbers_start_at_one"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(change_note=""), name="edition_correction_says_what_changed"
            ),
        ]
        triggers = [frozen("edition_is_frozen", "An issued edition is never changed.")]

    def __str__(self) -> str:
        return f"{self.paper}, edition {self.number}"

    def get_absolute_url(self) -> str:
        meeting = self.paper.meeting
        return reverse(
            "papers:edition-detail",
            args=[meeting.committee.code, meeting.held_on.isoformat(), self.paper.number],
        )


class Document(models.Model):
    """A rendered file, kept under the digest of what it was made from so that it is made once."""

    kind = models.CharField(max_length=40)
    input_digest = models.CharField(max_length=64)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80, default="application/pdf")
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    page_count = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "input_digest"], name="document_made_once"),
        ]

    def __str__(self) -> str:
        return self.filename


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> "JobQuerySet":
        if user.scope(Permission.WRITE_PAPERS) is Scope.ANY:
            return self
        return self.filter(requested_by=user)

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=[Job.State.WAITING, Job.State.RUNNING])

    def lapsed(self, now: Moment) -> "JobQuerySet":
        """Running, but the worker's lease has run out: it died or was cut off."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=now)

    def claimable(self, now: Moment) -> "JobQuerySet":
        """Waiting, or lapsed with an attempt left; never what somebody has asked to cancel."""
        ready = Q(state=Job.State.WAITING) | Q(
            state=Job.State.RUNNING, lease_until__lt=now, attempts__lt=Job.MAX_ATTEMPTS
        )
        return self.filter(ready, cancel_requested=False)


class Job(models.Model):
    """Work done outside a request. This row is the truth; Celery only wakes a worker (DESIGN §8).

    `attempts` is raised before the work starts, so that a job that kills its worker stops at three
    (QUALITY fact 2). `claim` is the token of the worker that holds the lease: who has lost it can
    finish nothing.
    """

    MAX_ATTEMPTS = 3

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Ready"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    input_digest = models.CharField(
        max_length=64, blank=True, help_text="Of what the document was to be made from when it was asked for."
    )
    title = models.CharField(max_length=250)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    stage = models.CharField(max_length=80, blank=True)
    percent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    document = models.ForeignKey(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="jobs"
    )
    failure = models.TextField(blank=True, help_text="In words, for the person who asked.")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs")
    requested_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "pk"]
        indexes = [
            models.Index(
                fields=["requested_at"], name="job_waiting", condition=Q(state__in=["waiting", "running"])
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="job_percent_at_most_100"),
            models.CheckConstraint(
                condition=Q(state="running", claim__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(claim=None, lease_until=None)),
                name="job_running_has_a_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(document__isnull=False), name="job_done_has_its_document"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(failure=""), name="job_failed_says_why"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("jobs:job-detail", args=[self.pk])

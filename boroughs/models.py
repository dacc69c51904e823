from datetime import date

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, Scope
from cdrp_portal.constraints import frozen_while
from cdrp_portal.history import tracked
from cdrp_portal.prepared import Prepared


class BoroughQuerySet(models.QuerySet["Borough"]):
    def visible_to(self, user: User) -> "BoroughQuerySet":
        return self if user.may(Permission.READ_BOROUGHS) else self.none()

    def linked_to(self, user: User, on: date) -> "BoroughQuerySet":
        """Boroughs to which `user` is linked on that day, cover included."""
        links = BoroughLink.objects.for_person(user).current(on)
        return self.filter(pk__in=links.values("borough"))

    def with_people(self, on: date) -> "BoroughQuerySet":
        links = BoroughLink.objects.current(on).select_related("person").order_by("kind", "person__name")
        return self.prefetch_related(models.Prefetch("links", queryset=links, to_attr="current_links"))


@tracked()
class Borough(models.Model):
    """One of the 32 London boroughs and its CDRP. The City of London is not one of them (DOMAIN §13)."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    gss_code = models.CharField("GSS code", max_length=9, unique=True)
    bocu_code = models.CharField("BOCU code", max_length=2, blank=True)
    tile_label = models.CharField(max_length=3, unique=True)
    tile_column = models.PositiveSmallIntegerField()
    tile_row = models.PositiveSmallIntegerField()
    is_inner = models.BooleanField("inner London (1963 Act)")
    is_inner_statistical = models.BooleanField("inner London (ONS)")
    note = models.TextField(blank=True)
    is_generated = models.BooleanField(default=False, help_text="Made by the scale demonstration.")

    objects = BoroughQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tile_column", "tile_row"], name="borough_tile_unique"),
            models.CheckConstraint(
                condition=~Q(gss_code="E09000001"), name="borough_is_not_the_city_of_london"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("boroughs:borough-detail", args=[self.slug])

    def in_scope(self, scope: Scope, user: User) -> bool:
        if scope is not Scope.LINKED:
            return False
        return bool(LINKED_ON.rows(person=user.pk, borough=self.pk, on=timezone.localdate()))


class BoroughLinkQuerySet(models.QuerySet["BoroughLink"]):
    def current(self, on: date) -> "BoroughLinkQuerySet":
        return self.filter(period__contains=on)

    def current_now(self) -> "BoroughLinkQuerySet":
        """Today by the database's clock in London, for the access check."""
        return self.current(timezone.localdate())

    def for_person(self, user: User) -> "BoroughLinkQuerySet":
        return self.filter(person=user)

    def of_kind(self, *kinds: str) -> "BoroughLinkQuerySet":
        return self.filter(kind__in=kinds)


@tracked()
class BoroughLink(models.Model):
    """A dated appointment of a link member or a supporting EPO to a borough (DESIGN §2, DOMAIN §4)."""

    class Kind(models.TextChoices):
        MEMBER = "member", "Link member"
        OFFICER = "officer", "Officer"
        MEMBER_COVER = "member_cover", "Cover for the link member"
        OFFICER_COVER = "officer_cover", "Cover for the officer"

    borough = models.ForeignKey(Borough, on_delete=models.PROTECT, related_name="links")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="links")
    kind = models.CharField(max_length=20, choices=Kind)
    period = DateRangeField(help_text="From the first day up to, not including, the last.")
    appointed_by = models.CharField(max_length=200, blank=True, help_text="Minute or decision.")
    version = models.PositiveIntegerField(default=1)

    objects = BoroughLinkQuerySet.as_manager()

    class Meta:
        ordering = ["borough", "kind", "period"]
        indexes = [GistIndex(fields=["period"], name="boroughlink_period")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["member", "officer", "member_cover", "officer_cover"]),
                name="boroughlink_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(period__isempty=False) & Q(period__startswith__isnull=False),
                name="boroughlink_period_has_a_start",
            ),
            ExclusionConstraint(
                name="boroughlink_one_officer_at_a_time",
                expressions=[("borough", RangeOperators.EQUAL), ("period", RangeOperators.OVERLAPS)],
                condition=Q(kind="officer"),
                violation_error_message="Another officer is linked to this borough on some of these days.",
            ),
            ExclusionConstraint(
                name="boroughlink_person_once_at_a_time",
                expressions=[
                    ("borough", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                violation_error_message=(
                    "This person is already linked to this borough on some of these days."
                ),
            ),
        ]
        triggers = [
            frozen_while(
                "link_stays_with_its_borough",
                operation=pgtrigger.Update,
                condition="(NEW.borough_id, NEW.person_id) <> (OLD.borough_id, OLD.person_id)",
                message="A link cannot be moved to another borough or person: end it and assign another.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_kind_display().lower()} for {self.borough}"


# Whoever writes of a borough is asked for this, so every save asks it.
LINKED_ON = Prepared(
    lambda person, borough, on: (
        BoroughLink.objects.filter(person=person, borough=borough)
        .current(on)
        .order_by()
        .values_list("pk")[:1]
    ),
    person=-1,
    borough=-2,
    on=date(1997, 1, 1),
)


class MeetingQuerySet(models.QuerySet["Meeting"]):
    def upcoming(self, after) -> "MeetingQuerySet":
        return self.filter(starts_at__gte=after).order_by("starts_at")

    def visible_to(self, user: User) -> "MeetingQuerySet":
        return self if user.may(Permission.READ_BOROUGHS) else self.none()


@tracked()
class Meeting(models.Model):
    """A meeting of a borough's CDRP, which its link member and officer attend."""

    borough = models.ForeignKey(Borough, on_delete=models.CASCADE, related_name="meetings")
    title = models.CharField(max_length=160)
    starts_at = models.DateTimeField()
    venue = models.CharField(max_length=200, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "pk"]
        indexes = [models.Index(fields=["borough", "starts_at"], name="meeting_borough_starts")]

    def __str__(self) -> str:
        return f"{self.title}, {self.borough}"


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: User) -> "VisitQuerySet":
        return self if user.may(Permission.READ_BOROUGHS) else self.none()


@tracked()
class Visit(models.Model):
    """A visit or attendance that a link member or an officer notes (minimum standards, DOMAIN §4)."""

    borough = models.ForeignKey(Borough, on_delete=models.CASCADE, related_name="visits")
    meeting = models.ForeignKey(
        Meeting, on_delete=models.SET_NULL, null=True, blank=True, related_name="visits"
    )
    visited_on = models.DateField()
    note = models.TextField(max_length=2000)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="visits")
    noted_at = models.DateTimeField(auto_now_add=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-visited_on", "-pk"]

    def __str__(self) -> str:
        return f"{self.noted_by} in {self.borough}, {self.visited_on}"

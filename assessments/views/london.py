from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_tables2 import RequestConfig

from accounts.permissions import Permission
from accounts.requests import SignedInRequest
from assessments.content.london import London, read_london
from assessments.content.london_book import london_book
from assessments.filters import LondonFilter
from assessments.forms import LondonForm
from assessments.matrix import every_cycle
from assessments.models import Theme
from assessments.tables import LondonTable
from boroughs.models import Borough
from cdrp_portal.charts import tile_map
from cdrp_portal.downloads import file_response
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS

PER_PAGE = 50


@dataclass
class Asked:
    """What the address asks of London: the two forms, and the boroughs that are left after the filters."""

    london: London
    which: LondonForm
    filters: LondonFilter

    @property
    def is_valid(self) -> bool:
        return self.which.is_valid() and self.filters.is_valid()

    @property
    def rows(self) -> list[Any]:
        if not any(self.filters.form.cleaned_data.values()):
            return self.london.rows
        left = set(self.filters.qs.values_list("pk", flat=True))
        return [row for row in self.london.rows if row.standing.borough.pk in left]


@require_safe
def london(request: SignedInRequest) -> HttpResponse:
    asked = _asked(request)
    if asked is None:
        return render(request, "assessments/london_empty.html")
    london, rows = asked.london, asked.rows if asked.is_valid else asked.london.rows
    table = LondonTable(rows)
    RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
    theme = london.theme
    label = f"{london.cycle}, " + (f"{theme}: the worst rating" if theme else "health checks submitted")
    context = {
        "london": london,
        "total": len(london.rows),
        "is_filtered": len(rows) < len(london.rows),
        "map": tile_map(london.tiles(), label=label, key=london.key),
        "statuses": [status for status, _rows in london.by_worst],
        "table": table,
        "which": asked.which,
        "form": asked.filters.form,
        "chosen": list(asked.filters.in_words()) if asked.is_valid else [],
        "query": request.GET.urlencode(),
        "formats": WRITERS,
    }
    return render(request, "assessments/london.html", context, status=200 if asked.is_valid else 400)


@require_safe
def london_export(request: SignedInRequest, format: str) -> HttpResponse:
    if format not in WRITERS:
        raise Http404(f"There is no export as {format}.")
    asked = _asked(request)
    if asked is None:
        raise Http404("There is no review cycle yet.")
    if not asked.is_valid:
        sentence = "A filter in this address could not be read."
        context = {"sentence": sentence, "url": "../", "link": "Choose the filters again"}
        return render(request, "assessments/refused.html", context, status=400)
    table = LondonTable(asked.rows, order_by=request.GET.getlist("sort"))
    book = london_book(
        asked.london, list(table.data.data), filters=list(asked.filters.in_words()), as_at=timezone.now()
    )
    return file_response(
        WRITERS[format](book),
        filename=f"london-{asked.london.cycle.slug}.{format}",
        content_type=CONTENT_TYPES[format],
    )


def _asked(request: SignedInRequest) -> Asked | None:
    """None where no cycle has ever been opened. What cannot be read is left to the forms' errors."""
    if not request.user.may(Permission.READ_BOROUGHS):
        raise PermissionDenied
    cycles = every_cycle()
    if not cycles:
        return None
    latest = next((cycle for cycle in cycles if cycle.is_open), cycles[0])
    slug = request.GET.get("cycle") or latest.slug
    cycle = next((cycle for cycle in cycles if cycle.slug == slug), latest)
    themes = list(Theme.objects.filter(framework=cycle.framework_id))
    code = request.GET.get("theme", "")
    theme = next((theme for theme in themes if theme.code == code), None)
    london = read_london(cycle, theme=theme, user=request.user, on=timezone.localdate())
    boroughs = Borough.objects.visible_to(request.user)
    return Asked(
        london=london,
        which=LondonForm({"cycle": slug, "theme": code}, cycles=cycles, themes=themes),
        filters=LondonFilter(request.GET, queryset=boroughs, london=london),
    )

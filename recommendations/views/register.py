from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django_filters.views import FilterView
from django_tables2 import SingleTableMixin

from accounts.requests import SignedInRequest
from cdrp_portal.downloads import file_response
from cdrp_portal.spreadsheets import CONTENT_TYPES, WRITERS
from recommendations import content
from recommendations.exports import register_book
from recommendations.filters import RecommendationFilter
from recommendations.models import ActionPlan, RecommendationQuerySet
from recommendations.tables import RecommendationTable


class RecommendationList(SingleTableMixin, FilterView):
    """The register: 200, or 400 with the reason beside each filter that cannot be read."""

    table_class = RecommendationTable
    table_pagination = {"per_page": 50}
    filterset_class = RecommendationFilter
    template_name = "recommendations/recommendation_list.html"

    def get_queryset(self) -> RecommendationQuerySet:
        return content.register(self.request.user, timezone.localdate())

    def get_filterset_kwargs(self, filterset_class: type[RecommendationFilter]) -> dict[str, Any]:
        kwargs = super().get_filterset_kwargs(filterset_class)
        self.facets = content.facets_of(kwargs["queryset"], self.request.user)
        # An unbound form is not valid: a list without filters is one whose filters are all empty.
        return {**kwargs, "data": self.request.GET, "facets": self.facets}

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"empty_text": "No recommendation is like that"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "facets": self.facets,
            "chosen": self.filterset.in_words(),
            "form": self.filterset.form,
            "query": self.request.GET.urlencode(),
            "formats": WRITERS,
            "plans": list(ActionPlan.objects.visible_to(self.request.user)),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        return super().render_to_response(context, status=200 if self.filterset.is_valid() else 400, **kwargs)


@require_safe
def recommendation_export(request: SignedInRequest, format: str) -> HttpResponse:
    if format not in WRITERS:
        raise Http404(f"There is no export as {format}.")
    rows = content.register(request.user, timezone.localdate())
    facets = content.facets_of(rows, request.user)
    filterset = RecommendationFilter(request.GET, queryset=rows, request=request, facets=facets)
    if not filterset.is_valid():
        return render(request, "recommendations/export_refused.html", {"form": filterset.form}, status=400)
    table = RecommendationTable(filterset.qs, order_by=request.GET.getlist("sort"))
    book = register_book(
        table.data.data, total=facets.total, filters=filterset.in_words(), now=timezone.now()
    )
    return file_response(
        WRITERS[format](book),
        filename=f"recommendations-{timezone.localdate().isoformat()}.{format}",
        content_type=CONTENT_TYPES[format],
    )

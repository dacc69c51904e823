"""Where each address of DESIGN §6 leads. This module composes the rooms, so it may import them all."""

from collections.abc import Callable

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http.response import HttpResponseBase
from django.urls import include, path
from django.views.generic import TemplateView

from assessments.views import london
from cdrp_portal import health
from committees.views import briefs, home, matrix_pdf


def public_page(template: str) -> Callable[..., HttpResponseBase]:
    return login_not_required(TemplateView.as_view(template_name=template))


urlpatterns = [
    path("", home.home, name="home"),
    path("about/", public_page("pages/about.html"), name="about"),
    path("help/", public_page("pages/help.html"), name="help"),
    path("help/contact/", public_page("pages/contact.html"), name="contact"),
    path("help/accessibility/", public_page("pages/accessibility.html"), name="accessibility"),
    path("help/privacy/", public_page("pages/privacy.html"), name="privacy"),
    # /accounts/
    path("accounts/", include("accounts.urls")),
    path("admin/", admin.site.urls),
    # /boroughs/
    path("boroughs/", london.london, name="london"),
    path("boroughs/export.<str:format>", london.london_export, name="london-export"),
    path("boroughs/<slug:borough>/brief.pdf", briefs.borough_brief, name="borough-brief"),
    path("boroughs/", include("boroughs.urls")),
    # /assessments/
    path("assessments/<slug:cycle>/matrix.pdf", matrix_pdf.matrix_pdf, name="matrix-pdf"),
    path("assessments/", include("assessments.urls")),
    path("recommendations/", include("recommendations.urls")),
    path("committees/", include("committees.urls")),
    path("papers/", include("committees.paper_urls")),
    path("jobs/", include("committees.job_urls")),
    # /healthz/
    path("healthz/live", health.live, name="health-live"),
    path("healthz/ready", health.ready, name="health-ready"),
    path("components/", TemplateView.as_view(template_name="components.html"), name="components"),
]

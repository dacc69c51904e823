from django.urls import path

from committees.views import meetings, papers

app_name = "committees"
urlpatterns = [
    # /committees/
    path("", meetings.committee_list, name="committee-list"),
    path("meetings/add/", meetings.meeting_create, name="meeting-create"),
    # /committees/papers/<id>/
    path("papers/<int:pk>/", papers.paper_detail, name="paper-detail"),
    path("papers/<int:pk>/head/", papers.head_edit, name="head-edit"),
    path("papers/<int:pk>/sections/<slug:key>/", papers.section_edit, name="section-edit"),
    path("papers/<int:pk>/sections/<slug:key>/remove/", papers.appendix_remove, name="appendix-remove"),
    path("papers/<int:pk>/appendices/add/", papers.appendix_add, name="appendix-add"),
    path("papers/<int:pk>/render/", papers.paper_render, name="paper-render"),
    path("papers/<int:pk>/issue/", papers.paper_issue, name="paper-issue"),
    # /committees/<code>/<date>/
    path("<slug:code>/<str:held_on>/", meetings.meeting_detail, name="meeting-detail"),
    path("<slug:code>/<str:held_on>/papers/add/", meetings.paper_create, name="paper-create"),
]

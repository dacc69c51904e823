from django.urls import path

from committees.views import jobs

app_name = "jobs"
urlpatterns = [
    # /jobs/
    path("", jobs.job_list, name="job-list"),
    # /jobs/<id>/
    path("<uuid:job>/", jobs.job_detail, name="job-detail"),
    path("<uuid:job>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("<uuid:job>/retry/", jobs.job_retry, name="job-retry"),
    path("<uuid:job>/download/", jobs.job_download, name="job-download"),
]

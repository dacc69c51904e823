"""The pages of jobs, and the addresses of documents."""

import pytest
from django.urls import reverse

from committees.jobs import claims
from committees.jobs.requests import request_document
from committees.models import Document, Job
from tests import factories

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def asked(leaflet: str, by, text: str = "One.") -> Job:
    return request_document(kind=leaflet, parameters={"text": text}, by=by)


def finish_all() -> None:
    while claim := claims.claim_next():
        job = Job.objects.get(pk=claim.job_id)
        document = Document(
            kind=job.kind,
            input_digest=job.input_digest,
            filename="leaflet.pdf",
            content=b"%PDF-1.7 " + bytes(214_000),
            sha256="s" * 64,
            page_count=12,
        )
        claims.finish(claim, document, after=lambda _: None)


def test_job_page_of_a_waiting_job_asks_for_itself_again_and_can_be_cancelled(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)

    page = signed_in(clerk).get(job.get_absolute_url()).content.decode()

    assert f'hx-get="{job.get_absolute_url()}"' in page
    assert f'<a href="{job.get_absolute_url()}">Look again</a>' in page
    assert "Waiting for its turn." in page
    assert "You can leave" in page
    assert reverse("jobs:job-cancel", args=[job.pk]) in page


def test_job_page_tells_percent_and_stages_of_a_running_job(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)
    claims.renew(claims.claim_next(), stage="Sections and appendices composed", percent=25)

    page = signed_in(clerk).get(job.get_absolute_url()).content.decode()

    assert "25%. Laying out the pages." in page
    assert '<li class="done">Sections and appendices composed</li>' in page
    assert '<li class="now">Pages laid out</li>' in page
    assert '<li class="todo">Tags and file checked</li>' in page


def test_job_fragment_of_a_finished_job_stops_asking_and_is_announced(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)
    finish_all()

    response = signed_in(clerk).get(job.get_absolute_url(), headers=HTMX)

    fragment = response.content.decode()
    assert "<html" not in fragment
    assert "hx-get" not in fragment
    assert "PDF, 12 pages, 214 KB" in fragment
    assert "A leaflet: Ready at" in response["HX-Trigger"]


def test_job_as_json_tells_state_and_result(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)
    client = signed_in(clerk)

    waiting = client.get(job.get_absolute_url(), headers=JSON).json()
    finish_all()
    done = client.get(job.get_absolute_url(), headers=JSON).json()

    assert (waiting["state"], waiting["percent"], waiting["result"]) == ("waiting", 0, None)
    assert (done["state"], done["percent"]) == ("done", 100)
    assert done["result"] == reverse("jobs:job-download", args=[job.pk])


def test_job_failure_is_told_with_a_button_to_try_again(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)
    claims.fail(claims.claim_next(), "Appendix 2 took too long. Nothing was lost.")
    client = signed_in(clerk)

    page = client.get(job.get_absolute_url()).content.decode()
    response = client.post(reverse("jobs:job-retry", args=[job.pk]))

    assert "Appendix 2 took too long. Nothing was lost." in page
    assert "Try again" in page
    assert response.url == job.get_absolute_url()
    job.refresh_from_db()
    assert job.state == Job.State.WAITING


def test_job_cancel_by_form_and_by_htmx(leaflet, clerk, signed_in):
    client = signed_in(clerk)
    jobs = [asked(leaflet, clerk, text) for text in ("One.", "Two.")]

    by_form = client.post(reverse("jobs:job-cancel", args=[jobs[0].pk]))
    by_htmx = client.post(reverse("jobs:job-cancel", args=[jobs[1].pk]), headers=HTMX)
    again = client.post(reverse("jobs:job-cancel", args=[jobs[1].pk]), follow=True)

    assert by_form.status_code == 302
    assert "Cancelled. Nothing was made." in by_htmx.content.decode()
    assert "There is nothing to cancel: this job is cancelled." in again.content.decode()
    assert set(Job.objects.values_list("state", flat=True)) == {Job.State.CANCELLED}


def test_job_verbs_need_a_post(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)

    for name in ("jobs:job-cancel", "jobs:job-retry"):
        assert signed_in(clerk).get(reverse(name, args=[job.pk])).status_code == 405


def test_job_of_somebody_else_is_not_there(leaflet, clerk, head, reader, signed_in):
    job = asked(leaflet, head)
    finish_all()
    wrong = 0

    for name, method in (("detail", "get"), ("download", "get"), ("cancel", "post"), ("retry", "post")):
        address = reverse(f"jobs:job-{name}", args=[job.pk])
        wrong += getattr(signed_in(reader), method)(address).status_code != 404
        wrong += getattr(signed_in(clerk), method)(address).status_code == 404

    print(f"foreign job reached, or own refused: {wrong} / 8")
    assert wrong == 0
    assert str(job.pk) not in signed_in(reader).get("/jobs/").content.decode()
    assert str(job.pk) in signed_in(clerk).get("/jobs/").content.decode()


def test_job_download_is_a_file_to_keep(leaflet, clerk, signed_in):
    job = asked(leaflet, clerk)
    client = signed_in(clerk)

    before = client.get(reverse("jobs:job-download", args=[job.pk]))
    finish_all()
    response = client.get(reverse("jobs:job-download", args=[job.pk]))

    assert before.status_code == 404
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="leaflet.pdf"'
    assert (response["Cache-Control"], response["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert response.content.startswith(b"%PDF")


def test_job_download_ends_with_the_right(leaflet, head, signed_in):
    job = asked(leaflet, head)
    finish_all()
    head.role = "lead"
    head.save()

    assert signed_in(head).get(reverse("jobs:job-download", args=[job.pk])).status_code == 403


@pytest.mark.parametrize("jobs", [1, 3])
def test_job_list_asks_as_much_for_one_job_as_for_three(
    leaflet, clerk, signed_in, jobs, django_assert_num_queries
):
    for place in range(jobs):
        asked(leaflet, factories.UserFactory(role="head"), f"{place}.")
    finish_all()
    client = signed_in(clerk)

    with django_assert_num_queries(4):  # session, person, count, page
        page = client.get("/jobs/").content.decode()

    assert page.count("A leaflet</a>") == jobs
    assert "PDF, 12 pages, 214 KB" in page


def test_job_list_without_jobs_says_what_comes_there(member, signed_in):
    assert "No document was asked for yet" in signed_in(member).get("/jobs/").content.decode()


def rated_cycle(camden, *values: str):
    cycle = factories.ReviewCycleFactory(name="Autumn 2010", slug="autumn-2010")
    theme = factories.ThemeFactory(framework=cycle.framework)
    check = factories.HealthCheckFactory(cycle=cycle, borough=camden)
    factories.HealthCheckFactory(cycle=cycle, borough=None)
    for value in values:
        factories.RatingFactory(
            health_check=check,
            criterion=factories.CriterionFactory(theme=theme),
            value=value,
            rationale="Seen in the minutes.",
        )
    return cycle


def test_matrix_pdf_answers_202_with_the_job_and_then_the_file(camden, clerk, signed_in):
    cycle = rated_cycle(camden, "green", "red")
    client = signed_in(clerk)
    address = reverse("matrix-pdf", args=[cycle.slug])

    first = client.get(address, {"show": "red"})
    as_json = client.get(address, {"show": "red"}, headers=JSON)
    job = Job.objects.get()
    finish_all()
    ready = client.get(address, {"show": "red"})

    assert (first.status_code, as_json.status_code) == (202, 202)
    assert first["Location"] == job.get_absolute_url()
    assert as_json.json()["url"] == job.get_absolute_url()
    assert job.parameters == {"cycle": "autumn-2010", "query": "show=red"}
    assert (ready.status_code, ready["Content-Type"]) == (200, "application/pdf")


def test_matrix_pdf_is_made_anew_after_a_rating_changed(camden, clerk, signed_in):
    cycle = rated_cycle(camden, "green", "red")
    client = signed_in(clerk)
    address = reverse("matrix-pdf", args=[cycle.slug])
    client.get(address)
    finish_all()

    rating = cycle.health_checks.get(borough=camden).ratings.first()
    rating.value = "amber"
    rating.save()

    assert client.get(address).status_code == 202


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"show": "purple"}, "cannot be chosen for show"),
        ({"theme": "ZZ"}, "There is no theme “ZZ”"),
        ({"show": "amber"}, "No borough is left to print."),
    ],
)
def test_matrix_pdf_with_a_filter_that_cannot_be_is_400_in_words(camden, clerk, signed_in, query, said):
    cycle = rated_cycle(camden, "green")
    cycle.health_checks.filter(borough=None).delete()

    response = signed_in(clerk).get(reverse("matrix-pdf", args=[cycle.slug]), query)

    assert response.status_code == 400
    assert said in response.content.decode()
    assert Job.objects.count() == 0


def test_matrix_pdf_of_an_unknown_cycle_is_404_and_without_the_right_403(camden, clerk, lead, signed_in):
    cycle = rated_cycle(camden, "green")

    assert signed_in(clerk).get(reverse("matrix-pdf", args=["winter-2010"])).status_code == 404
    assert signed_in(lead).get(reverse("matrix-pdf", args=[cycle.slug])).status_code == 403


def test_borough_brief_is_shown_in_the_browser_once_it_is_made(camden, member, signed_in):
    rated_cycle(camden, "green", "red")
    client = signed_in(member)
    address = reverse("borough-brief", args=["camden"])

    first = client.get(address)
    finish_all()
    ready = client.get(address)

    assert first.status_code == 202
    assert "Brief for Camden" in first.content.decode()
    assert ready["Content-Disposition"].startswith("inline")


def test_borough_brief_of_no_borough_is_404_and_without_the_right_too(camden, member, lead, signed_in):
    assert signed_in(member).get(reverse("borough-brief", args=["city"])).status_code == 404
    assert signed_in(lead).get(reverse("borough-brief", args=["camden"])).status_code == 404

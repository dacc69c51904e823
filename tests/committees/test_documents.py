"""What each kind of document is made from, and who may have it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from committees import documents, tasks
from committees.content.jobs import job_view, recent_jobs, with_results
from committees.jobs import claims
from committees.jobs.requests import cancel, request_document
from committees.models import Document, Job
from tests import factories

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


@pytest.fixture
def autumn(camden):
    """A cycle in which Camden answered one criterion and has not submitted."""
    cycle = factories.ReviewCycleFactory(name="Autumn 2010", slug="autumn-2010")
    theme = factories.ThemeFactory(framework=cycle.framework, code="E", title="Information")
    check = factories.HealthCheckFactory(cycle=cycle, borough=camden)
    factories.RatingFactory(
        health_check=check, criterion=factories.CriterionFactory(theme=theme), value="red", rationale="Why."
    )
    return cycle


def test_matrix_manuscript_names_its_filters(autumn, clerk):
    plain = documents.gather("health-check-matrix", {"cycle": "autumn-2010"}, by=clerk)
    narrowed = documents.gather(
        "health-check-matrix", {"cycle": "autumn-2010", "query": "theme=E&show=red"}, by=clerk
    )

    assert plain.title == "Health check matrix, Autumn 2010"
    assert narrowed.title == "Health check matrix, Autumn 2010 (Theme: E Information. Show: Only red)"
    assert narrowed.content["filters"] == ["Theme: E Information", "Show: Only red"]
    assert plain.filename == "health-check-matrix-autumn-2010.pdf"


def test_matrix_manuscript_holds_what_the_person_may_see(autumn, clerk, epo, other_epo):
    for person in (clerk, epo):
        content = documents.gather("health-check-matrix", {"cycle": "autumn-2010"}, by=person).content
        assert [row["values"] for row in content["matrix"]["rows"]] == [["red"]]
    with pytest.raises(documents.BadParameters, match="that you may read is signed off yet"):
        documents.gather("health-check-matrix", {"cycle": "autumn-2010"}, by=other_epo)


def test_matrix_manuscript_is_not_for_everybody_nor_of_any_cycle(autumn, clerk, lead):
    with pytest.raises(PermissionDenied):
        documents.gather("health-check-matrix", {"cycle": "autumn-2010"}, by=lead)
    with pytest.raises(documents.NotThere):
        documents.gather("health-check-matrix", {"cycle": "winter-2010"}, by=clerk)


def a_paper(text: str = "The position is set out below."):
    return factories.PaperSectionFactory(text=text).paper


def test_paper_manuscript_of_a_draft_is_for_those_who_write_it(clerk, epo, head, reader):
    paper = a_paper()
    gathered = documents.gather("committee-paper", {"paper": paper.pk}, by=clerk)

    assert gathered.draft is True
    for person in (epo, head):
        with pytest.raises(PermissionDenied):
            documents.gather("committee-paper", {"paper": paper.pk}, by=person)
    with pytest.raises(documents.NotThere):
        documents.gather("committee-paper", {"paper": paper.pk}, by=reader)
    paper.sections.update(assigned_to=epo)
    assert documents.gather("committee-paper", {"paper": paper.pk}, by=epo).draft is True


def test_paper_manuscript_that_cannot_be_composed_says_where(clerk):
    paper = a_paper("[matrix: no-such-cycle]")

    with pytest.raises(documents.BadParameters, match="no-such-cycle"):
        documents.gather("committee-paper", {"paper": paper.pk}, by=clerk)


def test_issue_manuscript_is_for_those_who_issue(clerk, head):
    parameters = {"paper": a_paper().pk, "expected": ""}

    issued = documents.gather("committee-paper-issue", parameters, by=clerk)

    assert (issued.draft, issued.edition.number) == (False, 1)
    with pytest.raises(PermissionDenied):
        documents.gather("committee-paper-issue", parameters, by=head)


def test_download_outlives_a_change_of_its_subject(leaflet, clerk, signed_in, monkeypatch):
    job = request_document(kind=leaflet, parameters={}, by=clerk)
    document = Document.objects.create(
        kind=leaflet, input_digest="d", filename="a.pdf", content=b"%PDF", sha256="s", page_count=1
    )
    claims.finish(claims.claim_next(), document, after=lambda _: None)
    address = reverse("jobs:job-download", args=[job.pk])

    for refusal, status in ((documents.BadParameters("Too few."), 200), (documents.NotThere("Gone."), 403)):

        def refuse(parameters, by, refusal=refusal):
            raise refusal

        monkeypatch.setitem(documents.KINDS, leaflet, documents.DocumentKind(leaflet, refuse))
        assert signed_in(clerk).get(address).status_code == status


def test_job_view_speaks_of_cancelling_and_of_beginning_again(leaflet, clerk):
    job = request_document(kind=leaflet, parameters={}, by=clerk)
    first = claims.claim_next()
    claims.give_back(first)
    again = job_view(with_results(Job.objects).get())
    claims.claim_next()
    cancel(job=job, by=clerk)
    stopping = job_view(with_results(Job.objects).get())
    Job.objects.update(state=Job.State.CANCELLED, claim=None, lease_until=None)
    cancelled = job_view(with_results(Job.objects).get())

    assert again.words == "Waiting to begin again: the worker stopped. Nothing was lost."
    assert (stopping.words, stopping.state_words) == ("Cancelling", "Cancelling")
    assert (cancelled.words, cancelled.page_url) == ("Cancelled.", "")


def test_job_view_leads_back_to_the_page_with_its_filters(autumn, clerk):
    parameters = {"cycle": "autumn-2010", "query": "show=red"}
    request_document(kind="health-check-matrix", parameters=parameters, by=clerk)
    Job.objects.create(kind="borough-brief", parameters={}, title="No borough", requested_by=clerk)

    views = {view.title: view for view in recent_jobs(clerk)}

    assert views["No borough"].page_url == ""
    matrix = views["Health check matrix, Autumn 2010 (Show: Only red)"]
    assert matrix.page_url == f"{reverse('assessments:cycle-matrix', args=['autumn-2010'])}?show=red"


def test_tasks_run_one_job_and_pass_the_word_on(leaflet, clerk, sent):
    jobs = [request_document(kind=leaflet, parameters={"text": f"{place}."}, by=clerk) for place in range(2)]

    with sent() as messages:
        tasks.run_waiting_job()
        tasks.run_waiting_job()
        tasks.run_waiting_job()
        tasks.sweep()

    assert messages == [1]
    for job in jobs:
        job.refresh_from_db()
        assert job.state == Job.State.DONE


def test_worker_imports_the_renderer_before_it_forks_its_pool():
    """In a process of its own: in this one some other test has imported it long since."""
    script = (
        "import django, sys; django.setup(); import committees.tasks; "
        "from celery.signals import worker_init; "
        "before = 'weasyprint' in sys.modules; worker_init.send(sender=None); "
        "print(before, 'weasyprint' in sys.modules)"
    )

    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "cdrp_portal.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.split() == ["False", "True"]

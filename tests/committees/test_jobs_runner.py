"""A job from claim to end, printed by the real child process."""

import os
import signal

import pytest

from committees import documents
from committees.documents import CannotBeKept, DocumentKind
from committees.jobs import claims, runner
from committees.jobs.requests import cancel, request_document
from committees.models import Document, Edition, Job, Paper
from committees.rendering import child
from tests import factories
from tests.committees.job_kinds import leaflet_manuscript

pytestmark = pytest.mark.django_db


@pytest.fixture
def crash(monkeypatch):
    """The child is killed while it works, as many times as it is told to be."""
    left = [0]
    real = child.work

    def work(send, *args):
        if left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        real(send, *args)

    def times(count: int) -> None:
        left[0] = count

    monkeypatch.setattr(child, "work", work)
    return times


def ended(job: Job) -> Job:
    job.refresh_from_db()
    return job


def test_run_makes_the_document_and_tells_its_stages(leaflet, clerk, monkeypatch):
    job = request_document(kind=leaflet, parameters={"text": "One."}, by=clerk)
    told = []
    renew = claims.renew
    monkeypatch.setattr(
        claims, "renew", lambda claim, **facts: told.append(facts["stage"]) or renew(claim, **facts)
    )

    assert runner.run_next() is True

    assert ended(job).state == Job.State.DONE
    assert bytes(job.document.content).startswith(b"%PDF")
    assert (job.document.filename, job.document.page_count) == ("leaflet.pdf", 1)
    stages = [
        "Figures gathered",
        "Sections and appendices composed",
        "Pages laid out",
        "Tags and file checked",
    ]
    assert [stage for stage in dict.fromkeys(told) if stage] == stages
    assert runner.run_next() is False


def test_run_makes_nothing_anew_where_the_same_was_made_meanwhile(leaflet, clerk, head, monkeypatch):
    jobs = [
        request_document(kind=leaflet, parameters={"text": "One."}, by=person) for person in (clerk, head)
    ]
    runner.run_next()
    monkeypatch.setattr(runner, "render_in_child", None)

    runner.run_next()

    assert {ended(job).state for job in jobs} == {Job.State.DONE}
    assert Document.objects.count() == 1


def test_run_after_a_right_was_revoked_fails_readably(leaflet):
    wrong = 0
    for place in range(20):
        person = factories.UserFactory(role="head")
        job = request_document(kind=leaflet, parameters={"text": f"{place}."}, by=person)
        person.role = "lead"
        person.save()
        runner.run_next()
        wrong += (ended(job).state, job.failure) != (Job.State.FAILED, runner.NO_LONGER_ALLOWED)

    print(f"run for people whose right was revoked: {wrong} / 20")
    assert wrong == 0
    assert Document.objects.count() == 0


def test_run_for_a_person_who_may_no_longer_sign_in_fails_readably(leaflet, clerk):
    job = request_document(kind=leaflet, parameters={}, by=clerk)
    clerk.is_active = False
    clerk.save()

    runner.run_next()

    assert ended(job).failure == runner.NO_LONGER_ALLOWED


def test_run_for_a_borough_that_is_gone_fails_readably(clerk):
    borough = factories.BoroughFactory()
    job = request_document(kind="borough-brief", parameters={"borough": borough.slug}, by=clerk)
    borough.delete()

    runner.run_next()

    assert ended(job).failure == documents.NotThere.SENTENCE


def test_run_of_what_cannot_be_printed_fails_with_the_reason(leaflet, clerk):
    job = request_document(kind=leaflet, parameters={"text": "w" * 500}, by=clerk)

    runner.run_next()

    assert ended(job).state == Job.State.FAILED
    assert "more than 400 letters" in job.failure
    assert job.attempts == 1


def test_run_tries_again_after_the_child_was_killed(leaflet, clerk, crash):
    job = request_document(kind=leaflet, parameters={}, by=clerk)

    crash(1)
    runner.run_next()
    assert (ended(job).state, job.attempts) == (Job.State.WAITING, 1)
    crash(0)
    runner.run_next()

    assert (ended(job).state, job.attempts) == (Job.State.DONE, 2)


def test_run_stops_after_the_child_was_killed_three_times(leaflet, clerk, crash):
    job = request_document(kind=leaflet, parameters={}, by=clerk)

    crash(1)
    runs = 0
    while runner.run_next():
        runs += 1

    assert runs == 3
    assert (ended(job).state, job.failure) == (Job.State.FAILED, claims.STOPPED_TOO_OFTEN)


def test_run_stops_when_its_cancelling_is_asked_for(leaflet, clerk, settings, monkeypatch):
    settings.JOB_HEARTBEAT_SECONDS = 0
    job = request_document(kind=leaflet, parameters={}, by=clerk)
    real = runner.Pulse.progress

    def progress(pulse, stage, percent):
        if stage == "Figures gathered":
            cancel(job=job, by=clerk)
        real(pulse, stage, percent)

    monkeypatch.setattr(runner.Pulse, "progress", progress)

    runner.run_next()

    assert ended(job).state == Job.State.CANCELLED
    assert Document.objects.count() == 0


def test_run_leaves_a_job_alone_that_another_worker_took_over(leaflet, clerk, monkeypatch):
    job = request_document(kind=leaflet, parameters={}, by=clerk)
    real = claims.finish

    def finish(claim, document, *, after):
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000001")
        real(claim, document, after=after)

    monkeypatch.setattr(claims, "finish", finish)

    assert runner.run_next() is True

    assert ended(job).state == Job.State.RUNNING
    assert Document.objects.count() == 0


def test_run_of_a_faulty_kind_fails_readably_and_is_logged(clerk, monkeypatch, caplog):
    def faulty(parameters, by):
        if parameters["ready"]:
            return leaflet_manuscript(parameters, by)
        raise ZeroDivisionError

    monkeypatch.setitem(documents.KINDS, "faulty", DocumentKind("faulty", faulty))
    job = request_document(kind="faulty", parameters={"ready": True}, by=clerk)
    Job.objects.update(parameters={"ready": False})

    runner.run_next()

    assert (ended(job).state, job.failure) == (Job.State.FAILED, runner.FAULT)
    assert "ZeroDivisionError" in caplog.text


def test_run_keeps_no_document_when_what_follows_cannot_be(leaflet, clerk, monkeypatch):
    def refuse(job, manuscript, document):
        raise CannotBeKept("The paper was changed.")

    monkeypatch.setitem(documents.KINDS, "letter", DocumentKind("letter", leaflet_manuscript, then=refuse))
    job = request_document(kind="letter", parameters={}, by=clerk)

    runner.run_next()

    assert (ended(job).state, job.failure) == (Job.State.FAILED, "The paper was changed.")
    assert Document.objects.count() == 0


def a_paper() -> Paper:
    section = factories.PaperSectionFactory(text="The position is set out below.")
    return section.paper


def expected(paper: Paper) -> str:
    from committees.actions import fingerprint

    return fingerprint(paper)


def test_run_of_a_draft_paper_marks_it_as_a_draft(clerk):
    paper = a_paper()

    manuscript = documents.gather("committee-paper", {"paper": paper.pk}, by=clerk)
    job = request_document(kind="committee-paper", parameters={"paper": paper.pk}, by=clerk)
    runner.run_next()

    assert (manuscript.draft, manuscript.edition) == (True, None)
    assert ended(job).state == Job.State.DONE, job.failure
    assert job.document.filename.endswith("-draft.pdf")


def test_run_of_an_issue_freezes_the_first_edition_once(clerk):
    paper = a_paper()
    parameters = {"paper": paper.pk, "expected": expected(paper)}

    job = request_document(kind="committee-paper-issue", parameters=parameters, by=clerk)
    runner.run_next()

    edition = Edition.objects.get()
    assert ended(job).state == Job.State.DONE, job.failure
    assert edition.pdf_digest == job.document.sha256
    assert bytes(edition.pdf) == bytes(job.document.content)
    paper.refresh_from_db()
    assert paper.state == Paper.State.ISSUED
    again = documents.gather("committee-paper", {"paper": paper.pk}, by=clerk)
    assert (again.draft, again.edition.number, again.content) == (False, 1, edition.content)


def test_run_of_an_issue_of_what_was_changed_meanwhile_issues_nothing(clerk):
    paper = a_paper()
    parameters = {"paper": paper.pk, "expected": expected(paper)}
    job = request_document(kind="committee-paper-issue", parameters=parameters, by=clerk)
    paper.sections.update(version=9)

    runner.run_next()

    assert ended(job).state == Job.State.FAILED
    assert "changed after it was sent to be issued" in job.failure
    assert Edition.objects.count() == 0


def test_run_of_an_issue_needs_the_right_to_issue(clerk, head):
    paper = a_paper()

    job = request_document(
        kind="committee-paper-issue", parameters={"paper": paper.pk, "expected": expected(paper)}, by=clerk
    )
    clerk.role = "head"
    clerk.save()
    runner.run_next()

    assert ended(job).failure == runner.NO_LONGER_ALLOWED
    assert Edition.objects.count() == 0

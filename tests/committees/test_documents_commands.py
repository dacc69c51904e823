"""Documents from the command line, and issued editions rebuilt byte for byte."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from committees.actions import fingerprint, issue_paper
from committees.archive import REPORTS
from committees.content.paper_manuscript import edition_manuscript
from committees.jobs import runner
from committees.jobs.requests import request_document
from committees.models import Document, Edition, Paper
from committees.rendering import EditionMark, render_pdf
from tests import factories

pytestmark = pytest.mark.django_db


def issued(clerk, text: str = "The position is set out below.") -> Edition:
    paper = factories.PaperSectionFactory(text=text).paper
    content = {
        "kind": "committee-paper",
        "title": paper.title,
        "committee": "Demo Committee",
        "committee_code": "demo",
        "number": paper.number,
        "date": "2010-10-14",
        "by": paper.by_office,
        "summary": [],
        "sections": [{"letter": "A", "heading": "Position", "blocks": [{"kind": "text", "text": text}]}],
        "appendices": [],
        "demonstration": True,
    }
    rendered = render_pdf(content, edition=EditionMark(1))
    return issue_paper(paper=paper, content=content, rendered=rendered, expected=fingerprint(paper), by=clerk)


def test_verify_editions_finds_each_as_it_was_issued(clerk, capsys):
    for place in range(3):
        issued(clerk, f"Text {place}.")

    call_command("verify_editions")

    assert "3 of 3 editions are byte for byte what was issued." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"pdf_digest": "0" * 64}, "rebuilt it has SHA-256"),
        ({"content_digest": "0" * 64}, "the frozen content is not what was issued"),
        ({"pdf": b"%PDF"}, "the kept PDF is not the one"),
        ({"template_version": 99}, "it cannot be rebuilt"),
    ],
)
def test_verify_editions_names_the_one_that_differs(clerk, capsys, facts, said):
    good = issued(clerk)
    paper = factories.PaperFactory(title="A changed paper", state=Paper.State.ISSUED)
    kept = [
        "content",
        "content_digest",
        "document_kind",
        "template_version",
        "pdf",
        "pdf_digest",
        "page_count",
    ]
    frozen = {name: getattr(good, name) for name in kept} | facts
    Edition.objects.create(paper=paper, number=1, issued_at=timezone.now(), issued_by=clerk, **frozen)

    with pytest.raises(CommandError, match="1 of 2 editions differ"):
        call_command("verify_editions")

    told = capsys.readouterr().err
    assert said in told
    assert "A changed paper" in told


def test_edition_is_rebuilt_from_its_frozen_content_alone(clerk):
    edition = issued(clerk)

    manuscript = edition_manuscript(edition)

    assert (manuscript.content, manuscript.edition, manuscript.draft) == (
        edition.content,
        EditionMark(1),
        False,
    )


def test_render_document_makes_the_same_file_as_the_job(camden, clerk, tmp_path, capsys):
    job = request_document(kind="borough-brief", parameters={"borough": "camden"}, by=clerk)
    runner.run_next()

    call_command("render_document", "borough-brief", "--borough=camden", f"--output={tmp_path / 'brief.pdf'}")

    document = Document.objects.get()
    assert (tmp_path / "brief.pdf").read_bytes() == bytes(document.content)
    assert f"1 page, SHA-256 {document.sha256}" in capsys.readouterr().out
    assert job.title == "Brief for Camden"


def test_render_document_of_a_paper_and_of_the_archive(clerk, tmp_path):
    edition = issued(clerk)
    file, report = tmp_path / "paper.pdf", REPORTS[-1]

    call_command("render_document", "committee-paper", f"--paper={edition.paper_id}", f"--output={file}")
    assert file.read_bytes() == bytes(edition.pdf)
    call_command("render_document", "committee-paper", "--archive=2009-10-29-cecf-7", f"--output={file}")

    assert file.read_bytes() == render_pdf(report.content(), edition=EditionMark(1)).pdf


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["borough-brief", "--borough=city"], "no longer there"),
        (["borough-brief", "--cycle=autumn-2010"], "made of --borough, not of --cycle"),
        (["committee-paper", "--archive=1999-01-01-mpa-1"], "The archive holds no report 1999-01-01-mpa-1"),
        (["committee-paper", "--paper=999999"], "no longer there"),
        (["health-check-matrix", "--cycle=autumn-2010", "--query=show=purple"], "cannot be chosen for show"),
    ],
)
def test_render_document_says_what_is_wrong(arguments, said, tmp_path):
    factories.ReviewCycleFactory(slug="autumn-2010")
    file = tmp_path / "none.pdf"

    with pytest.raises(CommandError, match=said):
        call_command("render_document", *arguments, f"--output={file}")

    assert not file.exists()


def test_render_document_says_where_it_cannot_write(camden, tmp_path):
    with pytest.raises(CommandError, match="could not be written"):
        call_command("render_document", "borough-brief", "--borough=camden", f"--output={tmp_path}")


def test_sweep_jobs_says_what_it_brought_back(clerk, capsys):
    call_command("sweep_jobs")

    assert capsys.readouterr().out == "0 brought back.\n"

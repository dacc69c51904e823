import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from committees import actions
from committees.markup import MarkupError
from committees.models import Edition, Paper, PaperSection
from committees.reference import TEMPLATES
from committees.rendering import RenderedDocument
from tests import factories

RENDERED = RenderedDocument(pdf=b"%PDF-1.7\n", sha256="a" * 64, page_count=2)
CONTENT = {"kind": "committee-paper", "title": "A paper"}


@pytest.fixture
def template(db):
    name, starts_on, headings = TEMPLATES[3]
    return factories.PaperTemplateFactory(name=name, starts_on=starts_on, headings=headings)


@pytest.fixture
def paper(clerk, template) -> Paper:
    meeting = factories.CommitteeMeetingFactory()
    return actions.create_paper(
        meeting=meeting,
        number="14a",
        title="Health check",
        by_office="Chief Executive",
        template=template,
        cut_off_on=meeting.held_on,
        by=clerk,
    )


def save(paper, by, text="Written", version=1, key="supporting-information"):
    return actions.save_section(paper=paper, key=key, text=text, version=version, by=by)


def test_a_new_paper_has_the_headings_of_its_template(paper):
    headings = list(paper.sections.values_list("heading", flat=True))

    assert headings == [
        "Recommendations",
        "Supporting information",
        "Race and equality impact",
        "Financial implications",
        "Background papers",
        "Contact details",
    ]


def test_a_section_saved_has_a_new_version_and_its_author(paper, clerk):
    section = save(paper, clerk, "Written\r\nin two lines\n")

    assert (section.text, section.version, section.saved_by) == ("Written\nin two lines", 2, clerk)


def test_saving_what_is_stored_changes_nothing(paper, clerk):
    save(paper, clerk)

    assert save(paper, clerk, version=1).version == 2


def test_a_stale_section_is_refused_with_both_texts(paper, clerk):
    save(paper, clerk, "Theirs")

    with pytest.raises(actions.SectionConflict) as conflict:
        save(paper, clerk, "Mine", version=1)

    assert (conflict.value.mine, conflict.value.stored.text) == ("Mine", "Theirs")
    assert paper.sections.get(key="supporting-information").text == "Theirs"


def test_without_the_version_check_a_text_is_lost(paper, clerk, monkeypatch):
    """The control of the test above: what the check is for."""
    save(paper, clerk, "Theirs")
    monkeypatch.setattr(actions, "is_stale", lambda section, version: False)

    save(paper, clerk, "Mine", version=1)

    assert paper.sections.get(key="supporting-information").text == "Mine"


def test_a_live_block_that_cannot_be_understood_is_not_saved(paper, clerk):
    with pytest.raises(MarkupError):
        save(paper, clerk, "[matrix: ?]")

    assert paper.sections.get(key="supporting-information").version == 1


def test_an_officer_writes_the_section_assigned_to_them_and_no_other(paper, epo):
    with pytest.raises(PermissionDenied):
        save(paper, epo)
    paper.sections.filter(key="supporting-information").update(assigned_to=epo)

    assert save(paper, epo).saved_by == epo
    with pytest.raises(PermissionDenied):
        save(paper, epo, key="contact-details")


def test_the_head_of_a_paper_is_saved_under_its_version(paper, clerk):
    facts = {
        "number": "15",
        "title": "New",
        "by_office": "Clerk",
        "summary": "Short",
        "cut_off_on": paper.cut_off_on,
    }
    saved = actions.save_head(paper=paper, facts=facts, version=1, by=clerk)
    assert (saved.number, saved.version) == ("15", 2)

    with pytest.raises(actions.PaperChanged):
        actions.save_head(paper=paper, facts={**facts, "title": "Other"}, version=1, by=clerk)


def test_appendices_follow_each_other_and_close_up(paper, clerk):
    for title in ("Map", "Matrix", "Plan"):
        actions.add_appendix(paper=paper, heading=title, text="", by=clerk)

    actions.remove_appendix(paper=paper, key="appendix-2", by=clerk)

    left = paper.sections.filter(kind=PaperSection.Kind.APPENDIX).values_list("position", "heading")
    assert list(left) == [(0, "Map"), (1, "Plan")]


def test_a_key_that_was_taken_out_is_used_again_without_a_clash(paper, clerk):
    for title in ("Map", "Matrix"):
        actions.add_appendix(paper=paper, heading=title, text="", by=clerk)
    actions.remove_appendix(paper=paper, key="appendix-1", by=clerk)

    assert actions.add_appendix(paper=paper, heading="Plan", text="", by=clerk).key == "appendix-1"


def issue(paper, by, expected=None):
    return actions.issue_paper(
        paper=paper,
        content=CONTENT,
        rendered=RENDERED,
        expected=expected or actions.fingerprint(paper),
        by=by,
    )


def test_an_issued_paper_is_edition_one_and_closed(paper, clerk):
    edition = issue(paper, clerk)

    paper.refresh_from_db()
    assert (edition.number, edition.pdf_digest, edition.page_count) == (1, "a" * 64, 2)
    assert paper.state == Paper.State.ISSUED
    with pytest.raises(actions.PaperIssued):
        save(paper, clerk)
    with pytest.raises(actions.PaperIssued):
        issue(paper, clerk)


def test_a_paper_changed_since_it_was_checked_is_not_issued(paper, clerk):
    expected = actions.fingerprint(paper)
    save(paper, clerk)

    with pytest.raises(actions.PaperChanged):
        issue(paper, clerk, expected)

    assert not Edition.objects.exists()


def test_only_who_issues_papers_issues_one(paper, epo, head):
    for person in (epo, head):
        with pytest.raises(PermissionDenied):
            issue(paper, person)


@pytest.mark.parametrize(
    "change",
    [
        lambda edition: Edition.objects.filter(pk=edition.pk).update(page_count=9),
        lambda edition: edition.delete(),
        lambda edition: edition.paper.sections.all().update(text="Other"),
        lambda edition: edition.paper.sections.all().delete(),
    ],
)
def test_what_was_issued_cannot_be_changed_by_anyone(paper, clerk, change):
    edition = issue(paper, clerk)

    with pytest.raises(DatabaseError), transaction.atomic():
        change(edition)

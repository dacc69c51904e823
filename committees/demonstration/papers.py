"""The five real papers of the archive as issued editions, and one invented draft for a coming meeting."""

from datetime import date, datetime, timedelta

from accounts.models import User
from accounts.permissions import Role
from assessments.models import ReviewCycle
from cdrp_portal.dates import LONDON
from committees.actions import add_appendix, create_paper, freeze, save_head, save_section
from committees.archive import REPORTS, ArchivedReport
from committees.models import Committee, CommitteeMeeting, Paper, PaperTemplate
from committees.rendering import EditionMark
from committees.rendering.child import render_in_child

LAYOUT_OF = {
    "2000-12-19": "Reports of 2000",
    "2003-01-30": "Reports of the Clerk, 2003",
    "2003-05-08": "Reports of the Commissioner, 2003",
}
LATER_LAYOUT = "Reports from 2004"

SUMMARY = (
    "This report gives the result of the {cycle} health check: how the Authority’s role on the crime and "
    "disorder reduction partnership of each of the 32 boroughs is being met. The outcome is shown in the "
    "Health Check Matrix at **Appendix 1**."
)
SECTIONS = {
    "recommendations": (
        "Members note the result of the {cycle} health check at Appendix 1;\n\n"
        "members note the position on recommendations 15 and 33 of the scrutiny of 2003 "
        "at Appendix 2; and\n\n"
        "officers bring an action for each red rating to the next meeting."
    ),
    "supporting-information": (
        "The Authority is a responsible authority on the crime and disorder reduction partnership of "
        "each of the 32 London boroughs. Twice a year officers rate 25 criteria in each borough, and 30 "
        "for the Authority as a whole, as green, amber or red.\n\n"
        "## Outcome of the assessment\n\n"
        "The matrix at Appendix 1 shows each borough beside the others. Green means in place, with "
        "evidence; amber, partly in place; red, not in place.\n\n"
        "The guidance is national and some of its criteria fit London less well. These are marked as "
        "less relevant, with the reason, and are left out of every count.\n\n"
        "## What follows\n\n"
        "Each red rating, and an amber one where it matters, gets an action with a lead unit and a date:\n\n"
        "1. the supporting officer agrees it with the partnership;\n"
        "2. the lead unit gives its position on a date; and\n"
        "3. the position is reported to this committee.\n\n"
        "The position on two of the scrutiny’s 35 recommendations is at Appendix 2."
    ),
    "race-and-equality-impact": (
        "Criterion H1 asks whether the local strategy was assessed for its impact on race and equality.\n\n"
        "Criterion D4 asks whether those who were consulted represent the borough."
    ),
    "contact-details": (
        "Report author: Demo Officer A, Engagement & Partnerships Officer, MPA\n\n"
        "For information contact:\n\n"
        "MPA general: 020 7202 0202\nMedia enquiries: 020 7202 0217/18"
    ),
}


def load_papers(cycle: ReviewCycle, today: date, clerk: User) -> None:
    archive = User.objects.create_user(
        "archive@demo.test", name="The Authority’s public archive", role=Role.CLERK, is_active=False
    )
    for report in REPORTS:
        load_archived(report, by=archive)
    meetings = [_meeting(code, today + timedelta(days=days)) for code, days in (("cecf", 24), ("mpa", 45))]
    _draft(meetings[0], cycle, clerk)


def load_archived(report: ArchivedReport, *, by: User) -> Paper:
    """One real report as edition 1 of its own date. What the archive lacks is said to be missing."""
    content = report.content()
    held_on = date.fromisoformat(content["date"])
    meeting, _ = CommitteeMeeting.objects.get_or_create(
        committee=Committee.objects.get(code=report.committee_code), held_on=held_on
    )
    paper = Paper.objects.create(
        meeting=meeting,
        number=content["number"],
        title=content["title"],
        by_office=content["by"],
        template=PaperTemplate.objects.get(name=LAYOUT_OF.get(content["date"], LATER_LAYOUT)),
        cut_off_on=held_on,
        is_from_archive=True,
        state=Paper.State.ISSUED,
    )
    # In a child, as a worker prints: the bytes cannot hang on what else this process has printed.
    rendered = render_in_child(content, edition=EditionMark(1))
    noon = datetime(held_on.year, held_on.month, held_on.day, 12, tzinfo=LONDON)
    freeze(paper=paper, content=content, rendered=rendered, issued_at=noon, by=by)
    return paper


def _meeting(code: str, around: date) -> CommitteeMeeting:
    held_on = around + timedelta(days=(3 - around.weekday()) % 7)
    return CommitteeMeeting.objects.create(
        committee=Committee.objects.get(code=code),
        held_on=held_on,
        venue="City Hall, committee room 5",
        cut_off_on=held_on - timedelta(days=17),
        is_demonstration=True,
    )


def _draft(meeting: CommitteeMeeting, cycle: ReviewCycle, clerk: User) -> None:
    paper = create_paper(
        meeting=meeting,
        number="6",
        title=f"Partnership health check: {cycle.name}",
        by_office="Chief Executive",
        template=PaperTemplate.objects.get(name=LATER_LAYOUT),
        cut_off_on=meeting.cut_off_on or meeting.held_on,
        by=clerk,
    )
    facts = {
        "number": paper.number,
        "title": paper.title,
        "by_office": paper.by_office,
        "cut_off_on": paper.cut_off_on,
        "summary": SUMMARY.format(cycle=cycle.name),
    }
    save_head(paper=paper, facts=facts, version=paper.version, by=clerk)
    for key, text in SECTIONS.items():
        save_section(paper=paper, key=key, text=text.format(cycle=cycle.name), version=1, by=clerk)
    add_appendix(paper=paper, heading="Health Check Matrix", text=f"[matrix: {cycle.slug}]", by=clerk)
    add_appendix(paper=paper, heading="Scrutiny recommendations", text="[progress: 15, 33]", by=clerk)

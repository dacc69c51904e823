"""The journey of a paper through its pages: write, meet a colleague, insert figures, check, issue."""

from datetime import date

import pytest
from django.urls import reverse

from assessments.models import HealthCheck, Rating
from committees import actions
from committees.content.paper import PUBLIC, PaperIncomplete, letter, paper_content
from committees.models import Job, Paper
from committees.reference import TEMPLATES
from committees.rendering.checks import check_content
from tests import factories


@pytest.fixture
def template(db):
    name, starts_on, headings = TEMPLATES[3]
    return factories.PaperTemplateFactory(name=name, starts_on=starts_on, headings=headings)


@pytest.fixture
def meeting(db):
    return factories.CommitteeMeetingFactory(committee__code="demo")


@pytest.fixture
def paper(clerk, template, meeting) -> Paper:
    return actions.create_paper(
        meeting=meeting, number="7", title="Health check", by_office="Chief Executive", template=template,
        cut_off_on=meeting.held_on, by=clerk,
    )  # fmt: skip


@pytest.fixture
def cycle(camden, islington):
    """Camden in draft with one amber, Islington signed off with one green."""
    cycle = factories.ReviewCycleFactory(slug="autumn-2009", name="Autumn 2009")
    criterion = factories.CriterionFactory(theme__framework=cycle.framework, code="A1", theme__code="A")
    for borough, value in ((camden, "amber"), (islington, "green")):
        check = factories.HealthCheckFactory(cycle=cycle, borough=borough)
        factories.RatingFactory(health_check=check, criterion=criterion, value=value, rationale="Seen")
    return cycle


@pytest.fixture
def signed_off(cycle, islington, head):
    sign_off(islington, head)
    return cycle


def sign_off(borough, head) -> None:
    now = factories.timezone.now()
    checks = HealthCheck.objects.filter(borough=borough)
    checks.update(state="submitted", submitted_at=now, submitted_by=head)
    checks.update(state="signed_off", signed_off_at=now, signed_off_by=head)


def section_url(paper, key="supporting-information") -> str:
    return reverse("committees:section-edit", args=[paper.pk, key])


def test_the_letters_go_on_after_z():
    assert [letter(place) for place in (0, 25, 26, 27)] == ["A", "Z", "AA", "AB"]


def test_a_paper_is_made_from_its_meeting(client, clerk, template, meeting):
    client.force_login(clerk)
    address = reverse("committees:paper-create", args=["demo", meeting.held_on.isoformat()])
    facts = {
        "number": "14a", "title": "Progress", "by_office": "Clerk", "template": template.pk,
        "cut_off_on": meeting.held_on.isoformat(),
    }  # fmt: skip

    made = client.post(address, facts)
    again = client.post(address, facts)

    assert made.status_code == 302
    assert Paper.objects.get().number == "14a"
    assert again.status_code == 422
    assert "This meeting has a report 14a already." in again.content.decode()


@pytest.mark.parametrize("place", range(len(TEMPLATES)), ids=[name for name, *_rest in TEMPLATES])
def test_a_paper_is_made_with_every_order_of_headings(client, clerk, meeting, place):
    name, starts_on, headings = TEMPLATES[place]
    template = factories.PaperTemplateFactory(name=name, starts_on=starts_on, headings=headings)
    client.force_login(clerk)
    address = reverse("committees:paper-create", args=["demo", meeting.held_on.isoformat()])
    facts = {"number": "7", "title": "Progress", "by_office": "Clerk", "template": template.pk}

    made = client.post(address, {**facts, "cut_off_on": meeting.held_on.isoformat()}, follow=True)

    assert made.status_code == 200
    assert [one.heading for one in Paper.objects.get().sections.all()] == [one["many"] for one in headings]
    assert all(
        client.get(section_url(Paper.objects.get(), one["key"])).status_code == 200 for one in headings
    )


def test_papers_stand_in_the_order_of_the_agenda(client, clerk, meeting):
    for number in ("14a", "8", "22", "14", "3e-AGM", "Late"):
        factories.PaperFactory(meeting=meeting, number=number)
    client.force_login(clerk)

    page = client.get(meeting.get_absolute_url())

    assert [paper.number for paper in page.context["papers"]] == ["3e-AGM", "8", "14", "14a", "22", "Late"]


def test_a_second_meeting_on_a_day_is_refused_in_words(client, clerk, meeting):
    client.force_login(clerk)
    facts = {"committee": meeting.committee_id, "held_on": meeting.held_on.isoformat()}

    refused = client.post(reverse("committees:meeting-create"), facts)

    assert refused.status_code == 422
    assert "This committee has a meeting on that day already." in refused.content.decode()


def test_empty_forms_are_refused_in_the_house_s_words(client, clerk, template, meeting, paper):
    client.force_login(clerk)
    addresses = [
        reverse("committees:meeting-create"),
        reverse("committees:paper-create", args=["demo", meeting.held_on.isoformat()]),
        reverse("committees:head-edit", args=[paper.pk]),
        reverse("committees:appendix-add", args=[paper.pk]),
    ]

    pages = [
        client.post(address, {"held_on": "x", "starts_at": "x", "version": "1"}) for address in addresses
    ]

    told = [page.content.decode() for page in pages]
    assert [page.status_code for page in pages] == [422] * 4
    assert [page.count("This field") + page.count("Enter a valid") for page in told] == [0] * 4
    assert "Choose the committee." in told[0]
    assert "Give the day as a date." in told[0]
    assert "Give its number on the agenda." in told[1]
    assert "Give the paper a title." in told[2]
    assert "Give the appendix a title." in told[3]


def test_a_number_with_a_stroke_is_refused_because_of_its_address(client, clerk, template, meeting):
    client.force_login(clerk)
    address = reverse("committees:paper-create", args=["demo", meeting.held_on.isoformat()])
    facts = {
        "number": "3/AGM", "title": "Progress", "by_office": "Clerk", "template": template.pk,
        "cut_off_on": meeting.held_on.isoformat(),
    }  # fmt: skip

    refused = client.post(address, facts)

    assert refused.status_code == 422
    assert "without a stroke" in refused.content.decode()


def test_a_meeting_is_added_and_a_late_cut_off_refused(client, clerk):
    client.force_login(clerk)
    committee = factories.CommitteeFactory(code="cecf")
    facts = {
        "committee": committee.pk,
        "held_on": "2027-01-14",
        "starts_at": "",
        "venue": "",
        "cut_off_on": "2027-01-20",
    }

    refused = client.post(reverse("committees:meeting-create"), facts)
    added = client.post(reverse("committees:meeting-create"), {**facts, "cut_off_on": "2026-12-20"})

    assert refused.status_code == 422
    assert "cannot come after the meeting" in refused.content.decode()
    assert added.headers["Location"] == "/committees/cecf/2027-01-14/"


def test_a_section_is_written_and_read(client, clerk, paper):
    client.force_login(clerk)

    saved = client.post(
        section_url(paper), {"text": "Words for members", "version": "1", "save_and_read": ""}
    )
    page = client.get(paper.get_absolute_url())

    assert saved.status_code == 302
    assert "Words for members" in page.content.decode()
    assert "B. Supporting information" in page.content.decode()


def test_an_officer_is_led_to_the_section_assigned_to_them_and_to_no_other(client, epo, paper):
    paper.sections.filter(key="supporting-information").update(assigned_to=epo)
    client.force_login(epo)

    page = client.get(section_url(paper, "supporting-information")).content.decode()

    assert f'href="{section_url(paper, "supporting-information")}"' in page
    assert f'href="{section_url(paper, "contact-details")}"' not in page
    assert f'href="{paper.get_absolute_url()}#contact-details"' in page


def test_two_who_meet_on_a_section_are_shown_both_texts(client, clerk, paper):
    client.force_login(clerk)
    actions.save_section(paper=paper, key="supporting-information", text="Theirs", version=1, by=clerk)

    met = client.post(section_url(paper), {"text": "Mine", "version": "1", "save": ""})

    page = met.content.decode()
    assert met.status_code == 409
    assert "Yours, not saved" in page
    assert "Mine" in page
    assert "Theirs" in page


@pytest.mark.parametrize(
    ("keep", "stored"), [("both", "Theirs\n\nMine"), ("mine", "Mine"), ("theirs", "Theirs")]
)
def test_the_person_chooses_what_is_kept(client, clerk, paper, keep, stored):
    client.force_login(clerk)
    actions.save_section(paper=paper, key="supporting-information", text="Theirs", version=1, by=clerk)

    kept = client.post(section_url(paper), {"text": "Mine", "version": "2", "keep": keep})

    assert kept.status_code == 302
    assert paper.sections.get(key="supporting-information").text == stored


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "[matrix: autumn-2009, theme A]"),
        ({"evidence": "on"}, "[matrix: autumn-2009, theme A, evidence]"),
    ],
)
def test_a_live_block_is_inserted_as_its_line(client, clerk, paper, cycle, more, line):
    client.force_login(clerk)
    insert = {"text": "See below.", "version": "1", "cycle": cycle.slug, "theme": "A", "insert_matrix": ""}

    client.post(section_url(paper), insert | more)

    assert paper.sections.get(key="supporting-information").text == f"See below.\n\n{line}"


def test_a_progress_table_of_an_unknown_recommendation_is_refused(client, clerk, paper):
    client.force_login(clerk)

    refused = client.post(
        section_url(paper), {"text": "", "version": "1", "numbers": "99", "insert_progress": ""}
    )

    assert refused.status_code == 422
    assert "There is no recommendation 99." in refused.content.decode()


def test_a_paper_that_names_no_such_cycle_says_so(client, clerk, paper):
    client.force_login(clerk)
    actions.save_section(
        paper=paper, key="supporting-information", text="[matrix: spring-1900]", version=1, by=clerk
    )

    page = client.get(paper.get_absolute_url()).content.decode()

    assert "Supporting information: There is no cycle named “spring-1900”." in page
    with pytest.raises(PaperIncomplete):
        paper_content(paper, reader=clerk)


def test_a_draft_shows_what_the_clerk_sees_and_an_edition_only_what_is_signed_off(paper, clerk, signed_off):
    actions.add_appendix(paper=paper, heading="Matrix", text="[matrix: autumn-2009]", by=clerk)

    draft = paper_content(paper, reader=clerk)["appendices"][0]
    edition = paper_content(paper, reader=PUBLIC)["appendices"][0]

    assert [row["label"] for row in draft["blocks"][0]["rows"]] == ["Camden", "Islington"]
    assert "Provisional: One health check is not signed off" in draft["blocks"][0]["note"]
    assert [row["label"] for row in edition["blocks"][0]["rows"]] == ["Islington"]
    assert "Camden" in edition["blocks"][0]["note"]
    assert draft["orientation"] == "landscape"


def evidence_of(content) -> list[str]:
    """The items of the list that an appendix has under its matrix, as they are read."""
    _matrix, subheading, found = content["appendices"][0]["blocks"]
    assert subheading == {"kind": "subheading", "text": "What the greens stand on"}
    return [
        f"{item['title']} {''.join(run['text'] for run in item['runs'])}".strip() for item in found["items"]
    ]


def test_a_matrix_lists_what_its_greens_stand_on_when_asked(paper, clerk, cycle, camden, islington, head):
    """Camden is not signed off: its green is in the draft, and in no edition."""
    asked = "[matrix: autumn-2009, theme A, evidence]"
    actions.add_appendix(paper=paper, heading="Matrix", text=asked, by=clerk)
    theme = cycle.framework.themes.get()
    bare = factories.CriterionFactory(theme=theme, code="A2", position=30_000)
    elsewhere = factories.CriterionFactory(theme__framework=cycle.framework, code="B1", theme__code="B")
    greens = {}
    for check in cycle.health_checks.all():
        check.ratings.update(value="green")
        greens[check.borough] = check.ratings.get()
        factories.RatingFactory(health_check=check, criterion=bare, value="green", rationale="Seen")
    other = factories.RatingFactory(health_check=check, criterion=elsewhere, value="green", rationale="Seen")
    for rating, title in ((greens[camden], "CANARY"), (greens[islington], "Minute 7."), (other, "CANARY")):
        factories.EvidenceFactory(rating=rating, title=title)
    factories.EvidenceFactory(
        rating=greens[islington], title="Protocol", dated_on=date(2009, 3, 2), look_again_on=date(2010, 3, 1)
    )
    withdrawn = factories.EvidenceFactory(rating=greens[islington], title="CANARY")
    type(withdrawn).objects.filter(pk=withdrawn.pk).update(
        withdrawn_at=factories.timezone.now(), withdrawn_by=head
    )
    cycle.health_checks.get(borough=camden).ratings.filter(criterion=bare).update(
        proof_due_on=date(2010, 6, 1)
    )
    sign_off(islington, head)

    draft = evidence_of(paper_content(paper, reader=clerk))
    edition = evidence_of(paper_content(paper, reader=PUBLIC))

    first = (
        "A1 Criterion A1. Islington: Protocol (2 March 2009, held until 1 March 2010); "
        "Minute 7 (31 August 2010)."
    )
    assert edition == [first, "A2 Criterion A2. No evidence was given for Islington."]
    assert draft[0] == first.replace("Islington:", "Camden: CANARY (31 August 2010). Islington:")
    assert draft[1] == "A2 Criterion A2. Proof is awaited from Camden. No evidence was given for Islington."
    assert not any("CANARY" in item for item in edition)
    check_content(paper_content(paper, reader=PUBLIC))


def test_a_matrix_without_greens_lists_no_evidence(paper, clerk, cycle):
    Rating.objects.update(value="red")
    actions.add_appendix(paper=paper, heading="Matrix", text="[matrix: autumn-2009, evidence]", by=clerk)

    (appendix,) = paper_content(paper, reader=clerk)["appendices"]

    assert [block["kind"] for block in appendix["blocks"]] == ["matrix"]


def test_the_heading_is_singular_for_one_recommendation(paper, clerk):
    actions.save_section(paper=paper, key="recommendations", text="members note it", version=1, by=clerk)
    assert paper_content(paper, reader=clerk)["sections"][0]["heading"] == "Recommendation"

    actions.save_section(paper=paper, key="recommendations", text="note it;\n\nagree it", version=2, by=clerk)
    assert paper_content(paper, reader=clerk)["sections"][0]["heading"] == "Recommendations"


def test_issuing_asks_for_a_tick_and_becomes_a_job(client, clerk, paper):
    client.force_login(clerk)
    address = reverse("committees:paper-issue", args=[paper.pk])
    fingerprint = actions.fingerprint(paper)

    unticked = client.post(address, {"fingerprint": fingerprint})
    first = client.post(address, {"fingerprint": fingerprint, "confirmed": "on"})
    second = client.post(address, {"fingerprint": fingerprint, "confirmed": "on"})

    assert unticked.status_code == 422
    assert first.status_code == 302
    assert second.headers["Location"] == first.headers["Location"]
    assert Job.objects.get().kind == "committee-paper-issue"


def test_a_paper_changed_since_it_was_read_is_not_sent_to_be_issued(client, clerk, paper):
    client.force_login(clerk)
    stale = actions.fingerprint(paper)
    actions.save_section(paper=paper, key="supporting-information", text="New", version=1, by=clerk)

    client.post(reverse("committees:paper-issue", args=[paper.pk]), {"fingerprint": stale, "confirmed": "on"})

    assert not Job.objects.exists()


def test_an_appendix_is_added_and_taken_out_after_asking(client, clerk, paper):
    client.force_login(clerk)
    added = client.post(reverse("committees:appendix-add", args=[paper.pk]), {"heading": "Map"})
    address = reverse("committees:appendix-remove", args=[paper.pk, "appendix-1"])

    asked = client.get(address)
    client.post(address)

    assert added.headers["Location"].endswith("/sections/appendix-1/")
    assert "Take out “Map”" in asked.content.decode()
    assert not paper.sections.filter(kind="appendix").exists()


def test_an_appendix_without_a_title_is_refused(client, clerk, paper):
    client.force_login(clerk)

    refused = client.post(reverse("committees:appendix-add", args=[paper.pk]), {"heading": ""})

    assert refused.status_code == 422
    assert not paper.sections.filter(kind="appendix").exists()


def test_the_head_of_a_paper_changed_by_two_shows_what_is_stored(client, clerk, paper):
    client.force_login(clerk)
    address = reverse("committees:head-edit", args=[paper.pk])
    facts = {
        "number": "7", "title": "First", "by_office": "Clerk", "summary": "S", "version": "1",
        "cut_off_on": paper.cut_off_on.isoformat(),
    }  # fmt: skip

    first = client.post(address, facts)
    second = client.post(address, {**facts, "title": "Second"})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "What is stored now" in second.content.decode()
    assert Paper.objects.get().title == "First"


@pytest.mark.parametrize("count", [1, 3])
def test_the_committees_page_asks_the_same_number_of_questions(
    client, clerk, count, django_assert_num_queries
):
    factories.CommitteeMeetingFactory.create_batch(count)
    client.force_login(clerk)
    client.get("/committees/")

    with django_assert_num_queries(5):
        client.get("/committees/")


@pytest.mark.parametrize("count", [1, 3])
def test_a_meeting_asks_the_same_number_of_questions(
    client, clerk, meeting, count, django_assert_num_queries
):
    factories.PaperFactory.create_batch(count, meeting=meeting)
    client.force_login(clerk)

    with django_assert_num_queries(5):
        client.get(meeting.get_absolute_url())

from datetime import date

import pytest
from django.utils import timezone

from committees.models import Edition, Paper
from tests import factories
from tests.addresses import CONTENT

CANARY = "Canary in an exempt paper"


@pytest.fixture
def issued(clerk):
    def issue(number: str, title: str, *, held_on: date, is_exempt: bool = False) -> Edition:
        meeting = factories.CommitteeMeetingFactory(held_on=held_on, committee__code=f"demo-{number}")
        paper = factories.PaperFactory(meeting=meeting, number=number, title=title, is_exempt=is_exempt)
        edition = Edition.objects.create(
            paper=paper,
            number=1,
            content={**CONTENT, "title": title, "number": number},
            content_digest="1" * 64,
            document_kind="committee-paper",
            template_version=1,
            pdf=b"%PDF-1.7\n" + title.encode(),
            pdf_digest="2" * 64,
            page_count=3,
            issued_at=timezone.now(),
            issued_by=clerk,
        )
        Paper.objects.filter(pk=paper.pk).update(state=Paper.State.ISSUED)
        return edition

    return issue


@pytest.fixture
def three(issued):
    return [
        issued("7", "Assessment of the role", held_on=date(2009, 10, 29)),
        issued("10", "Scrutiny of robbery", held_on=date(2003, 1, 30)),
        issued("8", CANARY, held_on=date(2009, 10, 29), is_exempt=True),
    ]


def titles(page: str, editions) -> list[str]:
    found = [(page.find(edition.paper.title), edition.paper.title) for edition in editions]
    return [title for place, title in sorted(found) if place >= 0]


def test_anyone_reads_the_list_newest_first_without_exempt_papers(client, three):
    page = client.get("/papers/").content.decode()

    assert titles(page, three) == ["Assessment of the role", "Scrutiny of robbery"]
    assert "2 papers" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?order=oldest", ["Scrutiny of robbery", "Assessment of the role"]),
        ("?words=robberies", ["Scrutiny of robbery"]),
        ("?committee=demo-7", ["Assessment of the role"]),
        ("?year=2003", ["Scrutiny of robbery"]),
        ("?year=soon", ["Assessment of the role", "Scrutiny of robbery"]),
        ("?words=zebra", []),
        ("?words=%00", ["Assessment of the role", "Scrutiny of robbery"]),
    ],
)
def test_the_list_is_filtered_by_words_committee_and_year(client, three, query, found):
    page = client.get(f"/papers/{query}")

    assert page.status_code == 200
    assert titles(page.content.decode(), three) == found


def test_a_clerk_sees_exempt_papers_in_the_list(client, clerk, three):
    client.force_login(clerk)

    assert CANARY in client.get("/papers/").content.decode()


def test_an_empty_list_says_so(client, db):
    assert "No papers have been issued yet" in client.get("/papers/").content.decode()


def test_an_edition_is_read_as_it_was(client, three):
    page = client.get(three[0].get_absolute_url()).content.decode()

    assert "<h1>Assessment of the role</h1>" in page
    assert "1111 1111 1111 1111" in page


def test_the_pdf_is_the_stored_bytes_and_never_run(client, three):
    answer = client.get(f"{three[0].get_absolute_url().rstrip('/')}.pdf")

    assert answer.content == bytes(three[0].pdf)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["?edition=2", "?edition=x", "?edition=99999999"])
def test_an_edition_that_was_never_made_is_not_there(client, three, query):
    assert client.get(f"{three[0].get_absolute_url()}{query}").status_code == 404


def test_a_later_edition_stands_beside_the_first(client, clerk, three):
    Edition.objects.create(
        paper=three[0].paper,
        number=2,
        content={**CONTENT, "title": "Corrected"},
        content_digest="3" * 64,
        document_kind="committee-paper",
        template_version=1,
        pdf=b"%PDF-1.7\n",
        pdf_digest="4" * 64,
        page_count=3,
        issued_at=timezone.now(),
        issued_by=clerk,
        change_note="Letters E and F corrected.",
    )
    address = three[0].get_absolute_url()

    latest, first = client.get(address).content.decode(), client.get(f"{address}?edition=1").content.decode()

    assert "<h1>Corrected</h1>" in latest
    assert "Letters E and F corrected." in latest
    assert "<h1>Assessment of the role</h1>" in first


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(client, issued, count, django_assert_num_queries):
    for number in range(count):
        issued(str(number), f"Paper {number}", held_on=date(2009, 1, 1 + number))
    client.get("/papers/")

    with django_assert_num_queries(4):
        client.get("/papers/")

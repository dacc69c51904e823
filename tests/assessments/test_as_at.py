"""Each page of a past day: what it shows of then, to whom, and that nothing there can be changed."""

import datetime as dt

import pytest
from django.urls import reverse

from assessments.matrix import BadFilter, MatrixFilters, load_matrix
from assessments.models import HealthCheck, Rating
from boroughs.models import Borough, BoroughLink
from cdrp_portal.dates import end_of_day
from cdrp_portal.past import rows_at
from cdrp_portal.spreadsheets import WRITERS
from cdrp_portal.status import Movement, Status
from committees.content.manuscript import BadParameters
from committees.content.matrix import matrix_manuscript
from tests import factories
from tests.assessments.simulated import (
    OPENED,
    date_events,
    last_event,
    link,
    make_recorded,
    moment,
    write,
)
from tests.spreadsheet_readers import about_csv, read_csv, read_ods, read_xlsx

READERS = {"xlsx": read_xlsx, "ods": read_ods, "csv": read_csv}
AUGUST, SEPTEMBER, OCTOBER = dt.date(2010, 8, 10), dt.date(2010, 9, 10), dt.date(2010, 10, 14)
BEGAN = dt.date(2010, 5, 1)
CANARY = "Seen by nobody but its officer"


def matrix_at(cycle, user, day):
    return load_matrix(cycle=cycle, user=user, filters=MatrixFilters.from_query({"as_at": day.isoformat()}))


# The matrix


@pytest.fixture
def recorded(camden, islington, epo, head):
    """Camden: amber in August, with the canary; signed off in September; opened again and red in October."""
    date_events(Borough, moment(BEGAN))
    cycle = make_recorded([camden, islington], 2)
    write(cycle, camden, "A1", AUGUST, by=epo, value="amber", rationale=CANARY)
    write(cycle, camden, "A2", AUGUST, by=epo, value="green", rationale="Seen.")
    write(cycle, camden, None, SEPTEMBER, by=head, state="submitted")
    write(cycle, camden, None, SEPTEMBER, by=head, state="signed_off")
    write(cycle, camden, None, OCTOBER, by=head, state="returned", state_reason="Again.")
    write(cycle, camden, "A1", OCTOBER, by=epo, value="red", rationale=f"{CANARY} since October")
    return cycle


def page_at(client, url, day, query=""):
    return client.get(f"{url}?as_at={day.isoformat()}{query}")


def test_matrix_page_of_a_past_day_says_so_and_changes_nothing(recorded, head, signed_in):
    page = page_at(signed_in(head), recorded.get_absolute_url(), SEPTEMBER, "&theme=A").content.decode()

    assert "<b>As at 10 September 2010.</b>" in page
    assert f'<a href="{recorded.get_absolute_url()}?theme=A">Back to today</a>' in page
    # As of today: a cell has its criterion's title in its name, and leads to its rating, of that day.
    assert 'href="camden/A1/?as_at=2010-09-10"' in page
    assert 'aria-label="Camden, A1 Title A1: Amber"' in page
    assert 'data-v="' not in page
    # Nothing asks for what others save today, and nothing offers to change it.
    assert 'data-since=""' in page
    assert "Undo" not in page
    assert "Rate several at once" not in page


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("soon", "Write the date as year, month and day"),
        ("2010-02-30", "Write the date as year, month and day"),
        ("2999-01-01", "has not come yet"),
    ],
)
def test_day_that_cannot_be_read_is_refused_in_words(given, words, recorded, camden, head, signed_in):
    client, cycle = signed_in(head), recorded.get_absolute_url()

    pages = (cycle, f"{cycle}matrix.csv", f"{cycle}camden/", f"{cycle}camden/A1/", camden.get_absolute_url())
    for url in pages:
        response = client.get(f"{url}?as_at={given}")
        assert response.status_code == 400
        assert words in response.content.decode()
    with pytest.raises(BadFilter, match=words):
        MatrixFilters.from_query({"as_at": given})
    pdf = client.get(reverse("matrix-pdf", args=[recorded.slug]), {"as_at": given})
    assert pdf.status_code == 400


def test_matrix_before_its_cycle_opened_is_empty_and_says_why(recorded, head, signed_in):
    before = OPENED - dt.timedelta(days=1)

    page = page_at(signed_in(head), recorded.get_absolute_url(), before).content.decode()

    assert f"{recorded} opened on 1 July 2010, after 30 June 2010." in page
    assert f"See {recorded} as it stands today" in page
    assert "Opens 1 July 2010" in page
    assert "matrix-page--table" in page
    with pytest.raises(BadParameters, match="opened on 1 July 2010"):
        matrix_manuscript({"cycle": recorded.slug, "query": f"as_at={before}"}, head)


def test_matrix_of_a_day_before_the_records_says_so(head, signed_in, camden):
    cycle = make_recorded([camden], 1)
    date_events(HealthCheck, moment(OCTOBER))

    page = page_at(signed_in(head), cycle.get_absolute_url(), SEPTEMBER).content.decode()

    assert f"The portal held nothing of {cycle} on 10 September 2010." in page


def test_cycle_that_was_closed_later_was_open_then(recorded, head):
    last = last_event(type(recorded))
    recorded.closed_at, recorded.closed_by = moment(dt.date(2010, 12, 1)), head
    recorded.save()
    date_events(type(recorded), recorded.closed_at, last)

    assert matrix_at(recorded, head, OCTOBER).cycle.closed_at is None
    assert matrix_at(recorded, head, OCTOBER).position_at == OCTOBER
    after = matrix_at(recorded, head, dt.date(2010, 12, 24))
    assert after.cycle.closed_at == recorded.closed_at
    assert after.position_at == dt.date(2010, 12, 1)


def test_row_that_was_deleted_by_then_stays_out(recorded, head, islington):
    check, started = HealthCheck.objects.get(cycle=recorded, borough=islington), last_event(HealthCheck)
    check.delete()
    date_events(HealthCheck, moment(OCTOBER), started)

    assert {row.name for row in matrix_at(recorded, head, SEPTEMBER).boroughs} == {"Camden", "Islington"}
    assert {row.name for row in matrix_at(recorded, head, OCTOBER).boroughs} == {"Camden"}


def test_day_in_london_ends_at_its_own_midnight(recorded, head, camden, epo):
    """Half past twelve at night in July is still the day before by the universal clock."""
    at = moment(dt.date(2010, 7, 20), 0, 30)
    write(recorded, camden, "A2", at, by=epo, value="red", rationale="At night.")
    rating = Rating.objects.get(
        health_check__cycle=recorded, health_check__borough=camden, criterion__code="A2"
    )

    def value_at(day):
        return rows_at(Rating, end_of_day(day), "value", id=rating.pk)

    assert value_at(dt.date(2010, 7, 19)) == [("not_assessed",)]
    assert value_at(dt.date(2010, 7, 20)) == [("red",)]


def test_officers_are_those_who_were_linked_on_the_day(recorded, head, camden):
    former = factories.UserFactory(name="Demo Former Officer", role="epo")
    BoroughLink.objects.all().delete()
    link(camden, former, (AUGUST, OCTOBER), moment(AUGUST))

    assert [officer.name for officer in matrix_at(recorded, head, SEPTEMBER).officers] == [former.name]
    assert matrix_at(recorded, head, OCTOBER).officers == ()
    narrowed = {"as_at": SEPTEMBER.isoformat(), "officer": str(former.pk)}
    matrix = load_matrix(cycle=recorded, user=head, filters=MatrixFilters.from_query(narrowed))
    assert [row.name for row in matrix.rows] == ["Camden"]


def test_movement_of_a_past_day_is_since_the_earlier_cycle_as_it_stood_then(camden, head, epo):
    earlier = make_recorded([camden], 2)
    write(earlier, camden, "A1", AUGUST, by=epo, value="amber", rationale="Half.")
    following = make_recorded([camden], framework=earlier.framework, opens_on=SEPTEMBER, previous=earlier)
    write(following, camden, "A1", SEPTEMBER, by=epo, value="green", rationale="Seen.")
    write(earlier, camden, "A1", OCTOBER, by=epo, value="green", rationale="Put right later.")

    assert matrix_at(following, head, SEPTEMBER).rows[0].moves[0] is Movement.BETTER
    assert matrix_at(following, head, OCTOBER).rows[0].moves[0] is Movement.SAME


@pytest.mark.parametrize("ending", WRITERS)
def test_file_of_a_past_day_holds_what_the_page_of_that_day_shows(ending, recorded, head, signed_in):
    url = reverse("assessments:matrix-export", args=[recorded.slug, ending])
    response = page_at(signed_in(head), url, SEPTEMBER)

    rows = {row[0]: row for row in READERS[ending](response.content)}

    matrix = matrix_at(recorded, head, SEPTEMBER)
    for row in matrix.rows:
        assert rows[row.name][2:4] == [str(Status(value).label) for value in row.values]
    assert rows["Camden"][1] == "Signed off"
    assert "2010-09-10" in response.headers["Content-Disposition"]
    if ending == "csv":
        assert "As at: 10 September 2010, 23:59 (London time)" in about_csv(response.content)
        assert "Filter: As at: 10 September 2010" in about_csv(response.content)


def test_paper_of_a_past_day_holds_what_the_page_of_that_day_shows(recorded, head):
    manuscript = matrix_manuscript({"cycle": recorded.slug, "query": "as_at=2010-09-10"}, head)

    assert manuscript.content["date"] == "2010-09-10"
    assert manuscript.content["filters"] == ["As at: 10 September 2010"]
    rows = {row["label"]: row["values"] for row in manuscript.content["matrix"]["rows"]}
    assert rows["Camden"] == ["amber", "green"]


def test_page_of_a_past_day_costs_the_same_queries_whatever_its_size(
    head, signed_in, django_assert_max_num_queries
):
    client, counts = signed_in(head), []
    for size in (1, 3):
        cycle = make_recorded([factories.BoroughFactory() for _one in range(size)], 2)
        page_at(client, cycle.get_absolute_url(), OCTOBER)
        with django_assert_max_num_queries(10) as found:
            assert page_at(client, cycle.get_absolute_url(), OCTOBER).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


# A health check and a borough


def test_health_check_of_a_past_day_shows_its_answers_of_then(recorded, head, camden, signed_in):
    url = f"{recorded.get_absolute_url()}camden/"

    august = page_at(signed_in(head), url, AUGUST).content.decode()
    october = page_at(signed_in(head), url, OCTOBER, "&show=red").content.decode()

    assert "<b>As at 10 August 2010.</b>" in august
    assert f"{CANARY}</p>" in august
    assert f"{CANARY} since October" in october
    assert "<form" not in august.split("<main")[1].split("</main>")[0]
    assert 'href="?' not in august
    assert f"{url}?as_at=2010-10-14&amp;show=green" in october
    refused = page_at(signed_in(head), url, OCTOBER, "&show=purple")
    assert refused.status_code == 400


def test_health_check_of_a_past_day_tells_who_spoke_for_the_authority_then(recorded, head, camden, signed_in):
    member = factories.UserFactory(name="Demo Former Member", role="member")
    made = link(camden, member, (AUGUST, OCTOBER), moment(AUGUST), kind="member")
    made.delete()
    client, url = signed_in(head), f"{recorded.get_absolute_url()}camden/"

    assert "Link member Demo Former Member." in page_at(client, url, SEPTEMBER).content.decode()
    assert "No link member." in page_at(client, url, OCTOBER).content.decode()
    assert page_at(client, f"{recorded.get_absolute_url()}authority/", OCTOBER).status_code == 200


def test_health_check_of_a_day_before_there_was_one_is_empty(recorded, head, signed_in):
    url = f"{recorded.get_absolute_url()}camden/"

    page = page_at(signed_in(head), url, dt.date(2010, 6, 1))
    assert "opened on 1 July 2010, after that day." in page.content.decode()
    date_events(HealthCheck, moment(OCTOBER))
    page = page_at(signed_in(head), url, AUGUST)
    assert "held nothing of Camden" in page.content.decode()


def test_borough_of_a_past_day_shows_its_people_diary_and_health_check_of_then(
    recorded, head, camden, signed_in
):
    member = factories.UserFactory(name="Demo Former Member", role="member")
    link(camden, member, (AUGUST, OCTOBER), moment(AUGUST))
    meeting = factories.MeetingFactory(borough=camden, starts_at=moment(OCTOBER, 18), title="October meeting")
    date_events(type(meeting), moment(AUGUST))
    visit = camden.visits.create(visited_on=AUGUST, note="Met the manager", noted_by=head)
    date_events(type(visit), moment(AUGUST))

    page = page_at(signed_in(head), camden.get_absolute_url(), SEPTEMBER).content.decode()
    earlier = page_at(signed_in(head), camden.get_absolute_url(), dt.date(2010, 6, 1)).content.decode()

    assert "<b>As at 10 September 2010.</b>" in page
    for words in (
        "Demo Former Member",
        "October meeting",
        "Met the manager",
        "Signed off on 10 September 2010",
    ):
        assert words in page
        assert words not in earlier
    assert f"{recorded.get_absolute_url()}camden/?as_at=2010-09-10" in page
    assert "No health check to show yet" in earlier


def test_borough_of_a_day_before_its_records_says_what_cannot_be_known(recorded, head, camden, signed_in):
    member = factories.UserFactory(name="Demo Former Member", role="member")
    link(camden, member, (dt.date(2010, 1, 1), AUGUST), moment(OCTOBER), kind="member")
    client, url = signed_in(head), camden.get_absolute_url()

    before = page_at(client, url, dt.date(2010, 4, 1)).content.decode()
    later = page_at(client, url, dt.date(2010, 6, 1)).content.decode()

    assert "The portal’s records of Camden begin on 1 May 2010." in before
    assert "<p>Link member: Demo Former Member.</p>" in before
    assert "<p>Not known.</p>" in before
    assert "No officer has been appointed" not in before
    assert "Entered after that day: link member Demo Former Member" in later
    unlinked = page_at(client, f"{url.replace('camden', 'islington')}", dt.date(2009, 4, 1)).content.decode()
    assert "Who was linked on this day is not known." in unlinked


# A rating


def test_rating_of_a_past_day_shows_its_answer_of_then_and_no_control(recorded, head, camden, signed_in):
    url = f"{recorded.get_absolute_url()}camden/A1/"
    rating = Rating.objects.get(
        health_check__cycle=recorded, health_check__borough=camden, criterion__code="A1"
    )
    piece = factories.EvidenceFactory(rating=rating, title="Seen in August", dated_on=AUGUST)
    date_events(type(piece), moment(SEPTEMBER))
    client = signed_in(head)

    august, october = (page_at(client, url, day).content.decode() for day in (AUGUST, OCTOBER))

    assert "<b>As at 10 August 2010.</b>" in august
    assert f'<a href="{url}">Back to today</a>' in august
    assert f"{CANARY}</p>" in august
    assert "No evidence stood on that day." in august
    assert "since October" not in august
    assert f"{CANARY} since October</p>" in october
    assert "Seen in August" in october
    assert "changed the rating from Amber to Red" in october
    assert f'href="{recorded.get_absolute_url()}camden/A2/?as_at=2010-10-14" rel="next"' in october
    for page in (august, october):
        assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert "Not answered yet." in page_at(client, url, dt.date(2010, 7, 3)).content.decode()
    assert "Evidence, comments and history" not in page_at(client, url[:-3], OCTOBER).content.decode()


def test_rating_of_a_past_day_stands_in_the_panel_of_that_days_matrix(recorded, head, signed_in):
    url, client = f"{recorded.get_absolute_url()}camden/A1/", signed_in(head)

    panel = client.get(url, {"as_at": SEPTEMBER.isoformat()}, headers={"HX-Request": "true"}).content.decode()
    before = client.get(url, {"as_at": "2010-06-01"}, headers={"HX-Request": "true"}).content.decode()

    assert 'id="panel-title"' in panel
    assert "As at 10 September 2010." in panel
    assert "<html" not in panel
    assert "opened on 1 July 2010, after that day." in before
    assert "opened on 1 July 2010" in page_at(client, url, dt.date(2010, 6, 1)).content.decode()


def test_rating_of_a_past_day_costs_the_same_queries_whatever_its_size(
    head, camden, signed_in, django_assert_max_num_queries
):
    client, counts = signed_in(head), []
    for size in (1, 3):
        cycle = make_recorded([camden, *(factories.BoroughFactory() for _one in range(size))], 1 + size)
        url = f"{cycle.get_absolute_url()}camden/A1/"
        page_at(client, url, OCTOBER)
        with django_assert_max_num_queries(13) as found:
            assert page_at(client, url, OCTOBER).status_code == 200
        counts.append(len(found))
    assert counts[0] == counts[1]


# Who sees it


def test_draft_of_a_past_day_is_seen_by_nobody_who_may_not_read_drafts(
    recorded, camden, signed_in, head, epo, reader, other_epo, lead
):
    """The canary stands in Camden: a draft in August, signed off in September, opened again in October."""
    cycle = recorded.get_absolute_url()
    addresses = [cycle, *(f"{cycle}matrix.{ending}" for ending in WRITERS), f"{cycle}camden/"]
    addresses.append(f"{cycle}camden/A1/")
    addresses += [camden.get_absolute_url(), f"{cycle}between/"]
    hits = responses = 0
    for user in (reader, other_epo, lead):
        client = signed_in(user)
        for day in (AUGUST, OCTOBER):
            for url in addresses:
                page = page_at(client, url, day, f"&from=2010-07-02&to={day}")
                responses += 1
                hits += CANARY.encode() in page.content
        for url in (f"{cycle}camden/", f"{cycle}camden/A1/"):
            assert page_at(client, url, AUGUST).status_code == 404
            assert client.get(f"{url}?as_at=soon").status_code == 404
    assert (hits, responses) == (0, 3 * 2 * 8)

    for user, day in ((reader, SEPTEMBER), (epo, AUGUST), (head, OCTOBER)):
        for url in (f"{cycle}camden/", f"{cycle}camden/A1/"):
            assert CANARY in page_at(signed_in(user), url, day).content.decode()
    withheld = page_at(signed_in(reader), cycle, SEPTEMBER).content.decode()
    assert "Islington is not signed off yet" in withheld


def test_reader_of_today_is_told_that_it_was_not_signed_off_then(recorded, camden, reader, head, signed_in):
    write(recorded, camden, None, dt.date(2010, 10, 20), by=head, state="submitted")
    write(recorded, camden, None, dt.date(2010, 10, 21), by=head, state="signed_off")

    for url in ("camden/", "camden/A1/"):
        page = page_at(signed_in(reader), f"{recorded.get_absolute_url()}{url}", AUGUST)
        assert page.status_code == 200
        assert "Camden was not signed off on that day." in page.content.decode()
        assert CANARY not in page.content.decode()
    assert page_at(signed_in(reader), f"{recorded.get_absolute_url()}camden/Z9/", AUGUST).status_code == 200
    assert page_at(signed_in(head), f"{recorded.get_absolute_url()}camden/Z9/", AUGUST).status_code == 404

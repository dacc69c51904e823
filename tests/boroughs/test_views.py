from datetime import timedelta

import pytest
from django.utils import timezone

from boroughs.actions import last_day
from boroughs.models import BoroughLink, Visit
from cdrp_portal.dates import uk_date
from tests import factories

TODAY = timezone.localdate()


def visit_data(**changes):
    return {"visited_on": TODAY.isoformat(), "meeting": "", "note": "Met the borough commander.", **changes}


def link_data(linked, **changes):
    return {
        "person": linked.pk,
        "kind": "officer",
        "starts_on": TODAY.isoformat(),
        "ends_on": "",
        "appointed_by": "",
        **changes,
    }


@pytest.mark.parametrize("person", ["epo", "other_epo", "clerk", "member", "head", "reader", "administrator"])
def test_borough_is_read_by_all_but_lead_units(signed_in, request, camden, person):
    response = signed_in(request.getfixturevalue(person)).get("/boroughs/camden/")

    assert response.status_code == 200


def test_lead_unit_has_no_access_to_boroughs(signed_in, lead, camden):
    client = signed_in(lead)

    assert client.get("/boroughs/camden/").status_code == 403
    assert client.post("/boroughs/camden/visits/add/", visit_data()).status_code == 403


def test_unknown_borough_is_not_found(signed_in, reader, camden):
    assert signed_in(reader).get("/boroughs/city-of-london/").status_code == 404


def test_page_tells_people_meeting_visits_and_history(signed_in, reader, camden, epo, member):
    factories.MeetingFactory(borough=camden, title="Safer Camden partnership")
    Visit.objects.create(borough=camden, visited_on=TODAY, note="Met the manager.", noted_by=member)

    page = signed_in(reader).get("/boroughs/camden/").content.decode()

    for words in (
        "Link member: Demo Member A. Officer: Demo Officer A.",
        "Safer Camden partnership",
        "Met the manager.",
        "The portal added Demo Officer A, officer for Camden",
        "/boroughs/camden/brief.pdf",
        "Open actions",
    ):
        assert words in page


def test_page_says_vacancies_in_words(signed_in, reader, camden):
    page = signed_in(reader).get("/boroughs/camden/").content.decode()

    assert "No link member has been appointed; no cover." in page
    assert "No meeting is in the diary." in page
    assert "No visit has been noted." in page


def test_page_shows_the_borough_s_open_actions_overdue_first(signed_in, reader, camden, islington):
    factories.ActionFactory(borough=camden, text="Due later", due_on=TODAY + timedelta(days=9))
    factories.ActionFactory(borough=camden, text="Long overdue", due_on=TODAY - timedelta(days=14))
    factories.ActionFactory(borough=islington, text="CANARY elsewhere", due_on=TODAY - timedelta(days=14))

    page = signed_in(reader).get("/boroughs/camden/").content.decode()

    assert page.index("Long overdue") < page.index("Due later")
    assert "14 days late" in page
    assert "2 open actions, 1 overdue." in page
    assert "CANARY" not in page


def test_neighbours_lead_on(signed_in, reader, camden, islington):
    assert 'href="/boroughs/islington/">Islington</a> after' in (
        signed_in(reader).get("/boroughs/camden/").content.decode()
    )


def test_page_costs_the_same_queries_at_one_row_and_at_three(
    signed_in, reader, camden, epo, member, django_assert_max_num_queries
):
    """The panels of upper rooms are drawn too, so the figure is compared, not fixed."""
    client = signed_in(reader)
    counted = []
    for rows in (1, 2):
        for _ in range(rows):
            factories.ActionFactory(borough=camden, due_on=TODAY)
            factories.MeetingFactory(borough=camden)
            Visit.objects.create(borough=camden, visited_on=TODAY, note="Met.", noted_by=member)
            factories.BoroughFactory()
        client.get("/boroughs/camden/")
        with django_assert_max_num_queries(25) as queries:
            client.get("/boroughs/camden/")
        counted.append(len(queries))

    assert counted[0] == counted[1]


@pytest.mark.parametrize("person", ["epo", "member", "head"])
def test_each_who_may_note_a_visit_notes_it(signed_in, request, camden, person):
    user = request.getfixturevalue(person)

    response = signed_in(user).post("/boroughs/camden/visits/add/", visit_data())

    assert (response.status_code, response["Location"]) == (302, "/boroughs/camden/")
    assert Visit.objects.get().noted_by == user


@pytest.mark.parametrize("person", ["other_epo", "clerk", "reader", "administrator"])
def test_who_may_not_note_a_visit_is_refused(signed_in, request, camden, person):
    client = signed_in(request.getfixturevalue(person))

    assert client.get("/boroughs/camden/visits/add/").status_code == 403
    assert client.post("/boroughs/camden/visits/add/", visit_data()).status_code == 403
    assert "Note a visit" not in client.get("/boroughs/camden/").content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"visited_on": "2999-01-01"}, "has not come yet"),
        ({"visited_on": "soon"}, "Give the day as a date"),
        ({"visited_on": "1990-01-01"}, "when the Authority began"),
        ({"note": ""}, "Say in a sentence"),
        ({"note": "a" * 2001}, "at most 2,000 characters"),
        ({"meeting": "999"}, "Choose one of this borough&#x27;s meetings"),
        ({"meeting": "\x00"}, "Null characters are not allowed"),
    ],
)
def test_visit_that_cannot_be_keeps_what_was_typed(signed_in, member, camden, changes, sentence):
    response = signed_in(member).post("/boroughs/camden/visits/add/", visit_data(**changes))

    page = response.content.decode()
    assert response.status_code == 422
    assert sentence in page
    assert "Met the borough commander." in page or "note" in changes
    assert not Visit.objects.exists()


def test_visit_may_name_a_meeting_that_was_held(signed_in, member, camden, islington):
    held = factories.MeetingFactory(borough=camden, starts_at=timezone.now() - timedelta(days=1))
    elsewhere = factories.MeetingFactory(borough=islington, starts_at=timezone.now() - timedelta(days=1))
    client = signed_in(member)

    refused = client.post("/boroughs/camden/visits/add/", visit_data(meeting=elsewhere.pk))
    taken = client.post("/boroughs/camden/visits/add/", visit_data(meeting=held.pk))

    assert (refused.status_code, taken.status_code) == (422, 302)
    assert Visit.objects.get().meeting == held


def test_only_the_form_s_own_fields_are_taken(signed_in, member, camden, islington, head):
    signed_in(member).post(
        "/boroughs/camden/visits/add/", visit_data(borough=islington.pk, noted_by=head.pk, id=999)
    )

    visit = Visit.objects.get()
    assert (visit.borough, visit.noted_by) == (camden, member)
    assert visit.pk != 999


def test_head_assigns_and_ends_a_link(signed_in, head, camden):
    officer = factories.UserFactory(role="epo", name="Demo Officer C")
    client = signed_in(head)

    assigned = client.post("/boroughs/camden/links/add/", link_data(officer))
    link = BoroughLink.objects.get()
    page = client.get("/boroughs/camden/").content.decode()
    ended = client.post(
        f"/boroughs/camden/links/{link.pk}/end/", {"ends_on": TODAY.isoformat(), "version": link.version}
    )

    assert (assigned.status_code, ended.status_code) == (302, 302)
    assert f"/boroughs/camden/links/{link.pk}/end/" in page
    link.refresh_from_db()
    assert last_day(link) == TODAY


def test_ended_link_is_told_in_the_history_with_its_last_day(signed_in, head, camden, epo):
    link = epo.links.get()
    client = signed_in(head)
    client.post(f"/boroughs/camden/links/{link.pk}/end/", {"ends_on": TODAY.isoformat(), "version": 1})

    page = client.get("/boroughs/camden/").content.decode()

    assert "Demo Head changed the period of Demo Officer A, officer for Camden from from" in page
    assert page.count(f"until {uk_date(TODAY)}") >= 2


@pytest.mark.parametrize("person", ["epo", "clerk", "member", "reader", "administrator", "lead"])
def test_who_may_not_assign_links_is_refused(signed_in, request, camden, person):
    user = request.getfixturevalue(person)
    factories.BoroughLinkFactory(borough=camden, kind="officer_cover")
    link = BoroughLink.objects.last()
    client = signed_in(user)

    tried = [
        client.get("/boroughs/camden/links/add/"),
        client.post("/boroughs/camden/links/add/", link_data(user)),
        client.get(f"/boroughs/camden/links/{link.pk}/end/"),
        client.post(f"/boroughs/camden/links/{link.pk}/end/", {"ends_on": TODAY, "version": 1}),
    ]

    assert [response.status_code for response in tried] == [403, 403, 403, 403]
    link.refresh_from_db()
    assert link.version == 1


def test_overlap_answers_409_with_a_sentence(signed_in, head, camden, epo):
    other = factories.UserFactory(role="epo")

    response = signed_in(head).post("/boroughs/camden/links/add/", link_data(other))

    assert response.status_code == 409
    assert "Camden has an officer on some of these days: Demo Officer A" in response.content.decode()
    assert BoroughLink.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person": ""}, "Choose who is linked"),
        ({"person": "999"}, "Choose a link member or an officer"),
        ({"kind": "chair"}, "Choose one of the four kinds"),
        ({"kind": "member"}, "is not somebody who can be link member"),
        ({"starts_on": ""}, "Give the first day"),
        ({"starts_on": "1999-01-01"}, "when the Authority began"),
        ({"ends_on": "2001-01-01"}, "The last day cannot be before the first"),
        ({"ends_on": "9999-12-31"}, "Give a last day"),
        ({"appointed_by": "a" * 201}, "at most 200 characters"),
    ],
)
def test_link_that_cannot_be_is_refused_with_a_sentence(signed_in, head, camden, changes, sentence):
    officer = factories.UserFactory(role="epo")

    response = signed_in(head).post("/boroughs/camden/links/add/", link_data(officer, **changes))

    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not BoroughLink.objects.exists()


def test_stale_end_answers_409_with_both_texts(signed_in, head, camden, epo):
    link = epo.links.get()
    client = signed_in(head)
    address = f"/boroughs/camden/links/{link.pk}/end/"
    client.post(address, {"ends_on": TODAY.isoformat(), "version": 1})

    response = client.post(address, {"ends_on": (TODAY - timedelta(days=2)).isoformat(), "version": 1})

    page = response.content.decode()
    assert response.status_code == 409
    assert "This link was changed while you were reading it: it now runs from" in page
    assert "You wrote: until" in page
    link.refresh_from_db()
    assert last_day(link) == TODAY


def test_link_of_another_borough_is_not_found_under_this_one(signed_in, head, camden, other_epo):
    link = other_epo.links.get()

    assert signed_in(head).get(f"/boroughs/camden/links/{link.pk}/end/").status_code == 404


def test_reading_changes_nothing(signed_in, head, camden, epo):
    client = signed_in(head)
    link = epo.links.get()

    for address in ("visits/add/", "links/add/", f"links/{link.pk}/end/"):
        assert client.get(f"/boroughs/camden/{address}").status_code == 200
        assert client.put(f"/boroughs/camden/{address}").status_code == 405

    assert (Visit.objects.count(), BoroughLink.objects.count()) == (0, 1)

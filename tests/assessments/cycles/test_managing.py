"""What the head sees and changes while a cycle is open, and how it ends."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied

from accounts.permissions import Permission
from assessments import actions
from assessments.actions import carrying, cycles
from assessments.content.readiness import read_readiness
from assessments.models import ReviewCycle
from boroughs.actions import period_of
from tests import factories
from tests.assessments.cycles.opened import TODAY, days, save

pytestmark = pytest.mark.django_db


def test_readiness_counts_what_keeps_a_health_check_from_being_signed_off(
    head, epo, other_epo, autumn, check, camden, django_assert_num_queries
):
    carrying.carry_forward(cycle=autumn, health_check=check, by=head)
    save(check, epo, "A2", "red", "No seat", "", version=1)
    check.ratings.filter(criterion__code="A1").update(
        flag_note="Look again", evidence_until=TODAY() - timedelta(days=1)
    )
    check.ratings.filter(criterion__code="A3").update(value="green", proof_due_on=TODAY() - timedelta(days=1))
    autumn.health_checks.filter(pk=check.pk).update(officer=other_epo)

    with django_assert_num_queries(2):
        readiness = read_readiness(autumn, on=TODAY())

    row = next(row for row in readiness.rows if row.name == "Camden")
    assert (row.asked, row.answered, row.carried) == (3, 1, 2)
    assert (row.without_next_step, row.flags, row.lapsed, row.proofs_late) == (1, 1, 1, 1)
    assert (row.officer, row.is_stranger, row.left_words) == ("Demo Officer B", True, "50 days")
    assert [(load.officer, load.total, load.answered) for load in readiness.loads] == [
        ("Demo Officer B", 2, 1),
        ("The head", 1, 0),
    ]


def test_readiness_page_narrows_and_sorts(signed_in, head, epo, other_epo, autumn, check, camden):
    save(check, epo, "A1")
    client, address = signed_in(head), f"/assessments/{autumn.slug}/readiness/"

    whole = client.get(address, {"sort": "-answered"}).content.decode()
    narrowed = client.get(address, {"officer": epo.pk, "state": "draft"}).content.decode()
    none = client.get(address, {"state": "signed_off"}).content.decode()
    wrong = client.get(address, {"state": "purple"})

    table = whole[whole.index('id="checks"') :]
    assert table.index(">Camden<") < table.index(">Islington<")
    assert "1 of 3" in narrowed
    assert ">Islington<" not in narrowed[narrowed.index('id="checks"') :]
    assert "No health check is like that" in none
    assert wrong.status_code == 400
    assert "Choose one of the states listed." in wrong.content.decode()


def test_every_figure_of_the_readiness_opens_as_many_rows(signed_in, head, autumn, check):
    carrying.carry_forward(cycle=autumn, by=head)
    save(check, head, "A2", "red", "No seat", "", version=1)
    check.ratings.filter(criterion__code="A1").update(
        flag_note="Ask the council", evidence_until=TODAY() - timedelta(days=1)
    )
    check.ratings.filter(criterion__code="A3").update(value="green", proof_due_on=TODAY() - timedelta(days=1))
    client, address = signed_in(head), f"/assessments/{autumn.slug}/readiness/"

    page = client.get(address).content.decode()
    figures = set(re.findall(r'<a href="([^"]*/readiness/ratings/[^"]+)">(\d+)', page))
    wrong = []
    for url, said in figures:
        rows = client.get(url.replace("&amp;", "&")).context["page"].paginator.count
        wrong += [(url, said, rows)] if rows != int(said) else []
    flagged = client.get(f"{address}ratings/", {"of": "flags", "subject": "camden"}).content.decode()
    nothing = client.get(f"{address}ratings/", {"of": "lapsed", "officer": "head"})
    refused = client.get(f"{address}ratings/", {"of": "purple"})

    assert wrong == []
    assert len(figures) == 19
    assert "Ask the council" in flagged
    assert f'href="{check.get_absolute_url()}A1/"' in flagged
    assert (nothing.status_code, refused.status_code) == (200, 400)
    assert "No rating is of this kind" in nothing.content.decode()
    assert "Choose one of the kinds listed." in refused.content.decode()


@pytest.mark.parametrize("place", ["readiness", "dates", "officers", "carry-forward", "close"])
def test_managing_pages_are_the_heads_alone(place, signed_in, autumn, head, epo, clerk, administrator):
    address = f"/assessments/{autumn.slug}/{place}/"

    assert signed_in(head).get(address).status_code == 200
    assert [signed_in(person).get(address).status_code for person in (epo, clerk, administrator)] == [403] * 3
    assert signed_in(head).get(f"/assessments/never/{place}/").status_code == 404


def test_days_are_changed_with_their_history(signed_in, head, autumn):
    later = autumn.closes_on + timedelta(days=7)
    client, address = signed_in(head), f"/assessments/{autumn.slug}/dates/"

    saved = client.post(address, days(autumn, closes_on=later.isoformat()))

    autumn.refresh_from_db()
    assert (saved.status_code, autumn.closes_on) == (302, later)
    assert "Demo Head changed the last day from" in client.get(address).content.decode()
    wrong = client.post(address, days(autumn, moderate_by="2001-01-01"))
    assert wrong.status_code == 422
    assert "Give a day to sign off by between" in wrong.content.decode()
    assert client.post(address, days(autumn, closes_on="")).status_code == 422


def test_days_that_somebody_changed_meanwhile_are_not_overwritten(signed_in, head, autumn):
    mine = days(autumn, submit_by=(TODAY() + timedelta(days=3)).isoformat())
    cycles.set_days(
        cycle=autumn,
        days=cycles.Days(autumn.opens_on, None, None, autumn.closes_on + timedelta(days=9)),
        seen=cycles.Days.of(autumn),
        by=head,
    )
    client, address = signed_in(head), f"/assessments/{autumn.slug}/dates/"

    met = client.post(address, mine)

    assert met.status_code == 409
    assert "Somebody changed the days while you were writing." in met.content.decode()
    assert ReviewCycle.objects.get(pk=autumn.pk).submit_by is None


def test_order_of_the_days_is_said_in_words(autumn):
    first, last = autumn.opens_on, autumn.closes_on
    early, late = first + timedelta(days=1), first + timedelta(days=2)

    assert cycles.Days(first, late, early, last).wrong().startswith("Give a day to sign off by that is not")
    assert cycles.Days(first, early, late, last).wrong() == ""


def test_officers_are_changed_with_their_history_and_without_overwriting(
    signed_in, head, epo, other_epo, autumn, camden, islington
):
    client, address = signed_in(head), f"/assessments/{autumn.slug}/officers/"
    first, second = f"officer-{camden.pk}", f"officer-{islington.pk}"
    data = {first: str(other_epo.pk), f"initial-{first}": "", second: "", f"initial-{second}": ""}

    saved = client.post(address, data, follow=True).content.decode()
    again = client.post(address, {**data, first: str(epo.pk)})
    same = client.post(address, {**data, first: ""}, follow=True).content.decode()

    assert "Changed for 1 borough." in saved
    assert again.status_code == 422 or again.status_code == 409
    assert "Camden was given to Demo Officer B while you were choosing" in again.content.decode()
    assert "Nobody was changed." in same
    assert "the responsible officer of Camden: Demo Officer B" in client.get(address).content.decode()
    assert client.post(address, {first: "0"}).status_code == 422


def links_of(person, camden) -> list[tuple[str, object, object]]:
    rows = person.links.filter(borough=camden).order_by("period").values_list("kind", "period")
    return [(kind, period.lower, period.upper) for kind, period in rows]


def test_stand_in_is_linked_as_cover_until_no_open_cycle_names_them(
    head, epo, other_epo, spring, autumn, check, camden
):
    """Spring and autumn are both open. Who is named in either may rate; the borough's own needs no link."""
    today, own = TODAY(), links_of(epo, camden)
    name = partial(cycles.set_officer, by=head)

    name(health_check=check, officer=other_epo, seen=None)
    name(health_check=spring.health_checks.get(borough=camden), officer=other_epo, seen=None)
    standing = links_of(other_epo, camden)
    save(check, other_epo, "A1")
    name(health_check=check, officer=epo, seen=other_epo.pk)
    still = links_of(other_epo, camden)
    other_epo.links.filter(borough=camden).update(period=period_of(today - timedelta(days=3), None))
    cycles.close_cycle(cycle=spring, by=head)

    assert standing == still == [("officer_cover", today, None)]
    assert links_of(other_epo, camden) == [("officer_cover", today - timedelta(days=3), today)]
    assert links_of(epo, camden) == own
    with pytest.raises(PermissionDenied):
        save(check, other_epo, "A2")


def test_stand_in_may_what_cover_may_and_the_head_reads_it_first(signed_in, head, other_epo, autumn, camden):
    """DESIGN §5: linked boroughs, primary or cover. Links and cycles stay the head's."""
    check = autumn.health_checks.get(borough=camden)
    action = factories.ActionFactory(borough=camden)
    asked = [
        (Permission.RATE, check), (Permission.NOTE_VISIT, camden), (Permission.GIVE_POSITION, action),
        (Permission.MODERATE, check), (Permission.ASSIGN_LINKS, camden), (Permission.MANAGE_CYCLES, None),
    ]  # fmt: skip

    def allowed() -> list[bool]:
        return [other_epo.may(permission, thing) for permission, thing in asked]

    page = signed_in(head).get(f"/assessments/{autumn.slug}/officers/").content.decode()
    before = allowed()
    cycles.set_officer(health_check=check, officer=other_epo, seen=None, by=head)
    covering = allowed()
    cycles.set_officer(health_check=check, officer=None, seen=other_epo.pk, by=head)

    assert "While covering, they also read its drafts, note its visits and give positions" in page
    assert covering == [True, True, True, False, False, False]
    assert before == allowed() == [False] * 6


def test_stand_in_who_is_linked_from_a_later_day_covers_until_then(head, other_epo, check, camden):
    later = TODAY() + timedelta(days=10)
    factories.BoroughLinkFactory(
        borough=camden, person=other_epo, kind="officer_cover", period=period_of(later, None)
    )

    cycles.set_officer(health_check=check, officer=other_epo, seen=None, by=head)
    begun = links_of(other_epo, camden)
    cycles.set_officer(health_check=check, officer=head, seen=other_epo.pk, by=head)

    assert begun == [("officer_cover", TODAY(), later), ("officer_cover", later, None)]
    assert links_of(other_epo, camden) == [("officer_cover", later, None)]
    assert links_of(head, camden) == []


def test_closing_names_what_is_not_signed_off_and_happens_once(signed_in, head, autumn):
    client, address = signed_in(head), f"/assessments/{autumn.slug}/close/"

    page = client.get(address).content.decode()
    closed = client.post(address, follow=True).content.decode()
    again = client.post(address)

    assert "3 of 3 health checks stay as they are, not signed off" in page
    assert "Camden</a>: in progress, 0 of 3 answered" in page
    assert ReviewCycle.objects.get(pk=autumn.pk).snapshot.sha256 in closed
    assert again.status_code == 422
    assert "Autumn 2010 is already closed." in again.content.decode()
    for place in ("dates", "officers"):
        assert "The cycle is closed" in client.get(f"/assessments/{autumn.slug}/{place}/").content.decode()
    with pytest.raises(actions.NotOpen):
        cycles.set_days(cycle=autumn, days=cycles.Days.of(autumn), seen=None, by=head)


def test_cycle_list_leads_the_head_to_what_only_they_may_do(signed_in, head, epo, autumn):
    mine = signed_in(head).get("/assessments/").content.decode()
    theirs = signed_in(epo).get("/assessments/").content.decode()

    for address in ("/assessments/new/", "/assessments/autumn-2010/readiness/", "/assessments/frameworks/"):
        assert address in mine
        assert address not in theirs

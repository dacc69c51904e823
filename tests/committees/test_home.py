from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.permissions import Role
from assessments.models import HealthCheck, Rating
from cdrp_portal.dates import uk_date
from tests import factories

TODAY = timezone.localdate


@pytest.fixture
def cycle(camden, islington, head):
    """In its last quarter: Camden unanswered, Islington submitted with one red."""
    cycle = factories.ReviewCycleFactory(
        name="Autumn 2009",
        slug="autumn-2009",
        opens_on=TODAY() - timedelta(days=90),
        closes_on=TODAY() + timedelta(days=10),
    )
    theme = factories.ThemeFactory(framework=cycle.framework, code="A")
    criteria = [factories.CriterionFactory(theme=theme, position=place, code=f"A{place}") for place in (1, 2)]
    for borough, values in ((camden, ["not_assessed", "not_assessed"]), (islington, ["green", "red"])):
        check = factories.HealthCheckFactory(cycle=cycle, borough=borough)
        for criterion, value in zip(criteria, values, strict=True):
            factories.RatingFactory(health_check=check, criterion=criterion, value=value)
    HealthCheck.objects.filter(borough=islington).update(
        state="submitted", submitted_at=timezone.now(), submitted_by=head
    )
    return cycle


def home(signed_in, user) -> str:
    answer = signed_in(user).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_officer_sees_what_is_unrated_in_their_boroughs_alone(signed_in, epo, cycle):
    page = home(signed_in, epo)

    assert "2 criteria are not rated yet in Autumn 2009" in page
    assert "/assessments/autumn-2009/camden/" in page
    assert "Islington" not in page
    assert "Behind" in page


def test_the_officer_sees_what_is_due(signed_in, epo, camden, islington, cycle):
    yesterday = TODAY() - timedelta(days=1)
    factories.ActionFactory(text="Late in Camden", borough=camden, due_on=yesterday)
    factories.ActionFactory(text="Late in Islington", borough=islington, due_on=yesterday)

    page = home(signed_in, epo)

    assert "Late in Camden" in page
    assert "1 action is overdue." in page
    assert "Late in Islington" not in page


def test_the_officer_is_asked_for_proof_that_is_due_in_their_boroughs_alone(signed_in, epo, cycle, camden):
    ours = Rating.objects.filter(health_check__borough=camden)
    first, second = ours.order_by("criterion__position")
    for rating, ahead in ((first, -1), (second, 30)):
        due_on = TODAY() + timedelta(days=ahead)
        Rating.objects.filter(pk=rating.pk).update(value="green", proof_due_on=due_on)
    theirs = factories.HealthCheckFactory(cycle=cycle, borough=factories.BoroughFactory(name="Barnet"))
    factories.RatingFactory(
        health_check=theirs, criterion=first.criterion, value="green", proof_due_on=TODAY()
    )

    page = home(signed_in, epo)

    assert "Proof to show" in page
    assert f'href="/assessments/autumn-2009/camden/{first.criterion.code}/"' in page
    assert f"Proof was due on {uk_date(TODAY() - timedelta(days=1))}." in page
    assert f"/camden/{second.criterion.code}/" not in page
    assert "Barnet" not in page


def test_an_officer_without_a_borough_is_told_whom_to_ask(signed_in, db):
    page = home(signed_in, factories.UserFactory(role=Role.EPO))

    assert "You are not linked to a borough today" in page


def test_the_member_reads_their_boroughs_in_plain_words(signed_in, member, camden, cycle):
    factories.MeetingFactory(borough=camden)

    page = home(signed_in, member)

    assert "Camden" in page
    assert "Islington" not in page
    assert "Three questions to ask" in page
    assert "Next meeting: Community safety partnership" in page
    assert "/boroughs/camden/brief.pdf" in page


def test_the_clerk_sees_meetings_papers_and_jobs(signed_in, clerk, cycle):
    paper = factories.PaperFactory(title="Paper in hand")

    page = home(signed_in, clerk)

    assert paper.meeting.committee.name in page
    assert "Paper in hand" in page
    assert "0 of 2" in page


def test_the_head_sees_who_is_behind_and_what_is_vacant(signed_in, head, epo, cycle):
    page = home(signed_in, head)

    assert "1 of 2" in page
    assert "Camden" in page
    assert "Behind" in page
    assert "No link member recorded" in page
    assert "10 days left." in page


def test_the_heads_vacancies_say_since_when_and_who_covers(signed_in, head, islington, cycle):
    ended = TODAY() - timedelta(days=20)
    factories.BoroughLinkFactory(
        borough=islington, kind="member", period=(ended - timedelta(days=300), ended)
    )
    cover = factories.UserFactory(name="Demo Member F", role=Role.MEMBER)
    factories.BoroughLinkFactory(borough=islington, kind="member_cover", person=cover)

    page = home(signed_in, head)

    assert "No link member since" in page
    assert "cover by Demo Member F" in page


def test_the_heads_load_names_who_has_most(signed_in, head, epo, other_epo, camden, cycle):
    factories.ActionFactory.create_batch(3, borough=camden)

    page = home(signed_in, head)

    assert "Demo Officer A has 1 boroughs and 3 open actions" in page


def test_the_lead_units_officer_sees_their_units_actions(signed_in, lead):
    late = TODAY() - timedelta(days=3)
    factories.ActionFactory(text="Ours", lead_unit=lead.lead_units.get(), due_on=late)
    factories.ActionFactory(text="Somebody else's", due_on=late)

    page = home(signed_in, lead)

    assert "Ours" in page
    assert "Somebody else" not in page


def test_the_reader_goes_to_london(signed_in, reader):
    assert signed_in(reader).get("/").headers["Location"] == "/boroughs/"


def test_homes_stand_without_any_cycle(signed_in, head, clerk, epo, member):
    for person in (head, clerk, epo, member):
        home(signed_in, person)


@pytest.mark.parametrize("count", [1, 3])
def test_the_officers_home_asks_the_same_number_of_questions(
    client, epo, cycle, count, django_assert_max_num_queries
):
    for _ in range(count):
        borough = factories.BoroughFactory()
        factories.BoroughLinkFactory(borough=borough, person=epo)
        check = factories.HealthCheckFactory(cycle=cycle, borough=borough)
        factories.RatingFactory(health_check=check, criterion=factories.CriterionFactory())
    client.force_login(epo)

    with django_assert_max_num_queries(14):
        client.get("/")

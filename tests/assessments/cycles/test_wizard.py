"""Opening a cycle from the page."""

import threading

import pytest
from django.db import connection

from accounts.permissions import Role
from assessments.actions import cycles
from assessments.models import Rating, ReviewCycle
from tests import factories
from tests.assessments.cycles.opened import TODAY, opened, sent
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db


def test_wizard_shows_what_it_will_create_and_creates_nothing(signed_in, head, spring, epo):
    data = sent(framework=spring.framework.pk, previous=spring.pk, carry="on", step="check")

    page = signed_in(head).post("/assessments/new/", data).content.decode()

    assert "3 health checks with 10 ratings" in page
    assert "4 answers of Spring 2010 will be carried forward" in page
    assert "2 boroughs without a link member: Camden, Islington." in page
    assert "1 borough without an officer: Islington." in page
    assert "The criteria are those of Spring 2010." in page
    assert "Demo Officer A, the borough’s own" in page
    assert ReviewCycle.objects.count() == 1


def test_wizard_opens_one_cycle_however_often_the_button_is_pressed(
    signed_in, head, spring, camden, islington, epo
):
    data = sent(framework=spring.framework.pk, previous=spring.pk, carry="on", step="open")
    data[f"officer-{islington.pk}"] = str(epo.pk)
    client = signed_in(head)

    first = client.post("/assessments/new/", data)
    second = client.post("/assessments/new/", data, follow=True)

    cycle = ReviewCycle.objects.get(slug="spring-2011")
    assert first.url == "/assessments/spring-2011/readiness/"
    assert "Spring 2011 is open." in second.content.decode()
    assert ReviewCycle.objects.count() == 2
    officers = dict(cycle.health_checks.values_list("borough__slug", "officer__name"))
    assert officers == {None: None, "camden": None, "islington": "Demo Officer A"}
    assert (cycle.submission_day, cycle.moderation_day) == (cycle.submit_by, cycle.moderate_by)
    assert Rating.objects.filter(health_check__cycle=cycle, is_carried=True).count() == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Spring 2010"}, "There is a cycle called Spring 2010 already"),
        ({"name": "New"}, "Give a name with letters in it"),
        ({"name": ""}, "Give the cycle a name"),
        ({"closes_on": "2001-01-01"}, "Give a closing day after the opening day"),
        ({"submit_by": "2001-01-01"}, "Give a day to submit by between"),
        ({"opens_on": "soon"}, "Give the first day as a date"),
        ({"framework": "0"}, "Choose a published framework"),
    ],
)
@pytest.mark.parametrize("step", ["check", "open"])
def test_wizard_says_what_is_wrong(step, change, words, signed_in, head, spring):
    data = {**sent(framework=spring.framework.pk, previous=spring.pk, step=step), **change}

    response = signed_in(head).post("/assessments/new/", data)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert ReviewCycle.objects.count() == 1


def test_wizard_begins_with_a_proposal_and_goes_back_to_what_was_typed(signed_in, head, spring):
    client = signed_in(head)

    first = client.get("/assessments/new/").content.decode()
    back = client.post("/assessments/new/", sent(name="Another", step="change")).content.decode()
    framework = spring.framework
    later = client.post(
        "/assessments/new/",
        sent(framework=framework.pk, previous=spring.pk, step="check", opens_on="2001-01-01"),
    )

    assert f'value="{TODAY().isoformat()}"' in first
    assert "Step 1 of 2" in back
    assert 'value="Another"' in back
    assert "Choose a cycle that began before this one" in later.content.decode()


def test_wizard_offers_published_frameworks_alone(signed_in, head):
    framework = factories.FrameworkFactory(is_draft=True)

    page = signed_in(head).get("/assessments/new/").content.decode()

    assert "There is no published framework yet" in page
    with pytest.raises(cycles.CycleRefused, match="still a draft"):
        opened(head, framework, "Autumn 2010")


def test_wizard_refuses_an_officer_who_may_not_sign_in(signed_in, head, spring, camden, member):
    data = sent(framework=spring.framework.pk, step="open", **{f"officer-{camden.pk}": member.pk})

    response = signed_in(head).post("/assessments/new/", data)

    assert response.status_code == 422
    assert "Choose an officer who may sign in" in response.content.decode()
    assert ReviewCycle.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_heads_who_open_one_cycle_at_once_open_one():
    head = factories.UserFactory(role=Role.HEAD)
    framework = make_framework(1)
    start, told = threading.Barrier(2, timeout=60), []

    def open_it() -> None:
        try:
            start.wait()
            told.append(str(opened(head, framework, "Autumn 2010")))
        except cycles.NameTaken as taken:
            told.append(f"taken by {taken.cycle}")
        finally:
            connection.close()

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == ["Autumn 2010", "taken by Autumn 2010"]
    assert ReviewCycle.objects.count() == 1

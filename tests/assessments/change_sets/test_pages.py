"""The pages of sets, and the one on which several ratings are changed at once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments import actions
from assessments.actions import Answer, Given
from assessments.content import bulk as content
from assessments.models import ChangeSet, HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests.assessments.change_sets.given import BULK, bulk_data, bulk_url, cells, give, save


@pytest.mark.django_db
def test_bulk_page_shows_what_is_chosen_and_names_what_is_left_out(cycle, epo, signed_in):
    save(cells(cycle, "camden")[0], epo, "amber", "Half of it")

    page = signed_in(epo).get(bulk_url(cycle, "?borough=camden&borough=islington&criterion=A1&criterion=A2"))

    text = page.content.decode()
    assert page.context["chosen"].words == "2 ratings in Camden"
    assert page.context["chosen"].left_out == ["You may not rate Islington."]
    assert "Change 2 ratings" in text


@pytest.mark.django_db
def test_bulk_page_applies_one_set_and_leads_to_it(cycle, epo, signed_in):
    chosen = cells(cycle, "camden")[:2]
    save(chosen[0], epo, "green", "Said so")
    chosen[0].refresh_from_db()

    answer = signed_in(epo).post(bulk_url(cycle), bulk_data(chosen, rationale=""))

    change_set = ChangeSet.objects.get()
    assert (answer.status_code, answer.url) == (302, change_set.get_absolute_url())
    assert change_set.title == "Amber in Camden"
    assert [one.rationale for one in cells(cycle, "camden")[:2]] == ["Said so", ""]


@pytest.mark.django_db
def test_bulk_page_shows_two_texts_that_met_and_takes_the_choice(cycle, epo, head, signed_in):
    first, second, *_others = cells(cycle, "camden")
    save(first, head, "green", "Theirs")
    client = signed_in(epo)

    met = client.post(bulk_url(cycle), bulk_data([first, second]))
    text = met.content.decode()
    ticked = f"{first.pk}.1"

    assert met.status_code == 409
    assert all(
        words in text for words in ("Theirs", "Half of it", f'value="{ticked}"', "Nothing was changed")
    )
    assert not ChangeSet.objects.exists()
    both = [f"{second.pk}.{second.version}", ticked]
    assert client.post(bulk_url(cycle), {**bulk_data([]), "cells": both}).status_code == 302
    assert set(ChangeSet.objects.get().changes.values_list("rating", flat=True)) == {first.pk, second.pk}


@pytest.mark.django_db
def test_bulk_page_says_what_keeps_a_set_from_being_saved(cycle, epo, signed_in):
    chosen = cells(cycle, "camden")
    client = signed_in(epo)
    without = client.post(bulk_url(cycle), bulk_data(chosen, "less_relevant", ""))
    unchanged = client.post(bulk_url(cycle), bulk_data(chosen, "not_assessed", ""))
    unrated = client.post(bulk_url(cycle), bulk_data(chosen, ""))
    actions.save_set(
        cycle=cycle,
        kind=BULK,
        title="All",
        given=[Given(one.pk, one.version, Answer(Status.GREEN, "Seen", "")) for one in chosen],
        by=epo,
    )
    actions.submit(health_check=chosen[0].health_check, by=epo)
    submitted = client.post(bulk_url(cycle), bulk_data(cells(cycle, "camden")))

    told = [(one.status_code, one.content.decode()) for one in (without, unchanged, unrated, submitted)]
    assert [status for status, _text in told] == [409, 422, 422, 409]
    for (_status, text), words in zip(
        told, ("less relevant", "stands so already", "Choose a rating", "has been submitted"), strict=True
    ):
        assert words in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"cells": "x"}, 422),
        ({"cells": ""}, 422),
        ({"cells": "999999.0"}, 404),
        ({"cells": "9" * 18 + ".0"}, 404),
    ],
)
def test_bulk_page_refuses_what_it_never_offered(data, status, cycle, epo, signed_in):
    answer = signed_in(epo).post(bulk_url(cycle), bulk_data([], **data))

    assert answer.status_code == status


@pytest.mark.django_db
def test_bulk_page_of_what_is_not_in_the_cycle_says_so(cycle, epo, signed_in):
    answer = signed_in(epo).get(bulk_url(cycle, "?borough=atlantis&criterion=A1"))

    assert (answer.status_code, "“atlantis” is not in Autumn 2010" in answer.content.decode()) == (400, True)


@pytest.mark.django_db
def test_bulk_page_names_all_that_is_left_out_and_offers_what_is_theirs(cycle, epo, head, signed_in):
    nothing = signed_in(epo).get(bulk_url(cycle, "?borough=islington&borough=authority"))
    everything = signed_in(head).get(bulk_url(cycle, "?criterion=A1&value=red"))

    assert "Nothing that you may rate was chosen" in nothing.content.decode()
    assert [one.label for one in nothing.context["boroughs"]] == ["Camden"]
    assert everything.context["chosen"].words == "3 ratings in The Authority, Camden and Islington"
    assert content.set_title("red", everything.context["chosen"]).startswith("Red for A1")


@pytest.mark.django_db
def test_bulk_page_with_nothing_open_offers_nothing(cycle, epo, signed_in):
    ReviewCycle.objects.update(closed_at=timezone.now(), closed_by=epo)

    assert "Nothing to rate" in signed_in(epo).get(bulk_url(cycle)).content.decode()


@pytest.mark.django_db
def test_pages_of_sets_show_only_what_their_reader_may_read(cycle, head, epo, other_epo, reader, signed_in):
    """Rows of Islington carry a canary, which the officer of Camden never meets."""
    both = give(cycle, head, cells(cycle, "camden"), "red", "Of Camden")
    given = [Given(one.pk, 0, Answer(Status.RED, "CANARY", "")) for one in cells(cycle, "islington")]
    own = actions.save_set(cycle=cycle, kind=BULK, title="CANARY set", given=given, by=head)
    mixed = actions.save_set(
        cycle=cycle,
        kind=BULK,
        title="Mixed",
        given=[
            Given(one.pk, 1, Answer(Status.AMBER, "CANARY" if one.pk == given[0].rating_id else "Mine", ""))
            for one in (Rating.objects.get(pk=given[0].rating_id), cells(cycle, "camden")[0])
        ],
        by=head,
    )
    client, base = signed_in(epo), f"/assessments/{cycle.slug}/sets/"

    pages = [client.get(f"{base}{rest}") for rest in ("", f"{both.pk}/", f"{mixed.pk}/", f"{mixed.pk}/undo/")]
    text = "".join(page.content.decode() for page in pages)

    assert [page.status_code for page in pages] == [200] * 4
    assert "CANARY" not in text
    assert client.get(f"{base}{own.pk}/").status_code == 404
    assert "1 rating<" in pages[0].content.decode()
    assert "Ask the head of partnerships" in pages[3].content.decode()
    assert "Nothing was changed in one go yet" in signed_in(reader).get(base).content.decode()
    assert signed_in(other_epo).get(f"{base}{own.pk}/").status_code == 200

    checks, now = HealthCheck.objects.filter(borough__isnull=False), timezone.now()
    checks.update(state="submitted", submitted_at=now, submitted_by=epo)
    checks.update(state="signed_off", signed_off_at=now, signed_off_by=head)
    for person, sets in ((reader, 0), (epo, 2), (other_epo, 2), (head, 3)):
        listed = signed_in(person).get(base)
        assert len(listed.context["lines"]) == sets, "What a set gave stays a draft's after the sign-off"
    assert client.get(f"{base}{own.pk}/").status_code == 404


@pytest.mark.django_db
def test_a_set_that_is_too_old_says_so(cycle, epo, signed_in, monkeypatch):
    change_set = give(cycle, epo, cells(cycle, "camden"))
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr("assessments.content.sets.timezone.now", lambda: later)

    page = signed_in(epo).get(change_set.get_absolute_url()).content.decode()

    assert "No longer to be undone" in page
    assert "Undo this set" not in page


@pytest.mark.django_db
def test_pages_of_sets_ask_no_more_for_more(cycle, head, signed_in):
    client = signed_in(head)
    ratings, asked_for = cells(cycle, "camden", "islington"), []
    for some in (ratings[:1], ratings[1:]):
        page = give(cycle, head, some).get_absolute_url()
        client.get(page)
        counts = []
        for url in (
            page,
            f"{page}undo/",
            f"/assessments/{cycle.slug}/sets/",
            bulk_url(cycle, "?criterion=A1"),
        ):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))
        asked_for.append(counts)
    assert asked_for[0] == asked_for[1]
    assert max(asked_for[0]) <= 15

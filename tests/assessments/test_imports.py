"""Ratings edited in a spreadsheet: each difference found and none invented, and saved as one set."""

import io
import zipfile
from datetime import timedelta

import openpyxl
import pgtrigger
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assessments import actions
from assessments.imports import read_rows, words
from assessments.models import ChangeSet, HealthCheck, Rating, ReviewCycle
from cdrp_portal.status import Status
from tests.assessments.grid import make_framework
from tests.assessments.hostile_sheets import SHEET, STRINGS, repacked, swap
from tests.assessments.sheets import EDITORS, accept, bring, take, ticked
from tests.spreadsheet_readers import read_csv

# QUALITY row 26: what spreadsheet programs like to take for something else.
AWKWARD = [
    "-5",
    "=1+1",
    "'=1+1",
    "+44 20 7202 0202",
    "007",
    "1234567890123456",
    "14/10/2010",
    "one\ntwo\n\nfour",
    "two  spaces   and a\ttab",
    "_x000D_ <b>&amp;</b> “quoted”",
    "@SUM(1)",
    "1e5",
]


QUESTIONS = 6


@pytest.fixture
def cycle(head, camden, islington) -> ReviewCycle:
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(6),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


def ratings(cycle, slug: str = "camden") -> list[Rating]:
    found = Rating.objects.filter(health_check__cycle=cycle, health_check__borough__slug=slug)
    return list(found.order_by("criterion__position"))


def save(rating: Rating, by, value: str, rationale: str = "", next_step: str = "") -> Rating:
    return actions.save_rating(
        health_check=rating.health_check,
        criterion_code=rating.criterion.code,
        value=value,
        rationale=rationale,
        next_step=next_step,
        version=rating.version,
        by=by,
    )


def answers(cycle, slug: str = "camden") -> list[tuple[str, str, str]]:
    return [(one.value, one.rationale, one.next_step) for one in ratings(cycle, slug)]


@pytest.mark.parametrize("ending", EDITORS)
def test_a_file_that_is_not_edited_changes_nothing(cycle, epo, signed_in, ending):
    for one, text in zip(ratings(cycle), AWKWARD, strict=False):
        save(one, epo, "amber", text, text[::-1])
    client = signed_in(epo)

    response = bring(client, cycle, take(client, cycle, ending))

    assert response.status_code == 200
    assert not response.context["preview"].has_any
    assert "6 unchanged" in response.context["preview"].opening
    assert not ChangeSet.objects.exists()


@pytest.mark.parametrize("ending", EDITORS)
def test_edits_come_back_as_one_set_that_can_be_undone(cycle, epo, signed_in, ending):
    one = ratings(cycle)
    save(one[0], epo, "green", "Stood before")
    client = signed_in(epo)
    before = answers(cycle)
    edits = {
        (2, "Rating"): "RED",
        (2, "Why"): AWKWARD[7],
        (3, "Rating"): " less  relevant ",
        (3, "Why"): AWKWARD[8],
        (4, "Rating"): "g",
        (4, "Next step"): "Ask the borough’s clerk",
    }

    response = bring(client, cycle, EDITORS[ending](take(client, cycle, ending), edits), f"camden.{ending}")
    lines = response.context["preview"].lines
    assert [line.kind for line in lines] == ["Changed", "New", "New"]
    accepted = accept(client, response, ticked(response))

    assert accepted.status_code == 200
    change_set = ChangeSet.objects.get()
    assert (change_set.kind, change_set.title) == ("import", f"3 ratings from camden.{ending}")
    after = answers(cycle)
    assert after[0] == ("red", AWKWARD[7], "")
    assert after[1] == ("less_relevant", AWKWARD[8], "")
    assert after[2] == ("green", "", "Ask the borough’s clerk")
    assert after[3:] == before[3:]
    actions.undo_set(change_set=change_set, by=epo)
    assert answers(cycle) == before


def test_a_second_post_does_nothing_twice(cycle, epo, signed_in):
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(2, "Rating"): "Green"})
    response = bring(client, cycle, content)
    cells = ticked(response)

    first, second = accept(client, response, cells), accept(client, response, cells)

    assert first.redirect_chain[-1] == second.redirect_chain[-1]
    assert ChangeSet.objects.count() == 1
    assert ratings(cycle)[0].version == 1


def test_only_what_is_ticked_is_changed(cycle, epo, signed_in):
    client = signed_in(epo)
    edits = {(row, "Rating"): "Green" for row in (2, 3, 4)}
    response = bring(client, cycle, EDITORS["csv"](take(client, cycle, "csv"), edits))

    none = accept(client, response, [])
    assert none.status_code == 422
    assert "Tick at least one difference" in none.content.decode()
    accept(client, response, ticked(response)[1:2])

    assert [value for value, _why, _next in answers(cycle)].count("green") == 1


def test_a_row_that_others_changed_and_the_file_did_not_is_left_alone(cycle, epo, head, signed_in):
    """0 false conflicts: the history tells what the file began with."""
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(3, "Rating"): "Green"})
    save(ratings(cycle)[0], head, "red", "Saved meanwhile")

    response = bring(client, cycle, content)

    assert len(response.context["preview"].lines) == 1
    assert not response.context["preview"].conflicts
    accept(client, response, ticked(response))
    assert answers(cycle)[0] == ("red", "Saved meanwhile", "")


def test_conflict_shows_both_and_keeps_theirs_unless_mine_is_chosen(cycle, epo, head, signed_in):
    client = signed_in(epo)
    edits = {(2, "Rating"): "A", (2, "Why"): "Mine", (3, "Rating"): "A", (3, "Why"): "Mine too"}
    content = EDITORS["csv"](take(client, cycle, "csv"), edits)
    first, second = ratings(cycle)[:2]
    save(first, head, "red", "Theirs")
    save(second, head, "red", "Theirs too")

    response = bring(client, cycle, content)
    page = response.content.decode()
    assert all(text in page for text in ("Mine", "Theirs", "Mine too", "Theirs too"))
    assert ticked(response) == []
    cells = ticked(response, mine=True)
    accept(client, response, cells[1:])

    assert answers(cycle)[:2] == [("red", "Theirs", ""), ("amber", "Mine too", "")]


def test_a_save_between_preview_and_acceptance_is_a_conflict(cycle, epo, head, signed_in):
    client = signed_in(epo)
    edits = {(2, "Rating"): "G", (3, "Rating"): "G"}
    response = bring(client, cycle, EDITORS["csv"](take(client, cycle, "csv"), edits))
    cells = ticked(response)
    save(ratings(cycle)[0], head, "red", "Saved meanwhile")

    refused = accept(client, response, cells)

    assert refused.status_code == 409
    assert "Saved meanwhile" in refused.content.decode()
    assert not ChangeSet.objects.exists()
    again = ticked(refused, mine=True)
    assert accept(client, response, again).status_code == 200
    assert [value for value, *_ in answers(cycle)][:2] == ["green", "green"]


def test_a_refusal_ticks_what_was_sent_and_nothing_else(cycle, epo, head, signed_in):
    client = signed_in(epo)
    edits = {(row, "Rating"): "G" for row in (2, 3, 4, 5)}
    response = bring(client, cycle, EDITORS["csv"](take(client, cycle, "csv"), edits))
    cells = ticked(response)
    assert len(cells) == 4
    save(ratings(cycle)[0], head, "red", "Saved meanwhile")

    refused = accept(client, response, cells[:2])

    assert refused.status_code == 409
    assert ticked(refused) == cells[1:2]
    accept(client, response, ticked(refused))
    assert [value for value, *_ in answers(cycle)] == ["red", "green", *["not_assessed"] * 4]


def test_a_conflict_that_was_chosen_stays_chosen_until_it_moves_again(cycle, epo, head, signed_in):
    client = signed_in(epo)
    edits = {(row, "Rating"): "G" for row in (2, 3, 4)}
    content = EDITORS["csv"](take(client, cycle, "csv"), edits)
    save(ratings(cycle)[0], head, "red", "Theirs")
    response = bring(client, cycle, content)
    (conflict,) = response.context["preview"].conflicts
    first, _second = ticked(response)
    save(ratings(cycle)[1], head, "red", "Theirs too")

    refused = accept(client, response, [conflict.cell, first])
    assert ticked(refused) == [conflict.cell]
    save(ratings(cycle)[0], head, "red", "Theirs again")
    again = accept(client, response, ticked(refused))

    assert again.status_code == 409
    assert ticked(again) == []


def test_no_tick_and_no_sense_leave_nothing_ticked(cycle, epo, signed_in):
    client = signed_in(epo)
    edits = {(row, "Rating"): "G" for row in (2, 3)}
    response = bring(client, cycle, EDITORS["csv"](take(client, cycle, "csv"), edits))

    for sent in ([], ["mauve"]):
        refused = accept(client, response, sent)
        assert refused.status_code == 422
        assert ticked(refused) == []
    assert len(ticked(client.get(response.redirect_chain[-1][0]))) == 2


def test_more_than_a_form_can_send_are_taken_in_turns(cycle, epo, signed_in, monkeypatch):
    monkeypatch.setattr(words, "AT_ONCE", 4)
    client = signed_in(epo)
    edits = {(row, "Rating"): "Green" for row in range(2, 8)}
    content = EDITORS["csv"](take(client, cycle, "csv"), edits)

    response = bring(client, cycle, content)
    assert "the other 2" in response.content.decode()
    accept(client, response, ticked(response))
    response = bring(client, cycle, content)
    assert len(ticked(response)) == 2
    accept(client, response, ticked(response))

    assert {value for value, *_ in answers(cycle)} == {"green"}


def test_what_was_accepted_elsewhere_meanwhile_changes_nothing(cycle, epo, signed_in):
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(2, "Rating"): "Green"})
    first, second = bring(client, cycle, content), bring(client, cycle, content)
    accept(client, first, ticked(first))

    refused = accept(client, second, ticked(second))

    assert refused.status_code == 409
    assert "Nothing would change" in refused.content.decode()
    assert ChangeSet.objects.count() == 1


def test_upload_that_is_submitted_meanwhile_is_left_out(cycle, epo, signed_in):
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(2, "Rating"): "Green"})
    response = bring(client, cycle, content)
    with pgtrigger.ignore():
        HealthCheck.objects.filter(cycle=cycle).update(
            state="submitted", submitted_at=timezone.now(), submitted_by=epo
        )

    refused = accept(client, response, ticked(response))

    assert refused.status_code == 409
    assert "has been submitted" in refused.content.decode()
    assert client.get(reverse("assessments:ratings-export", args=[cycle.slug, "pdf"])).status_code == 404


def test_rows_of_others_boroughs_are_left_out(cycle, epo, head, signed_in):
    edits = {(row, "Rating"): "Green" for row in range(2, 20)}
    content = EDITORS["csv"](take(signed_in(head), cycle, "csv"), edits)
    client = signed_in(epo)

    response = bring(client, cycle, content)

    preview = response.context["preview"]
    assert {line.name.split(",")[0] for line in preview.lines} == {"Camden"}
    assert any("You may not rate Islington. 6 rows left out." in told for told in preview.left_out)
    accept(client, response, ticked(response))
    assert {value for value, *_ in answers(cycle, "islington")} == {"not_assessed"}


def test_an_upload_is_for_its_own_person_and_cycle(cycle, epo, head, signed_in):
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(2, "Rating"): "Green"})
    address = bring(client, cycle, content).redirect_chain[-1][0]

    assert signed_in(head).get(address).status_code == 404


def test_faults_are_told_with_their_place_and_the_rest_is_offered(cycle, epo, signed_in):
    client = signed_in(epo)
    edits = {
        (2, "Rating"): "Mauve",
        (3, "Rating"): "Green",
        (4, "Rating"): "Less relevant",
        (5, "Why"): "x" * 4001,
        (6, "Version"): "77",
        (7, "Code"): "Z9",
    }
    response = bring(client, cycle, EDITORS["xlsx"](take(client, cycle, "xlsx"), edits))

    preview = response.context["preview"]
    assert len(preview.lines) == 1
    # In the order of the file, whether found in the file alone (2, 5) or beside the ratings.
    assert [fault.place.removeprefix("Sheet Ratings, ") for fault in preview.faults] == [
        "row 2, Rating",
        "row 4, Why",
        "row 5, Why",
        "row 6, Version",
        "row 7, Code",
    ]
    assert "“Mauve” is not a rating" in response.content.decode()


def test_letters_that_no_text_can_hold_are_read_as_they_are_written(cycle, epo, signed_in):
    """A NUL would end in the database's refusal, half of a surrogate pair in no page at all."""
    client = signed_in(epo)
    edited = EDITORS["xlsx"](take(client, cycle, "xlsx"), {(2, "Rating"): "Red", (2, "Why"): "One MARK two"})
    odd = swap("MARK", "_x0000__xD800__x0041_")
    response = bring(client, cycle, repacked(edited, {STRINGS: odd, SHEET: odd}))
    accept(client, response, ticked(response))

    assert answers(cycle)[0] == ("red", "One _x0000__xD800_A two", "")


def test_nothing_to_take_is_refused(cycle, epo, signed_in):
    client = signed_in(epo)
    response = bring(client, cycle, EDITORS["ods"](take(client, cycle, "ods"), {(2, "Rating"): "Mauve"}))

    assert response.status_code == 422
    assert "Nothing was changed" in response.content.decode()


def test_closed_cycle_takes_nothing(cycle, epo, head, signed_in):
    client = signed_in(epo)
    content = take(client, cycle, "csv")
    ReviewCycle.objects.filter(pk=cycle.pk).update(closed_at=timezone.now(), closed_by=head)

    assert bring(client, cycle, content).status_code == 409
    assert client.get(reverse("assessments:ratings-export", args=[cycle.slug, "ods"])).status_code == 409


def test_the_workbook_offers_a_list_and_locks_the_rest(cycle, epo, signed_in, tmp_path):
    path = tmp_path / "edit.xlsx"
    path.write_bytes(take(signed_in(epo), cycle, "xlsx"))

    sheet = openpyxl.load_workbook(path).worksheets[0]

    (rule,) = sheet.data_validations.dataValidation
    assert rule.formula1 == '"Green,Amber,Red,Less relevant,Not assessed"'
    assert str(rule.sqref) == "D2:D7"
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert [cell.protection.locked for cell in sheet[2]] == [True] * 3 + [False] * 3 + [True] * 3
    assert [sheet.column_dimensions[letter].hidden for letter in "AHI"] == [False, True, True]
    assert sheet.freeze_panes == "D2"
    assert "Asked here" in sheet["B2"].comment.text


def test_csv_with_other_signs_and_encodings_is_read(cycle, epo, signed_in):
    content = take(signed_in(epo), cycle, "csv").decode("utf-8-sig")
    for text in (content.replace(",", ";").encode("cp1252"), content.replace(",", "\t").encode("utf-16")):
        read, faults = read_rows(SimpleUploadedFile("x", text), cycle)

        assert (len(read), faults) == (6, [])
        assert {row.value for row in read} == {Status.NOT_ASSESSED}


@pytest.mark.parametrize("rows", [1, 12])
def test_preview_asks_as_many_questions_for_one_row_as_for_many(
    cycle, head, signed_in, rows, django_assert_num_queries
):
    client = signed_in(head)
    edits = {(row, "Rating"): "Green" for row in range(2, 2 + rows)}
    response = bring(client, cycle, EDITORS["csv"](take(client, cycle, "csv"), edits))

    with django_assert_num_queries(QUESTIONS):
        client.get(response.redirect_chain[-1][0])


def test_the_ods_offers_a_list_and_locks_the_rest(cycle, epo, signed_in):
    content = take(signed_in(epo), cycle, "ods")

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("content.xml").decode()
    ratings_table = xml[xml.index('table:name="Ratings"') : xml.index("</table:table>")]

    assert '"Green";"Amber";"Red";"Less relevant";"Not assessed"' in xml
    assert ratings_table.count('table:content-validation-name="list1-3"') == 6
    assert ratings_table.startswith('table:name="Ratings" table:style-name="sheet" table:protected="true"')
    assert ratings_table.count('table:style-name="open"') == 18
    assert ratings_table.count('table:visibility="collapse"') == 2
    assert "Asked here" in ratings_table
    assert 'style:name="open"' in xml


def test_last_cycles_rating_stands_beside_this_ones(cycle, epo, head, camden, signed_in):
    for rating in ratings(cycle):
        save(rating, epo, "amber", "Partly")
    ReviewCycle.objects.filter(pk=cycle.pk).update(closed_at=timezone.now(), closed_by=head)
    cycle.refresh_from_db()
    later = actions.open_cycle(
        framework=cycle.framework,
        name="Spring 2011",
        opens_on=timezone.localdate(),
        closes_on=timezone.localdate() + timedelta(days=60),
        previous=cycle,
        by=head,
    )

    rows = read_csv(take(signed_in(epo), later, "csv"))

    assert [row[6] for row in rows[1:]] == ["Amber"] * 6
    assert [row[3] for row in rows[1:]] == ["Not assessed"] * 6


def test_an_upload_outlives_the_counts_of_sign_ins_that_failed(cycle, epo, signed_in):
    client = signed_in(epo)
    content = EDITORS["csv"](take(client, cycle, "csv"), {(2, "Rating"): "Green"})
    address = bring(client, cycle, content).redirect_chain[-1][0]

    cache.set_many(counts := {f"{number:03}": number for number in range(310)})

    assert (client.get(address).status_code, cache.get_many(counts)) == (200, counts)

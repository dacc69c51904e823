"""The reference data loads whole, reloads without a change, and refuses anything else."""

from pathlib import Path

import pghistory.models
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from assessments import reference as framework
from assessments.models import Criterion
from boroughs import reference as boroughs
from boroughs.models import Borough
from cdrp_portal.reference import BadReferenceData
from recommendations import reference as plan
from recommendations.models import Action, Position, Recommendation


def events() -> int:
    tracked = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
    return sum(model.objects.count() for model in tracked if model._meta.managed)


def changed(tmp_path: Path, source: Path, change) -> Path:
    path = tmp_path / source.name
    path.write_text(change(source.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_all_of_it_loads_and_a_second_run_changes_nothing(db, capsys):
    call_command("load_reference_data")
    before = events()
    call_command("load_reference_data")

    assert Borough.objects.count() == 32
    assert Criterion.objects.count() == 30
    assert Criterion.objects.asked_of_boroughs().count() == 25
    assert Criterion.objects.asked_of_authority_only().count() == 5
    assert Recommendation.objects.count() == 35
    assert Position.objects.count() == 19
    assert events() == before


def test_acceptance_is_what_the_report_asked_for(db):
    call_command("load_reference_data", verbosity=0)

    by = {row.number: row.acceptance for row in Recommendation.objects.all()}
    assert {by[number] for number in range(1, 31)} == {"agreed"}
    assert [by[number] for number in (31, 32, 33, 34, 35)] == [
        "none_recorded",
        "subject_to_budget",
        "subject_to_budget",
        "none_recorded",
        "none_recorded",
    ]


def test_rows_of_the_whole_plan_belong_to_no_recommendation(db):
    call_command("load_reference_data", verbosity=0)

    assert Action.objects.filter(key_point__plan__slug="mps").count() == 2
    june = Position.objects.get(precision="month")
    assert june.stated_on.isoformat() == "2004-06-30"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.rpartition("\n")[0].rpartition("\n")[0], "31 rows"),
        (lambda text: text.replace("E09000033", "E09000001"), "City of London"),
        (lambda text: text.replace("E09000033", "E09000032"), "stands twice"),
    ],
)
def test_other_boroughs_than_the_32_are_refused_whole(db, tmp_path, change, words):
    path = changed(tmp_path, boroughs.FILE, change)

    with pytest.raises(BadReferenceData, match=words):
        boroughs.load_boroughs(path)

    assert not Borough.objects.exists()


def test_a_stranger_among_the_boroughs_is_named(db, camden):
    Borough.objects.filter(pk=camden.pk).update(gss_code="X1", name="Atlantis")

    with pytest.raises(BadReferenceData, match="Atlantis"):
        boroughs.load_boroughs()


def test_a_framework_with_other_counts_is_refused(db, tmp_path):
    wording = "The Authority has no such duty"
    path = changed(tmp_path, framework.FILE, lambda text: text.replace("in use,,", f"in use,{wording},"))

    with pytest.raises(BadReferenceData, match="26 criteria"):
        framework.load_framework(path)


def test_recommendations_out_of_number_are_refused(db, tmp_path):
    source = plan.DATA / "recommendations.csv"
    path = changed(tmp_path, source, lambda text: text.replace("\n2,MPS", "\n1,MPS", 1))

    with pytest.raises(BadReferenceData, match="not numbered"):
        plan.load_recommendations(path)


@pytest.mark.parametrize("text", ["", "soon", "2003-13", "2003-02-30", "2003-1-2-3"])
def test_a_date_that_is_none_is_quoted(text):
    with pytest.raises(BadReferenceData, match="is not a date"):
        plan.day_of(text)


def test_the_command_says_what_is_wrong(db, camden):
    Borough.objects.filter(pk=camden.pk).update(gss_code="X1")

    with pytest.raises(CommandError, match="Camden"):
        call_command("load_reference_data")

"""What the matrix holds, whom it is shown to, and how it is narrowed."""

import re

import pgtrigger
import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assessments.matrix import BadFilter, MatrixFilters, Show, load_matrix
from assessments.matrix.filters import CHOICES
from assessments.models import HealthCheck, Rating, ReviewCycle
from assessments.reach import Reach
from boroughs.models import BoroughLink
from cdrp_portal.status import Movement
from tests import factories
from tests.assessments.grid import fill, make_cycle, make_framework, make_grid
from tests.assessments.matrix.matrices import State, address, loaded, text_of

# What stands in it


def test_matrix_holds_every_rating_under_its_criterion(two_cycles, head):
    matrix = loaded(two_cycles, head)

    found = {
        (row.name, column.code): value
        for row in [matrix.authority, *matrix.rows]
        for column, value in zip(matrix.columns, row.values, strict=True)
    }
    found |= {("The Authority", column.code): value for column, value in matrix.authority_only}
    assert found == two_cycles.ratings()


def test_counts_leave_less_relevant_and_not_assessed_out_of_the_denominator(two_cycles, head):
    matrix = loaded(two_cycles, head)

    assert dict(matrix.counts) == {
        "green": 1,
        "red": 1,
        "amber": 2,
        "less_relevant": 1,
        "not_assessed": 1,
    }
    assert matrix.counts.rated == 4
    assert [counts.rated for counts in matrix.column_counts] == [2, 1, 1]
    assert [row.counts.rated for row in matrix.rows] == [2, 2]


def test_authority_is_counted_nowhere(two_cycles, head):
    matrix = loaded(two_cycles, head)

    assert matrix.authority.counts == {"amber": 3}
    assert matrix.counts.total() == 6
    assert matrix.borough_total == 2


def test_movement_runs_since_the_previous_cycle(two_cycles, head):
    camden, islington = loaded(two_cycles, head).rows

    assert camden.moves == (Movement.BETTER, Movement.NOT_COMPARABLE, Movement.SAME)
    assert islington.moves == (Movement.WORSE, Movement.SAME, Movement.NO_LONGER_ASSESSED)


def test_movement_runs_since_the_cycle_asked_for(two_cycles, head, camden, islington):
    framework = two_cycles.cycle.framework
    oldest = fill(make_cycle(framework, months_ago=2), [camden, islington], lambda _b, _c: "red")

    matrix = loaded(two_cycles, head, since=oldest.cycle.slug)

    assert matrix.since == oldest.cycle
    assert matrix.rows[0].moves[0] is Movement.BETTER
    assert matrix.rows[1].moves[0] is Movement.SAME


def test_movement_follows_a_criterion_into_the_next_framework(two_cycles, head, camden, islington):
    following = fill(
        make_cycle(make_framework(4), months_ago=-1, previous=two_cycles.cycle),
        [camden, islington],
        lambda _b, _c: "green",
    )

    camden_row = loaded(following, head).rows[0]

    assert camden_row.was == ("green", "less_relevant", "amber", None)
    assert camden_row.moves[3] is None


def test_matrix_of_the_first_cycle_compares_nothing(camden, head):
    grid = make_grid()

    matrix = loaded(grid, head)

    assert matrix.since is None
    assert {move for row in matrix.rows for move in row.moves} == {None}
    assert loaded(grid, head, show="worse").rows == ()


def test_position_of_a_closed_cycle_is_the_day_it_closed(two_cycles, head):
    closed = timezone.now() - timezone.timedelta(days=40)
    ReviewCycle.objects.filter(pk=two_cycles.cycle.pk).update(closed_at=closed, closed_by=head)
    two_cycles.cycle.refresh_from_db()

    assert loaded(two_cycles, head).position_at == timezone.localdate(closed)


# Who sees what


def test_matrix_withholds_what_the_reader_may_not_see(two_cycles, epo, head):
    """Islington's ratings are there to leak: the head sees them."""
    assert loaded(two_cycles, head).moves["worse"] == 1

    matrix = loaded(two_cycles, epo)

    assert [row.name for row in matrix.withheld] == ["Islington"]
    assert matrix.withheld[0].values == ()
    assert dict(matrix.counts) == {"green": 1, "less_relevant": 1, "amber": 1}
    assert matrix.moves["worse"] == 0
    assert matrix.authority.is_withheld
    assert matrix.authority_only == ()


def test_matrix_withholds_what_was_not_signed_off_last_time(camden, islington, reader):
    framework = make_framework(2)
    unsigned = fill(make_cycle(framework, months_ago=1), [camden], lambda _b, _c: "red")
    grid = fill(
        make_cycle(framework, previous=unsigned.cycle),
        [camden],
        lambda _b, _c: "green",
        state=State.SIGNED_OFF,
    )

    row = loaded(grid, reader).rows[0]

    assert row.values == ("green", "green")
    assert row.was == (None, None)


@pytest.mark.parametrize("show", [show for show in Show if show is not Show.ALL])
def test_withheld_borough_answers_to_no_question_about_its_ratings(two_cycles, epo, show):
    matrix = loaded(two_cycles, epo, show=show.value)

    assert "Islington" not in [row.name for row in matrix.rows]


def test_page_names_the_withheld_borough_once_and_shows_none_of_it(two_cycles, epo, signed_in):
    page = signed_in(epo).get(address(two_cycles, "?view=table"))

    content = page.content.decode()
    assert content.count("Not signed off yet") == 2  # Islington and the Authority
    assert "Islington, A1" not in content
    assert 'href="islington/' not in content
    assert "Islington is not signed off yet and is not counted." in text_of(page)


def test_list_of_a_withheld_borough_says_so(two_cycles, epo, signed_in):
    page = signed_in(epo).get(address(two_cycles, "?view=list&borough=islington"))

    assert "Islington is not signed off yet." in text_of(page)
    assert "criteria-list" not in page.content.decode()


def test_lead_unit_officer_is_refused(two_cycles, lead, signed_in):
    assert signed_in(lead).get(address(two_cycles)).status_code == 403


def test_stranger_is_sent_to_sign_in(two_cycles, client):
    assert client.get(address(two_cycles)).status_code == 302


def test_unknown_cycle_is_not_found(head, signed_in):
    assert signed_in(head).get("/assessments/never/").status_code == 404


# Filters


def test_show_keeps_the_boroughs_that_have_it(two_cycles, head):
    names = {
        show.value: [row.name for row in loaded(two_cycles, head, show=show.value).rows] for show in Show
    }

    both = ["Camden", "Islington"]
    assert names == {
        "all": both,
        "worse": ["Islington"],
        "red": ["Islington"],
        "changed": both,
        "better": ["Camden"],
        "green": ["Camden"],
        "amber": both,
        "less_relevant": ["Camden"],
        "not_assessed": ["Islington"],
        "not_reconfirmed": [],
    }


def test_theme_and_criterion_keep_their_columns(camden, head):
    grid = fill(make_cycle(make_framework(7)), [camden], lambda _b, _c: "green")

    assert [column.code for column in loaded(grid, head, theme="B").columns] == ["B1", "B2"]
    assert [column.code for column in loaded(grid, head, criterion="C1").columns] == ["C1"]
    assert loaded(grid, head, theme="A", criterion="C1").columns == ()


def test_officer_keeps_the_boroughs_they_are_linked_to(two_cycles, head, epo, islington):
    factories.BoroughLinkFactory(borough=islington, person=epo, kind=BoroughLink.Kind.MEMBER)

    matrix = loaded(two_cycles, head, officer=str(epo.pk))

    assert [row.name for row in matrix.rows] == ["Camden"]
    assert matrix.filters.as_sentence() == "Officer: Demo Officer A."


def test_cover_counts_as_officer(two_cycles, head, epo, islington):
    factories.BoroughLinkFactory(borough=islington, person=epo, kind=BoroughLink.Kind.OFFICER_COVER)

    assert [row.name for row in loaded(two_cycles, head, officer=str(epo.pk)).rows] == ["Camden", "Islington"]


BAD = {
    "show=purple": "“purple” cannot be chosen for show. Choose one of: all, worse, red",
    "cells=runes": "“runes” cannot be chosen for cells. Choose one of: letters, words.",
    "view=globe": "“globe” cannot be chosen for view. Choose one of: table, list.",
    "theme=Z": "There is no theme “Z” among those asked of boroughs in this cycle. Choose one of: A.",
    "theme=' OR 1=1": "“' OR 1=1” cannot be a filter for theme. Write a theme’s letter, such as E.",
    "criterion=A4": "There is no criterion “A4” among those asked of boroughs in this cycle.",
    "officer=abc": "“abc” cannot be a filter for officer.",
    "officer=999999": "No officer of that number is linked to a borough.",
    "since=never": "“never” is not a review cycle before",
    "borough=atlantis": "“atlantis” is not in this matrix.",
    "borough=%00": "cannot be a filter for borough",
    "theme=" + "E" * 5000: "cannot be a filter for theme",
}


@pytest.mark.parametrize(("query", "sentence"), BAD.items(), ids=[query[:20] for query in BAD])
def test_bad_filter_is_refused_in_words(two_cycles, head, signed_in, query, sentence):
    page = signed_in(head).get(address(two_cycles, f"?{query}"))

    assert page.status_code == 400
    assert sentence in text_of(page)


@pytest.mark.parametrize("query", [query for query in BAD if not query.startswith("borough=atlantis")])
def test_export_refuses_the_same_filters(two_cycles, head, signed_in, query):
    export = reverse("assessments:matrix-export", args=[two_cycles.cycle.slug, "csv"])

    assert signed_in(head).get(f"{export}?{query}").status_code == 400


def test_cycle_cannot_be_compared_with_a_later_one(two_cycles, head):
    earlier = two_cycles.cycle.previous

    with pytest.raises(BadFilter, match="none, because this is the first"):
        load_matrix(cycle=earlier, user=head, filters=MatrixFilters(since=two_cycles.cycle.slug))


@pytest.mark.slow
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "theme": st.sampled_from("ABCDEFGHI"),
            "criterion": st.from_regex(r"[A-Z][1-9]", fullmatch=True),
            "officer": st.integers(0, 10**8).map(str),
            "since": st.from_regex(r"[a-z0-9-]{1,60}", fullmatch=True),
            "borough": st.from_regex(r"[a-z-]{1,60}", fullmatch=True),
            **{name: st.sampled_from(choices.values) for name, choices in CHOICES.items()},
        },
    )
)
def test_filters_survive_their_own_address(query):
    filters = MatrixFilters.from_query(query)

    again = MatrixFilters.from_query(QueryDict(filters.as_query().removeprefix("?")))

    assert again == filters


def test_address_without_what_is_only_drawn():
    filters = MatrixFilters(theme="E", cells="words", view="list", borough="camden")

    assert filters.as_query(data_only=True) == "?theme=E"
    assert filters.as_query(theme="", cells="letters", view="", borough="") == ""


# What is not re-confirmed


def test_carried_and_lapsed_answers_are_hatched_counted_and_filtered(two_cycles, head, signed_in):
    yesterday = timezone.localdate() - timezone.timedelta(days=1)
    camden, islington = (
        Rating.objects.filter(health_check__cycle=two_cycles.cycle, health_check__borough__name=name)
        for name in ("Camden", "Islington")
    )
    with pgtrigger.ignore():
        camden.filter(criterion__code="A1").update(is_carried=True)
        camden.filter(criterion__code="A3").update(evidence_until=yesterday)
        islington.filter(criterion__code="A1").update(evidence_until=timezone.localdate())

    page = signed_in(head).get(address(two_cycles))
    content = page.content.decode()

    assert re.findall(r'class="cell (s-\w[ a-z]* stale)"', content) == ["s-g up stale", "s-a stale"]
    assert "Camden, A1 Title A1: Green, was Amber, not re-confirmed" in content
    assert '<a href="?show=not_reconfirmed">2 not re-confirmed, or on lapsed evidence</a>' in content
    assert "not re-confirmed this cycle" in content
    assert [row.name for row in loaded(two_cycles, head, show="not_reconfirmed").rows] == ["Camden"]


def test_nothing_to_re_confirm_is_neither_counted_nor_in_the_key(two_cycles, head, signed_in):
    client = signed_in(head)

    assert "not re-confirmed" not in client.get(address(two_cycles)).content.decode()
    nothing = text_of(client.get(address(two_cycles, "?show=not_reconfirmed")))
    assert "Every borough’s answer to any criterion is confirmed." in nothing


def test_row_says_the_versions_to_save_over_or_why_it_cannot_be_changed(two_cycles, epo, head, signed_in):
    with pgtrigger.ignore():
        HealthCheck.objects.filter(borough__name="Camden", cycle=two_cycles.cycle).update(
            state=State.DRAFT, submitted_at=None, submitted_by=None
        )

    content = signed_in(head).get(address(two_cycles)).content.decode()
    matrix = loaded(two_cycles, head)

    assert '<tr id="row-camden" data-v="0 0 0">' in content
    assert '<tr id="row-islington">' in content
    assert matrix.read_only == "It has been submitted. Take it back to change it."
    assert loaded(two_cycles, epo).borough("camden").read_only == ""


@pytest.mark.parametrize("role", ["epo", "member", "head", "clerk", "reader", "lead", "administrator"])
def test_visibility_of_each_is_what_visible_to_keeps(two_cycles, request, role, camden, islington):
    """All ways of asking, with and without the boroughs that the reader is linked to."""
    user = request.getfixturevalue(role)
    with pgtrigger.ignore():
        HealthCheck.objects.filter(pk=two_cycles.checks[2].pk).update(
            state=State.SIGNED_OFF, signed_off_at=timezone.now(), signed_off_by=user
        )
    kept = set(HealthCheck.objects.visible_to(user).values_list("pk", flat=True))
    linked = [camden.pk] if role in ("epo", "member") else []

    for told in (None, linked):
        marked = HealthCheck.objects.with_visibility(user, linked=told)
        reach = Reach(user, told)
        assert {check.pk for check in marked if check.is_visible} == kept
        assert {check.pk for check in marked if reach.reaches(check.state, check.borough_id)} == kept

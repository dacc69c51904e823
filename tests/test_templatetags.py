import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Template

from cdrp_portal.status import Status
from cdrp_portal.templatetags.portal import movement_words


def rendered(source: str, **context: object) -> str:
    return Template("{% load portal %}" + source).render(Context(context)).strip()


@pytest.mark.parametrize("value", Status.values)
def test_status_chip_stands_with_its_word(value):
    html = rendered("{% status value %}", value=value)

    assert html == f'<span class="chip {Status(value).css_class}">{Status(value).label}</span>'


def test_status_chip_of_an_unanswered_criterion_says_not_assessed():
    assert rendered("{% status value %}", value=None) == '<span class="chip s-n">Not assessed</span>'


def test_status_chip_with_a_count_of_nought_shows_it():
    assert rendered("{% status 'red' 0 %}") == '<span class="chip s-r">0 Red</span>'


def test_movement_says_what_it_was():
    html = rendered("{% movement 'amber' 'green' 'Spring 2010' %}")

    assert html == '<span class="move move--worse">Worse: was Green in Spring 2010</span>'


def test_movement_is_silent_where_nothing_moved():
    assert rendered("{% movement 'amber' 'amber' %}") == ""


@pytest.mark.parametrize(
    ("now", "was", "words"),
    [
        ("green", "amber", "Better: was Amber"),
        ("green", "not_assessed", "Newly assessed"),
        ("less_relevant", "red", "Not comparable: was Red"),
        ("not_assessed", "red", "No longer assessed: was Red"),
    ],
)
def test_movement_words(now, was, words):
    assert movement_words(now, was) == words


def test_movement_escapes_the_name_of_a_cycle():
    html = rendered("{% movement 'amber' 'green' cycle %}", cycle="<b>Spring</b>")

    assert "<b>" not in html


def test_dates_are_written_the_british_way():
    moment = dt.datetime(2010, 7, 14, 13, 32, tzinfo=ZoneInfo("UTC"))

    assert rendered("{{ day|uk_date }}", day=dt.date(2010, 10, 14)) == "14 October 2010"
    assert rendered("{{ moment|uk_time }}", moment=moment) == "14:32"
    assert rendered("{{ moment|uk_moment }}", moment=moment) == "14 July 2010, 14:32"


@pytest.mark.parametrize("name", ["uk_date", "uk_time", "uk_moment"])
def test_dates_that_are_not_there_leave_nothing(name):
    assert rendered("{{ day|" + name + " }}", day=None) == ""


def test_key_lists_only_what_is_drawn():
    html = rendered(
        '{% include "includes/_key.html" with statuses=statuses letters=True %}',
        statuses=[Status.GREEN, Status.RED],
    )

    assert "G Green" in html
    assert "R Red" in html
    assert "Amber" not in html
    assert "better" not in html
    assert "re-confirmed" not in html


def test_part_drawn_once_knows_nothing_of_the_page():
    source = Template("{% load portal %}{% once %}[{{ name }}]{% endonce %}{{ name }}")

    assert [source.render(Context({"name": name})) for name in "AB"] == ["[]A", "[]B"]


def test_part_drawn_once_is_not_drawn_again():
    drawn = []
    source = Template("{% load portal %}{% once %}{% firstof '<b>' %}{% endonce %}")
    source.nodelist[1].inside.render = lambda context: drawn.append(context) or "drawn"

    assert [source.render(Context()) for _turn in range(3)] == ["drawn"] * 3
    assert len(drawn) == 1


def test_kept_part_is_drawn_where_it_is_named_and_escaped_once():
    html = rendered("{% keep part %}<i>{{ name }}</i>{% endkeep %}{{ part }}{{ part }}", name="<b>")

    assert html == "<i>&lt;b&gt;</i>" * 2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from committees.markup import (
    LiveMatrix,
    LiveProgress,
    MarkupError,
    count_of_recommendations,
    live_blocks,
    parse,
)
from committees.models import Numbering


def words(block) -> str:
    return "".join(run["text"] for run in block["runs"])


def test_paragraphs_number_straight_through_across_subheadings():
    blocks = parse("One\n\n## What follows\n\nTwo\n\nThree", Numbering.PARAGRAPHS)

    assert [(block["kind"], block.get("number")) for block in blocks] == [
        ("paragraph", "1"),
        ("subheading", None),
        ("paragraph", "2"),
        ("paragraph", "3"),
    ]


def test_a_lone_paragraph_has_no_number():
    [block] = parse("None", Numbering.PARAGRAPHS)

    assert block == {"kind": "paragraph", "number": None, "runs": [{"text": "None"}]}


def test_a_list_under_a_numbered_paragraph_is_one_step_in():
    blocks = parse("First\n\nSecond:\n\n1. a\n2. b\n\n- c", Numbering.PARAGRAPHS)

    assert [(block["kind"], block.get("ordered"), block.get("step")) for block in blocks[2:]] == [
        ("list", True, 1),
        ("list", False, 1),
    ]


def test_one_recommendation_is_a_sentence_with_that():
    [block] = parse("members note the report", Numbering.THAT)

    assert words(block) == "That members note the report"


def test_a_recommendation_that_begins_with_that_is_left_alone():
    [block] = parse("That members note the report", Numbering.THAT)

    assert words(block) == "That members note the report"


@pytest.mark.parametrize("text", ["a\n\nb\n\nc", "1. a\n2. b\n3. c"])
def test_several_recommendations_are_that_and_a_list(text):
    that, items = parse(text, Numbering.THAT)

    assert words(that) == "That"
    assert [words(item) for item in items["items"]] == ["a", "b", "c"]
    assert count_of_recommendations(text) == 3


def test_no_recommendation_prints_nothing():
    assert parse("", Numbering.THAT) == []
    assert count_of_recommendations("") == 0


def test_bold_is_kept_and_everything_else_is_text():
    [block] = parse("See **Appendix 1** <b>not bold</b> [x](http://y) ![z](file:///z)", Numbering.NONE)

    assert block["runs"] == [
        {"text": "See "},
        {"text": "Appendix 1", "bold": True},
        {"text": " <b>not bold</b> [x](http://y) ![z](file:///z)"},
    ]


def test_lines_stay_apart_where_nothing_is_numbered():
    blocks = parse("MPA general: 020\nMedia: 021", Numbering.NONE)

    assert blocks == [{"kind": "lines", "lines": ["MPA general: 020", "Media: 021"]}]


def test_live_blocks_are_found():
    text = (
        "See below.\n\n[matrix: autumn-2009, theme c]\n\n[matrix: autumn-2009]\n\n[progress: 12, 31-33]"
        "\n\n[matrix: autumn-2009, theme C, evidence]\n\n[Matrix: autumn-2009, Evidence]"
    )

    assert live_blocks(text) == [
        LiveMatrix("autumn-2009", "C"),
        LiveMatrix("autumn-2009", None),
        LiveProgress((12, 31, 32, 33)),
        LiveMatrix("autumn-2009", "C", with_evidence=True),
        LiveMatrix("autumn-2009", None, with_evidence=True),
    ]


@pytest.mark.parametrize(
    "line",
    ["[matrix: ]", "[matrix: a b]", "[progress: ]", "[progress: x]", "[progress: 9-3]", "[progress: 1-999]"],
)
def test_a_live_block_that_cannot_be_understood_is_quoted(line):
    with pytest.raises(MarkupError, match="“"):
        parse(line, Numbering.NONE)


@given(st.text(max_size=400), st.sampled_from(Numbering.values))
def test_any_text_is_parsed_or_refused_in_words(text, numbering):
    try:
        blocks = parse(text, numbering)
    except MarkupError:
        return

    assert all(isinstance(block, dict | LiveMatrix | LiveProgress) for block in blocks)

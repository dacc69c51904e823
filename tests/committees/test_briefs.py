"""How a borough stands, in plain words."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from assessments.content.doubts import Doubts
from assessments.models import Rating
from cdrp_portal.dates import LONDON
from committees import documents
from committees.content.brief import borough_stories, borough_story
from committees.content.plain_words import ALWAYS_WORTH_ASKING, PLAIN
from committees.rendering import render_html
from recommendations.models import Action, Progress
from tests import factories

pytestmark = pytest.mark.django_db

ON = date(2010, 10, 14)


class Partnership:
    """A borough with a closed cycle, Spring 2010, and an open one, Autumn 2010."""

    def __init__(self, borough) -> None:
        self.borough = borough
        self.spring = factories.ReviewCycleFactory(
            name="Spring 2010", slug="spring-2010", opens_on=date(2010, 3, 1), closes_on=date(2010, 5, 1)
        )
        self.autumn = factories.ReviewCycleFactory(
            name="Autumn 2010",
            slug="autumn-2010",
            framework=self.spring.framework,
            previous=self.spring,
            opens_on=date(2010, 9, 1),
            closes_on=date(2010, 11, 1),
        )
        self.theme = factories.ThemeFactory(framework=self.spring.framework)
        self.was = factories.HealthCheckFactory(cycle=self.spring, borough=borough)
        self.now = factories.HealthCheckFactory(cycle=self.autumn, borough=borough)
        self.position = 0

    def rated(self, was: str, now: str, code: str = "", why: str = "Seen in the minutes. More below."):
        self.position += 1
        criterion = factories.CriterionFactory(
            theme=self.theme, position=self.position, **({"code": code} if code else {})
        )
        factories.RatingFactory(health_check=self.was, criterion=criterion, value=was, rationale="Then.")
        return factories.RatingFactory(health_check=self.now, criterion=criterion, value=now, rationale=why)

    def overdue(self, text: str, *, rating=None) -> Action:
        origin = {"origin": "rating", "rating": rating, "key_point": None} if rating else {}
        return factories.ActionFactory(
            text=text,
            borough=self.borough,
            due_on=ON - timedelta(days=14),
            status=Progress.IN_PROGRESS,
            lead_unit=factories.LeadUnitFactory(name=f"Council and police {text[:8]}"),
            **origin,
        )


@pytest.fixture
def partnership(camden):
    return Partnership(camden)


def test_story_tells_what_moved_with_its_reason(partnership, camden, member):
    partnership.rated("green", "red", "D2", "None since December 2009. The October date was cancelled.")
    partnership.rated("red", "amber", "F3", "Sent on 2 September.")
    partnership.rated("green", "green", "E1")

    story = borough_story(camden, member, ON)

    assert story["worse"] == [
        {"code": "D2", "title": "Public meeting", "text": "None since December 2009. Now red."}
    ]
    assert story["better"] == [
        {"code": "F3", "title": "Six-monthly report", "text": "Sent on 2 September. Was red."}
    ]
    assert story["counts"] == {"green": 1, "amber": 1, "red": 1}
    assert (story["cycle"], story["compared_with"], story["state"]) == ("Autumn 2010", "Spring 2010", "draft")


def test_story_cuts_a_long_reason_between_words(partnership, camden, member):
    partnership.rated("green", "red", "D2", "word " * 100)

    text = borough_story(camden, member, ON)["worse"][0]["text"]

    assert text.endswith("word… Now red.")
    assert len(text) < 180


@pytest.mark.parametrize(
    ("values", "opening"),
    [
        (["green"] * 5, "Camden has everything in place."),
        (["green"] * 4 + ["red"], "Camden has nearly everything in place."),
        (["green"] * 3 + ["red"] * 2, "Camden is mostly in place."),
        (["green"] * 2 + ["red"] * 3, "Camden is about half in place."),
        (["green"] + ["amber"] * 4, "Camden has much still to put in place."),
        (["green"] * 3 + ["less_relevant"] * 5, "Camden has everything in place."),
    ],
)
def test_sentence_opens_with_the_share_of_green_among_the_rated(partnership, camden, member, values, opening):
    for value in values:
        partnership.rated(value, value)

    sentence = borough_story(camden, member, ON)["sentence"]

    assert sentence == f"{opening} Nothing has moved since Spring 2010."


def test_sentence_names_up_to_three_that_got_worse_red_first(partnership, camden, member):
    partnership.rated("green", "amber", "E1")
    partnership.rated("amber", "red", "D2")

    two = borough_story(camden, member, ON)["sentence"]
    partnership.rated("green", "amber", "G2")
    partnership.rated("green", "amber", "H1")
    four = borough_story(camden, member, ON)["sentence"]

    assert "Two things got worse: public meeting and information-sharing protocol." in two
    assert "Four things got worse, among them public meeting and information-sharing protocol." in four


def test_sentence_counts_what_is_overdue_and_what_is_still_to_come(partnership, camden, member):
    partnership.rated("amber", "green")
    partnership.rated("green", "not_assessed")
    partnership.overdue("Agree a new date")

    sentence = borough_story(camden, member, ON)["sentence"]

    assert sentence == (
        "Camden has everything in place. Nothing got worse, and one thing got better. "
        "One action is overdue. One of the answers is still to come."
    )


def test_doubts_are_said_to_whoever_only_reads(partnership, camden, member, signed_in):
    """On the home page and the brief, on the borough's page, and beside each answer of the health check."""
    carried, lapsed, waiting = (partnership.rated("green", "green", code) for code in ("D1", "D2", "D3"))
    Rating.objects.filter(pk=carried.pk).update(is_carried=True)
    Rating.objects.filter(pk=lapsed.pk).update(evidence_until=ON - timedelta(days=1))
    Rating.objects.filter(pk=waiting.pk).update(proof_due_on=date(2010, 9, 30))

    sentence = borough_story(camden, member, ON)["sentence"]
    borough = signed_in(member).get(camden.get_absolute_url()).content.decode()
    check = signed_in(member).get(partnership.now.get_absolute_url()).content.decode()

    doubts = (
        "One answer is last cycle’s, and not confirmed yet. The evidence for one answer no longer holds. "
        "One green waits for its proof."
    )
    assert sentence.endswith(doubts)
    assert doubts in borough
    for words in (
        "Last cycle’s answer, not re-confirmed",
        "its evidence held until",
        "Proof was due on 30 September 2010",
    ):
        assert words in check


def test_story_gives_no_officers_reason_for_what_a_moderator_changed(partnership, camden, member, head):
    rating = partnership.rated("green", "amber", "D2", "Held in March. All came.")
    moderated = {
        "moderation_reason": "Nobody senior came",
        "moderated_at": timezone.now(),
        "moderated_by": head,
    }
    Rating.objects.filter(pk=rating.pk).update(officer_value="green", **moderated)

    story = borough_story(camden, member, ON)

    assert story["worse"] == [{"code": "D2", "title": "Public meeting", "text": "Now amber."}]


def test_doubts_are_counted_in_words():
    assert Doubts(carried=0, lapsed=0, waiting=0).sentence == ""
    assert Doubts(carried=4, lapsed=2, waiting=12).sentence == (
        "Four answers are last cycle’s, and not confirmed yet. "
        "The evidence for two answers no longer holds. 12 greens wait for their proof."
    )


def test_sentence_of_a_borough_without_answers(partnership, camden, islington, member):
    partnership.rated("green", "not_assessed")

    stories = borough_stories([camden, islington], member, ON)

    assert stories[camden.pk]["sentence"] == "Nothing has been answered yet for Camden in Autumn 2010."
    assert stories[islington.pk]["sentence"] == "Islington has no answers yet that are signed off."


def test_story_shows_nobody_an_answer_that_is_not_theirs_to_read(partnership, camden, reader):
    partnership.rated("green", "red", "D2", "A secret reason.")
    now = datetime(2010, 5, 1, tzinfo=LONDON)
    by = factories.UserFactory()
    partnership.was.submitted_at, partnership.was.submitted_by = now, by
    for step in ("submitted", "signed_off"):
        partnership.was.state = step
        partnership.was.signed_off_at, partnership.was.signed_off_by = (
            (now, by) if step == "signed_off" else (None, None)
        )
        partnership.was.save()

    story = borough_story(camden, reader, ON)

    assert (story["cycle"], story["counts"]) == ("Spring 2010", {"green": 1})
    assert "secret" not in str(story)


def test_questions_come_from_worse_then_overdue_then_red_then_amber(partnership, camden, member):
    partnership.rated("amber", "amber", "G2")
    partnership.rated("red", "red", "E1")
    partnership.rated("green", "amber", "D2")
    partnership.overdue("Agree a new date for the public meeting")

    assert borough_story(camden, member, ON)["questions"] == [
        PLAIN["D2"].question,
        "What holds up “Agree a new date for the public meeting”, due 30 September 2010?",
        PLAIN["E1"].question,
    ]


def test_questions_ask_once_about_one_criterion(partnership, camden, member):
    rating = partnership.rated("green", "red", "D2")
    partnership.overdue("Agree a new date for the public meeting", rating=rating)

    questions = borough_story(camden, member, ON)["questions"]

    assert questions == [PLAIN["D2"].question, *ALWAYS_WORTH_ASKING[:2]]


def test_questions_are_three_even_where_all_is_well(partnership, camden, member):
    partnership.rated("green", "green")

    assert borough_story(camden, member, ON)["questions"] == list(ALWAYS_WORTH_ASKING)


def test_story_names_the_next_meeting_as_a_member_would(partnership, camden, member):
    for day, hour, minute in ((10, 10, 0), (21, 18, 0), (28, 10, 30)):
        factories.MeetingFactory(
            borough=camden, starts_at=datetime(2010, 10, day, hour, minute, tzinfo=LONDON)
        )

    assert borough_story(camden, member, ON)["next_meeting"] == {
        "title": "Community safety partnership",
        "when": "Thursday 21 October, 6pm",
        "where": "Town Hall, room 2",
        "month": "Oct",
        "day": 21,
    }
    later = borough_story(camden, member, date(2010, 10, 22))["next_meeting"]
    assert later["when"] == "Thursday 28 October, 10.30am"


def test_story_tells_how_late_an_action_is(partnership, camden, member):
    partnership.rated("green", "green")
    action = partnership.overdue("Agree a new date")

    (overdue,) = borough_story(camden, member, ON)["overdue"]

    assert overdue["title"] == "Agree a new date"
    assert overdue["text"] == f"{action.lead_unit}, due 30 September 2010, 14 days late"
    assert overdue["url"] == action.get_absolute_url()


def test_stories_ask_the_same_number_of_questions_for_one_borough_and_three(
    camden, head, django_assert_num_queries
):
    boroughs = [camden]
    partnership = Partnership(camden)
    partnership.rated("green", "red")
    partnership.overdue("Agree a new date")
    for count in (1, 3):
        while len(boroughs) < count:
            boroughs.append(factories.BoroughFactory())
            for cycle in (partnership.spring, partnership.autumn):
                check = factories.HealthCheckFactory(cycle=cycle, borough=boroughs[-1])
                factories.RatingFactory(
                    health_check=check, criterion=factories.CriterionFactory(theme=partnership.theme)
                )
            factories.MeetingFactory(borough=boroughs[-1])
        with django_assert_num_queries(5):
            borough_stories(boroughs, head, ON)


def test_brief_is_printed_from_the_story(partnership, camden, member):
    partnership.rated("green", "red", "D2", "None since December 2009.")
    factories.BoroughLinkFactory(
        borough=camden, person=factories.UserFactory(name="Demo Officer Z", role="epo")
    )

    manuscript = documents.gather("borough-brief", {"borough": "camden"}, by=member)
    page = render_html(manuscript.content)

    assert (manuscript.title, manuscript.filename) == ("Brief for Camden", "brief-camden.pdf")
    for words in ("None since December 2009. Now red.", PLAIN["D2"].question, "Demo Officer Z"):
        assert words in page

"""A framework's next version: written as a draft, compared, published, and then held by the database too."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from assessments.actions import frameworks as actions
from assessments.actions.frameworks import Wording
from assessments.content.continuity import continuity
from assessments.content.frameworks import read_framework
from assessments.models import Criterion, Framework, Theme
from tests import factories
from tests.assessments.grid import make_framework

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Framework:
    """Themes A (A1 to A4) and B (B1 of boroughs, B2 of the Authority alone)."""
    return make_framework(5, authority_alone=1)


@pytest.fixture
def draft(first, head) -> Framework:
    return actions.start_version(framework=first, by=head)


def criterion(framework, code) -> Criterion:
    return Criterion.objects.select_related("theme__framework").get(theme__framework=framework, code=code)


def codes(framework) -> list[str]:
    found = Criterion.objects.filter(theme__framework=framework).order_by("position")
    return list(found.values_list("code", flat=True))


def wording(**more) -> Wording:
    asked = {
        "short_title": "Asked anew",
        "authority_wording": "The Authority asks it",
        "borough_wording": "Asked here",
        "evidence_expected": "",
        "continues_id": None,
        "is_comparable": True,
    }
    return Wording(**{**asked, **more})


def reworded(one, **more) -> Wording:
    was = Wording.of(one)
    return Wording(**{**{name: getattr(was, name) for name in was.__dataclass_fields__}, **more})


def sent(one, **more) -> dict[str, str]:
    was = Wording.of(one)
    return {
        "short_title": was.short_title,
        "authority_wording": was.authority_wording,
        "borough_wording": was.borough_wording,
        "evidence_expected": was.evidence_expected,
        "continues": str(was.continues_id or ""),
        "seen": was.stamp,
        **more,
    }


def test_new_version_asks_the_same_and_says_what_it_continues(first, draft):
    page = read_framework(draft)

    assert (draft.version, draft.is_draft, codes(draft)) == (first.version + 1, True, codes(first))
    assert [line.criterion.continues_id for line in page.lines] == list(
        Criterion.objects.filter(theme__framework=first).order_by("position").values_list("pk", flat=True)
    )
    assert (page.changed, page.dropped) == ([], [])


def test_one_draft_at_a_time(first, draft, head, signed_in):
    with pytest.raises(actions.FrameworkRefused, match="is being written already"):
        actions.start_version(framework=first, by=head)
    page = signed_in(head).post(f"/assessments/frameworks/{first.pk}/new-version/", follow=True)
    assert "is being written already" in page.content.decode()


def test_version_that_was_changed_says_what_is_different(draft, head):
    one = criterion(draft, "A1")
    actions.reword_criterion(
        criterion=one, wording=reworded(one, short_title="Else"), seen=Wording.of(one).stamp, by=head
    )
    two = criterion(draft, "A2")
    actions.reword_criterion(
        criterion=two, wording=reworded(two, is_comparable=False), seen=Wording.of(two).stamp, by=head
    )
    actions.drop_criterion(criterion=criterion(draft, "A4"), by=head)
    actions.add_criterion(theme=draft.themes.get(code="A"), wording=wording(), by=head)

    page = read_framework(draft)

    assert {line.criterion.code: line.said for line in page.changed} == {
        "A1": "Reworded",
        "A2": "Changed, so not comparable",
        "A5": "New",
    }
    assert page.changed[0].rewordings == [("Short title", "Title A1", "Else")]
    assert [one.code for one in page.dropped] == ["A4"]
    assert codes(draft) == ["A1", "A2", "A3", "A5", "B1", "B2"]


def test_criterion_can_take_over_from_a_dropped_one(first, draft, head):
    taken = criterion(first, "A4")
    with pytest.raises(actions.FrameworkRefused, match="A4 Title A4 asks that one on already"):
        actions.add_criterion(
            theme=draft.themes.get(code="B"), wording=wording(continues_id=taken.pk), by=head
        )
    actions.drop_criterion(criterion=criterion(draft, "A4"), by=head)

    added = actions.add_criterion(
        theme=draft.themes.get(code="B"), wording=wording(continues_id=taken.pk), by=head
    )

    assert added.code == "B3"
    earlier = continuity(draft.pk, first.pk).earlier("B3")
    assert earlier is not None
    assert (earlier.code, earlier.is_comparable) == ("A4", True)
    assert read_framework(draft).changed[0].said == "Was A4, reworded"


def test_criteria_are_moved_within_their_theme(draft, head):
    actions.move_criterion(criterion=criterion(draft, "A3"), up=True, by=head)
    actions.move_criterion(criterion=criterion(draft, "A1"), up=True, by=head)
    actions.move_criterion(criterion=criterion(draft, "A4"), up=False, by=head)
    actions.move_criterion(criterion=criterion(draft, "B1"), up=False, by=head)

    assert codes(draft) == ["A1", "A3", "A2", "A4", "B2", "B1"]


def test_themes_are_added_renamed_and_dropped(draft, head):
    theme = actions.add_theme(framework=draft, title="Else", by=head)
    actions.rename_theme(theme=theme, title="Other", seen="Else", by=head)
    with pytest.raises(actions.FrameworkRefused, match="C Other has no criterion"):
        actions.publish(framework=draft, by=head)
    with pytest.raises(actions.FrameworkRefused, match="still has criteria"):
        actions.drop_theme(theme=draft.themes.get(code="A"), by=head)

    actions.drop_theme(theme=theme, by=head)

    assert list(draft.themes.values_list("code", flat=True)) == ["A", "B"]


def test_change_of_what_somebody_has_dropped_meanwhile_is_refused(draft, head):
    one, theme = criterion(draft, "A2"), actions.add_theme(framework=draft, title="Short-lived", by=head)
    held = Theme.objects.select_related("framework").get(pk=theme.pk)
    asked = Criterion.objects.select_related("theme__framework").get(pk=one.pk)
    actions.drop_criterion(criterion=one, by=head)
    actions.drop_theme(theme=theme, by=head)

    def refused(**verbs):
        for verb, what in verbs.items():
            with pytest.raises(actions.FrameworkRefused, match="Somebody has dropped this meanwhile"):
                getattr(actions, verb)(**what, by=head)

    refused(
        move_criterion={"criterion": asked, "up": True},
        reword_criterion={"criterion": asked, "wording": wording(), "seen": ""},
        rename_theme={"theme": held, "title": "Renamed", "seen": ""},
        add_criterion={"theme": held, "wording": wording()},
    )
    gone = Framework.objects.get(pk=draft.pk)
    actions.discard(framework=draft, by=head)
    refused(publish={"framework": gone}, add_theme={"framework": gone, "title": "Late"})


def test_framework_that_asks_boroughs_nothing_is_not_published(head):
    empty = factories.FrameworkFactory(is_draft=True)

    with pytest.raises(actions.FrameworkRefused, match="at least one criterion of the boroughs"):
        actions.publish(framework=empty, by=head)


def test_no_letter_is_left_after_z(draft, head):
    factories.ThemeFactory(framework=draft, code="Z")

    with pytest.raises(actions.FrameworkRefused, match="no letter left"):
        actions.add_theme(framework=draft, title="One more", by=head)


def test_published_framework_is_not_changed_by_any_verb(draft, head):
    actions.publish(framework=draft, by=head)
    one, theme = criterion(draft, "A1"), draft.themes.get(code="A")

    for verb in (
        lambda: actions.reword_criterion(criterion=one, wording=wording(), seen="", by=head),
        lambda: actions.drop_criterion(criterion=one, by=head),
        lambda: actions.move_criterion(criterion=one, up=False, by=head),
        lambda: actions.add_criterion(theme=theme, wording=wording(), by=head),
        lambda: actions.add_theme(framework=draft, title="Else", by=head),
        lambda: actions.rename_theme(theme=theme, title="Else", seen="", by=head),
        lambda: actions.drop_theme(theme=theme, by=head),
        lambda: actions.publish(framework=draft, by=head),
        lambda: actions.discard(framework=draft, by=head),
    ):
        with pytest.raises(actions.FrameworkRefused, match="Start a new version"):
            verb()


@pytest.mark.parametrize("who", ["epo", "clerk", "member", "reader", "lead"])
def test_frameworks_are_for_the_head_and_the_administrator(who, draft, request, signed_in):
    person = request.getfixturevalue(who)

    with pytest.raises(PermissionDenied):
        actions.publish(framework=draft, by=person)
    assert signed_in(person).get(f"/assessments/frameworks/{draft.pk}/").status_code == 403


def test_administrator_may_write_a_version(first, administrator):
    assert actions.start_version(framework=first, by=administrator).is_draft


def refused(change) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError:
        return True
    return False


def test_database_holds_what_a_cycle_has_asked(first, draft):
    factories.ReviewCycleFactory(framework=first)
    criteria, themes = Criterion.objects.filter(theme__framework=first), first.themes.all()
    changes = [
        lambda: criteria.update(borough_wording="Else"),
        lambda: criteria.filter(continued_by=None).delete(),
        lambda: Criterion.objects.filter(pk=criteria[0].pk).update(position=99),
        lambda: themes.update(title="Else"),
        lambda: Theme.objects.filter(pk=themes[0].pk).update(code="Q"),
        lambda: Framework.objects.filter(pk=first.pk).update(name="Else"),
        lambda: Framework.objects.filter(pk=first.pk).update(is_draft=True),
        lambda: factories.ReviewCycleFactory(framework=draft),
    ]

    outcome = [refused(change) for change in changes]

    # The second finds nothing to delete: every criterion is continued by the draft.
    assert outcome == [True, False, True, True, True, True, True, True]
    same = Criterion.objects.filter(pk=criteria[0].pk)
    assert not refused(lambda: same.update(borough_wording=criteria[0].borough_wording))


INTO_THEMES = "INSERT INTO assessments_theme (framework_id, code, title) VALUES (%s, 'Y', 'Else')"
INTO_CRITERIA = """
    INSERT INTO assessments_criterion (theme_id, code, position, short_title, authority_wording,
        borough_wording, evidence_expected, derived_from, is_comparable)
    VALUES (%s, 'Y1', 99, 'Else', 'Everywhere', 'Here', '', '', true)"""


def raw(sql: str, *parameters: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_database_takes_nothing_into_what_a_cycle_has_asked(first, draft):
    """Whoever asks: the same SQL is taken for a draft, which is the control."""
    factories.ReviewCycleFactory(framework=first)
    asked, written = first.themes.get(code="A"), draft.themes.get(code="B")
    move_theme = "UPDATE assessments_theme SET code = 'Z', framework_id = %s WHERE id = %s"
    move_criterion = "UPDATE assessments_criterion SET code = 'Z9', theme_id = %s WHERE id = %s"
    criteria = list(Criterion.objects.filter(theme__framework=draft).order_by("position"))

    into_asked = [
        refused(lambda: raw(INTO_THEMES, first.pk)),
        refused(lambda: raw(INTO_CRITERIA, asked.pk)),
        refused(lambda: raw(move_theme, first.pk, written.pk)),
        refused(lambda: raw(move_criterion, asked.pk, criteria[0].pk)),
    ]
    into_draft = [
        refused(lambda: raw(INTO_THEMES, draft.pk)),
        refused(lambda: raw(INTO_CRITERIA, written.pk)),
        refused(lambda: raw(move_criterion, written.pk, criteria[0].pk)),
    ]

    assert (into_asked, into_draft) == ([True] * 4, [False] * 3)


def test_pages_write_a_version_from_start_to_publication(first, head, signed_in):
    client, at = signed_in(head), "/assessments/frameworks/"
    assert "Start a new version" in client.get(at).content.decode()
    place = client.post(f"{at}{first.pk}/new-version/").url
    draft = Framework.objects.get(is_draft=True)
    one = criterion(draft, "A1")

    client.post(f"{place}A1/", sent(one, short_title="Else", is_not_comparable="on"))
    client.post(f"{place}A2/drop/")
    moved = client.post(f"{place}A4/move/", {"to": "up"})
    client.post(f"{place}themes/new/", {"title": "Trust"})
    added = {**sent(one, short_title="Asked anew", continues=""), "theme": str(draft.themes.get(code="C").pk)}
    client.post(f"{place}new/", added)
    client.post(f"{place}themes/C/", {"title": "Trust here", "seen": "Trust"})
    detail = client.get(place).content.decode()
    before = client.get(f"{place}publish/").content.decode()
    client.post(f"{place}publish/")

    assert moved.url == f"{place}#A4"
    for words in (
        "Reworded, changed, so not comparable",
        "No longer asked",
        "C Trust here",
        "C1</span> Asked anew",
    ):
        assert words in detail
    assert "Was: Title A1" in before
    assert "Is: Else" in before
    assert codes(draft) == ["A1", "A4", "A3", "B1", "B2", "C1"]
    assert not Framework.objects.get(pk=draft.pk).is_draft
    listed = client.get(at).content.decode()
    assert "Draft" not in listed
    assert "Start a new version" in client.get(place).content.decode()


def test_pages_say_why_a_change_is_refused(first, head, signed_in):
    client, at = signed_in(head), f"/assessments/frameworks/{first.pk}/"
    one = criterion(first, "A1")
    new = {**sent(one, continues=""), "theme": str(first.themes.first().pk)}

    answers = [
        (client.post(f"{at}A1/", sent(one, short_title="Else")), 422),
        (client.post(f"{at}A1/drop/"), 409),
        (client.post(f"{at}A1/move/", {"to": "up"}), 409),
        (client.post(f"{at}new/", new), 422),
        (client.post(f"{at}themes/new/", {"title": "Else"}), 422),
        (client.post(f"{at}themes/A/", {"title": "Else", "drop": "1"}), 422),
        (client.post(f"{at}publish/"), 422),
        (client.post(f"{at}discard/"), 409),
    ]

    for answer, status in answers:
        assert answer.status_code == status
        assert "is published and cannot be changed. Start a new version." in answer.content.decode()
    for place in ("A1/drop/", "discard/", "A1/", "new/", "themes/A/"):
        assert client.get(f"{at}{place}").status_code == 200
    assert client.get(f"{at}Z9/").status_code == 404
    assert client.get("/assessments/frameworks/0/").status_code == 404


def test_two_people_who_change_one_criterion_see_both(draft, head, administrator, signed_in):
    one = criterion(draft, "A1")
    mine = sent(one, short_title="Mine")
    client, at = signed_in(head), f"/assessments/frameworks/{draft.pk}/A1/"
    actions.reword_criterion(
        criterion=one,
        wording=reworded(one, short_title="Theirs"),
        seen=Wording.of(one).stamp,
        by=administrator,
    )

    met = client.post(at, mine)
    seen = met.context["form"].data["seen"]
    again = client.post(at, {**mine, "seen": seen})

    assert met.status_code == 409
    for words in ("Somebody changed this criterion while you were writing.", "Theirs", "Mine"):
        assert words in met.content.decode()
    assert (again.status_code, criterion(draft, "A1").short_title) == (302, "Mine")


def test_two_people_who_rename_one_theme_see_both(draft, head, administrator, signed_in):
    client, at = signed_in(head), f"/assessments/frameworks/{draft.pk}/themes/A/"
    theme = draft.themes.get(code="A")
    opened = client.get(at).context["form"].initial["seen"]
    actions.rename_theme(theme=theme, title="Theirs", seen=theme.title, by=administrator)

    met = client.post(at, {"title": "Mine", "seen": opened})
    standing = draft.themes.get(code="A").title
    twice = client.post(at, {"title": "Theirs", "seen": opened})
    again = client.post(at, {"title": "Mine", "seen": met.context["form"].data["seen"]})

    assert (met.status_code, standing, twice.status_code) == (409, "Theirs", 302)
    for words in ("Somebody renamed this theme while you were writing.", "<dd>Theirs</dd>", 'value="Mine"'):
        assert words in met.content.decode()
    assert (again.status_code, draft.themes.get(code="A").title) == (302, "Mine")


def test_criterion_of_the_version_before_has_to_say_what_it_asks_on(draft, head, signed_in):
    one = criterion(draft, "A1")

    answer = signed_in(head).post(f"/assessments/frameworks/{draft.pk}/A1/", sent(one, continues=""))

    assert answer.status_code == 422
    assert "To ask something new, add a criterion." in answer.content.decode()


def test_draft_is_thrown_away_whole(draft, head, signed_in):
    signed_in(head).post(f"/assessments/frameworks/{draft.pk}/discard/")

    assert not Framework.objects.filter(is_draft=True).exists()
    assert not Criterion.objects.filter(theme__framework=draft.pk).exists()

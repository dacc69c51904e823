"""Moderation: a value beside the officer's, flags, and the pages on which the head and the officer meet."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from assessments import actions
from assessments.models import Comment, HealthCheck, Rating
from cdrp_portal.status import Status
from tests import factories
from tests.assessments.lives import State, cell, dates_of, make_check

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def check(epo, head, camden) -> HealthCheck:
    """Camden, submitted by its officer, with three greens."""
    return make_check(State.SUBMITTED, epo, head, borough=camden, criteria=3)


def moderate(check, head, value="amber", reason="Half of it", version=1, code="A1") -> Rating:
    return actions.moderate_rating(
        rating=cell(check, code), value=value, reason=reason, version=version, by=head
    )


def stands(check, code="A1") -> tuple:
    return check.ratings.values_list("value", "officer_value", "moderation_reason", "version").get(
        criterion__code=code
    )


def post(client, check, path="", follow=False, **data):
    options = data.pop("options", {})
    return client.post(f"{check.get_absolute_url()}{path}", data, follow=follow, **options)


def test_moderated_value_stands_beside_the_officers_until_it_is_undone(check, head):
    assert moderate(check, head).moderated_by == head
    assert stands(check) == ("amber", "green", "Half of it", 2)
    moderate(check, head, version=1)
    assert stands(check)[3] == 2, "the same again is no change"

    moderate(check, head, value="red", reason="None of it", version=2)
    assert stands(check) == ("red", "green", "None of it", 3)

    actions.undo_moderation(rating=cell(check), version=3, by=head)
    actions.undo_moderation(rating=cell(check), version=3, by=head)
    assert stands(check) == ("green", "", "", 4)
    moderate(check, head, version=4)
    moderate(check, head, value="green", reason="", version=5)
    assert stands(check) == ("green", "", "", 6), "the officer's own value undoes it"


def test_officers_value_is_never_replaced_by_a_moderators_earlier_one(check, head):
    """Raw SQL on a moderated row: the officer's own stays, or comes back."""
    moderate(check, head)
    row = check.ratings.filter(criterion__code="A1")

    with pytest.raises(IntegrityError, match="cannot be changed"), transaction.atomic():
        row.update(value="red", officer_value="amber")
    assert row.update(value="red") == 1
    assert stands(check) == ("red", "green", "Half of it", 2)


@pytest.mark.parametrize(
    ("value", "reason", "sentence"),
    [
        ("amber", " ", "Say why A1 Title A1 is amber"),
        ("green", "As it is", "A1 Title A1 is green already"),
        ("not_assessed", "Who knows", "A1 Title A1 is green already"),
    ],
)
def test_moderation_needs_another_value_and_a_reason(value, reason, sentence, check, head):
    with pytest.raises(actions.NeedsReason, match=sentence):
        moderate(check, head, value=value, reason=reason)

    assert stands(check) == ("green", "", "", 1)


def test_moderation_over_a_newer_row_is_a_conflict(check, head):
    moderate(check, head)

    with pytest.raises(actions.ModerationConflict, match="was changed while you were writing") as met:
        moderate(check, head, value="red", version=1)

    assert (met.value.rating.value, stands(check)[0]) == ("amber", "amber")


def test_officers_next_answer_settles_the_flag_and_takes_the_moderators_place(check, epo, head):
    moderate(check, head)
    actions.flag_rating(rating=cell(check), note=" Which minute ", version=2, by=head)
    actions.flag_rating(rating=cell(check, "A2"), note="And this", version=1, by=head)
    actions.return_to_officer(health_check=check, reason="See the flags", by=head)
    assert [one.flag_note for one in actions.flags_of(check)] == ["Which minute", "And this"]

    actions.save_rating(
        health_check=check,
        criterion_code="A1",
        value="red",
        rationale="Gone",
        next_step="",
        version=3,
        by=epo,
    )

    assert stands(check) == ("red", "", "", 4)
    assert [one.flag_note for one in actions.flags_of(check)] == ["And this"]


def test_page_shows_every_criterion_with_what_was_said_of_it(
    check, head, signed_in, django_assert_max_num_queries
):
    moderate(check, head)
    actions.flag_rating(rating=cell(check, "A2"), note="Which minute", version=1, by=head)
    actions.write_comment(rating=cell(check, "A3"), text="For all six", by=head)
    client, url = signed_in(head), f"{check.get_absolute_url()}moderate/"
    with django_assert_max_num_queries(14):
        page = client.get(url)
    text = page.content.decode()

    assert "3 criteria: 1 changed by a moderator, 1 flagged, 1 open comment." in text
    for words in ("in place of the officer’s", "Half of it", "Which minute", "For all six", "No evidence"):
        assert words in text
    assert page.context["page"].counts() == [
        ("amber", "amber", 1),
        ("bare", "green without evidence", 2),
        ("changed", "changed by a moderator", 1),
        ("flagged", "flagged", 1),
        ("discussed", "with an open comment", 1),
    ]
    assert [
        one.row.code for theme in client.get(url, {"show": "flagged"}).context["themes"] for one in theme.rows
    ] == ["A2"]
    assert "No criterion is so now" in client.get(url, {"show": "red"}).content.decode()


def test_value_and_flag_are_changed_from_the_page_with_and_without_scripts(check, head, signed_in):
    client, value = signed_in(head), {"value": "amber", "reason": "Half of it", "version": "1"}

    plain = post(client, check, "A1/moderate/", place="moderation", **value)
    assert plain.url == f"{check.get_absolute_url()}moderate/#A1"
    part = post(client, check, "A2/moderate/", options=HTMX, **value)
    assert part.status_code == 200
    assert "in place of the officer’s" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "moderated" in part.headers["HX-Trigger"]
    own = {
        "headers": {"HX-Request": "true", "HX-Current-URL": f"http://testserver{check.get_absolute_url()}A3/"}
    }
    assert post(client, check, "A3/moderate/", options=own, **value).headers["HX-Refresh"] == "true"
    assert [stands(check, code)[0] for code in ("A1", "A2", "A3")] == ["amber"] * 3

    assert post(client, check, "A1/moderate/", undo="1", version="2").url == f"{check.get_absolute_url()}A1/"
    post(client, check, "A1/flag/", note="Which minute", version="3")
    assert cell(check).flag_note == "Which minute"
    settled = post(client, check, "A1/flag/", settle="1", version="4", options=HTMX)
    assert "A1 is no longer flagged" in settled.headers["HX-Trigger"]
    assert stands(check) == ("green", "", "", 5)


def test_figures_of_the_page_change_with_what_is_done_on_it(check, head, signed_in):
    client, url = signed_in(head), f"{check.get_absolute_url()}moderate/"
    here = {"headers": {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}?show=flagged#A2"}}

    def answered(path, options=here, **data) -> str:
        return post(client, check, path, options=options, **data).content.decode()

    flagged = answered("A2/flag/", note="Which minute", version="1")
    assert flagged.count('hx-swap-oob="true"') == 2
    assert "3 criteria: 0 changed by a moderator, 1 flagged, 0 open comments." in flagged
    assert '<b aria-current="true">1 flagged</b>' in flagged
    assert "1 changed by" in answered("A1/moderate/", value="red", reason="None of it", version="1")
    assert '<a href="?show=red">1 red</a>' in answered("A2/flag/", settle="1", version="2")
    assert "1 changed by a moderator, 0 flagged" in answered("A2/flag/", note="", version="3")
    assert "1 open comment." in answered("A3/comments/", text="For all six")
    assert "0 changed by" in answered("A1/moderate/", undo="1", version="2")
    page = client.get(url).content.decode()
    for place in ("moderation-sentence", "moderation-show"):
        assert page.count(f'id="{place}"') == flagged.count(f'id="{place}"') == 1
    assert "hx-swap-oob" not in page
    assert "moderation-show" not in answered("A2/flag/", options=HTMX, note="In the panel", version="3")


def test_who_flags_on_the_page_has_seen_that_and_nothing_else(check, head, epo, signed_in):
    client, url = signed_in(head), f"{check.get_absolute_url()}moderate/"
    here = {"headers": {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url}"}}
    shown = client.get(url).context["page"].seen

    answer = post(client, check, "A2/flag/", options=here, note="Which minute", version="1", seen=str(shown))
    again = post(client, check, "A2/flag/", options=here, note="Which minute", version="1", seen="x")

    assert f'id="moderation-seen" value="{shown + 1}" hx-swap-oob="true"' in answer.content.decode()
    assert "moderation-seen" not in again.content.decode()
    assert client.get(url).context["page"].seen == shown + 1
    Rating.objects.filter(health_check=check, criterion__code="A3").update(version=2)
    assert client.post(url, {"seen": str(shown + 1)}).status_code == 409
    assert client.post(url, {"seen": str(shown + 2)}).status_code == 302


def test_promised_and_confirmed_proof_is_not_counted_as_without_evidence(check, head, epo, signed_in):
    today = timezone.localdate()
    check.ratings.filter(criterion__code="A1").update(proof_due_on=today)
    check.ratings.filter(criterion__code="A2").update(
        proof_due_on=today, proof_confirmed_at=timezone.now(), proof_confirmed_by=head
    )

    page = signed_in(head).get(f"{check.get_absolute_url()}moderate/", {"show": "bare"})
    submission = signed_in(epo).get(f"{check.get_absolute_url()}submit/")

    shown = [one.row.code for theme in page.context["themes"] for one in theme.rows]
    assert shown == [one.code for one in submission.context["without_evidence"]] == ["A3"]
    assert ("bare", "green without evidence", 1) in page.context["page"].counts()


@pytest.mark.parametrize(
    ("path", "data", "status", "sentence"),
    [
        ("moderate", {"value": "amber", "reason": "", "version": "1"}, 422, "Say why A1 Title A1 is amber"),
        ("moderate", {"value": "", "reason": "Typed", "version": "1"}, 422, "Choose green, amber, red or"),
        ("moderate", {"value": "purple", "version": "1"}, 422, "Choose green, amber, red or less relevant"),
        (
            "moderate",
            {"value": "amber", "reason": "Typed", "version": "0"},
            409,
            "was changed while you were",
        ),
        ("moderate", {"value": "amber", "reason": "Typed"}, 422, "Load this page again"),
        ("flag", {"note": "", "version": "1"}, 422, "Say what is to be looked at again"),
        ("flag", {"note": "x" * 401, "version": "1"}, 422, "Shorten the flag to 400 characters"),
        ("flag", {"note": "Typed", "version": "7"}, 409, "was changed while you were writing"),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_stays(
    path, data, status, sentence, check, head, signed_in
):
    client = signed_in(head)

    for options in ({}, HTMX):
        page = post(client, check, f"A1/{path}/", options=options, **data)
        text = page.content.decode()
        assert page.status_code == status
        assert sentence in text
        assert data.get("reason", "") in text
        assert ("<title>Error: " in text) is (not options)

    assert stands(check) == ("green", "", "", 1)
    assert client.get(f"{check.get_absolute_url()}A1/{path}/").status_code == 200


def test_moderation_of_what_is_not_with_the_head_is_refused_in_words(epo, head, camden, signed_in):
    check = make_check(State.DRAFT, epo, head, borough=camden)
    client = signed_in(head)

    page = post(client, check, "A1/moderate/", value="amber", reason="Typed", version="1")
    flag = post(client, check, "A1/flag/", note="Typed", version="1")

    assert (page.status_code, flag.status_code) == (409, 409)
    assert "Camden has not been submitted." in page.content.decode()
    assert "cannot be moderated now" in client.get(f"{check.get_absolute_url()}moderate/").content.decode()


def test_health_check_is_marked_returned_and_read_by_its_officer(check, epo, head, signed_in):
    client, officer = signed_in(head), signed_in(epo)
    page = client.get(f"{check.get_absolute_url()}moderate/")
    assert post(client, check, "moderate/").status_code == 409, "without what was seen nothing is marked"
    marked = post(client, check, "moderate/", seen=page.context["page"].seen, follow=True)
    assert "Camden is moderated. It can be signed off." in marked.content.decode()
    assert "moderated, not signed off yet" in officer.get(check.get_absolute_url()).content.decode()
    assert "Ask for it to be returned" in post(officer, check, "withdraw/", follow=True).content.decode()
    again = post(client, check, "moderate-again/", follow=True)
    assert "no longer marked as moderated" in again.content.decode()
    assert "has been submitted" in post(client, check, "moderate-again/", follow=True).content.decode()

    actions.flag_rating(rating=cell(check, "A2"), note="Which minute", version=1, by=head)
    assert "Which minute" in client.get(f"{check.get_absolute_url()}return/").content.decode()
    empty = post(client, check, "return/", reason=" ")
    assert (empty.status_code, "Say why Camden is returned" in empty.content.decode()) == (422, True)
    post(client, check, "return/", reason="Two need a word more")
    late = post(client, check, "return/", reason="Again")
    assert (late.status_code, "has been returned" in late.content.decode()) == (409, True)

    text = officer.get(check.get_absolute_url()).content.decode()
    for words in (
        "Demo Head returned it on",
        "Two need a word more",
        "Which minute",
        "Returned to be changed.",
    ):
        assert words in text
    submission = officer.get(f"{check.get_absolute_url()}submit/").content.decode()
    assert "Not settled yet" in submission
    assert "Which minute" in submission


def test_sign_off_lists_what_is_missing_then_locks_and_can_be_opened_again(check, epo, head, signed_in):
    client, officer = signed_in(head), signed_in(epo)
    actions.flag_rating(rating=cell(check), note="Which minute", version=1, by=head)
    actions.write_comment(rating=cell(check, "A2"), text="For all six", by=head)
    page = client.get(f"{check.get_absolute_url()}sign-off/")
    assert "Settle the flag on A1 Title A1" in page.content.decode()
    assert "1 open comment" in page.content.decode()
    seen = page.context["seen"]
    early = post(client, check, "sign-off/", seen=seen)
    assert (early.status_code, "Not signed off" in early.content.decode()) == (422, True)
    actions.unflag_rating(rating=cell(check), version=2, by=head)
    stale = post(client, check, "sign-off/", seen=seen)
    assert (stale.status_code, "has changed since you opened" in stale.content.decode()) == (409, True)

    done = post(client, check, "sign-off/", seen=seen + 1, follow=True)
    assert "Signed off. Nobody can change Camden now." in done.content.decode()
    assert "so it cannot be signed off" in client.get(f"{check.get_absolute_url()}sign-off/").content.decode()
    assert "reopen/" not in officer.get(check.get_absolute_url()).content.decode()
    assert "What this undoes" in client.get(f"{check.get_absolute_url()}reopen/").content.decode()
    assert post(client, check, "reopen/", reason="").status_code == 422
    opened = post(client, check, "reopen/", reason="A2 was wrong", follow=True)
    assert "Open again. Camden can be changed" in opened.content.decode()
    assert "Demo Head opened it again on" in officer.get(check.get_absolute_url()).content.decode()
    twice = post(client, check, "reopen/", reason="Once more")
    assert (twice.status_code, "nothing to open" in twice.content.decode()) == (409, True)


def test_own_submission_is_not_offered_for_sign_off(check, head, signed_in):
    HealthCheck.objects.filter(pk=check.pk).update(submitted_by=head)
    client = signed_in(head)

    page = client.get(f"{check.get_absolute_url()}moderate/").content.decode()
    assert "You submitted Camden yourself" in page
    assert "sign-off/" not in page
    assert (
        "somebody else has to sign it off"
        in client.get(f"{check.get_absolute_url()}sign-off/").content.decode()
    )
    refused = post(client, check, "sign-off/", seen=3)
    assert (refused.status_code, "You submitted Camden yourself" in refused.content.decode()) == (409, True)


def test_what_waits_for_the_head_is_listed_oldest_first(check, epo, head, signed_in):
    late = make_check(State.MODERATED, epo, head, cycle=check.cycle)
    HealthCheck.objects.filter(pk=late.pk).update(submitted_at=timezone.now() - timedelta(days=3))
    make_check(State.RETURNED, epo, head, cycle=check.cycle)

    home = signed_in(head).get(reverse("home"))
    page = signed_in(head).get(f"{check.get_absolute_url()}moderate/")

    waiting = [(one.check.pk, one.words, one.days_words) for one in home.context["waiting"]]
    assert waiting == [
        (late.pk, "Moderated, to sign off", "3 days ago"),
        (check.pk, "To moderate", "today"),
    ]
    assert (
        f'1 more waits for you. Next: <a href="{late.get_absolute_url()}moderate/"' in page.content.decode()
    )


CANARIES = {
    "flag": "Canary of a flag",
    "reason": "Canary of a moderator",
    "comment": "Canary of a comment",
    "returned": "Canary of a return",
}


@pytest.mark.slow
def test_reviewers_notes_are_read_by_those_who_rate_or_moderate_there_alone(
    check, request, epo, head, islington, signed_in
):
    moderate(check, head, reason=CANARIES["reason"])
    actions.flag_rating(rating=cell(check, "A2"), note=CANARIES["flag"], version=1, by=head)
    actions.write_comment(rating=cell(check), text=CANARIES["comment"], by=head)
    actions.return_to_officer(health_check=check, reason=CANARIES["returned"], by=head)
    paths = ["", "A1/", "A2/", "history/"]
    addresses = [f"{check.get_absolute_url()}{path}" for path in paths]
    addresses += [check.cycle.get_absolute_url(), f"{check.cycle.get_absolute_url()}matrix.csv"]
    addresses += [reverse("london"), check.borough.get_absolute_url()]

    def hits(who) -> set[str]:
        client = signed_in(request.getfixturevalue(who))
        text = " ".join(client.get(address).content.decode() for address in addresses)
        return {name for name, canary in CANARIES.items() if canary in text}

    others = ["member", "clerk", "reader", "administrator", "lead", "other_epo"]
    leaked = {who: found for who in others if (found := hits(who))}

    print(f"row 11, notes read by others: {len(leaked)} / {len(others) * len(CANARIES) * len(addresses)}")
    assert not leaked
    assert hits("epo") == hits("head") == set(CANARIES), "control: there is something to read"


def test_officer_cannot_write_what_is_the_moderators(epo, head, camden, signed_in):
    check = make_check(State.DRAFT, epo, head, borough=camden)
    fields = {
        "officer_value": "red", "moderation_reason": "Mine", "flag_note": "Mine", "moderated_by": epo.pk,
        "moderated_at": "2026-01-01", "proof_confirmed_by": epo.pk, "is_carried": "1", "state": "signed_off",
    }  # fmt: skip
    before = Rating.objects.values(*[name for name in fields if name != "state"]).get(pk=cell(check).pk)

    post(signed_in(epo), check, "A1/", value="amber", rationale="Said", next_step="", version="1", **fields)

    after = Rating.objects.values(*before).get(pk=cell(check).pk)
    wrong = [name for name in before if before[name] != after[name]]
    print(f"row 11, moderator's fields set by an officer: {len(wrong)} / {len(before)}")
    assert not wrong
    assert cell(check).value == "amber"
    assert HealthCheck.objects.get(pk=check.pk).state == "draft"
    assert not Comment.objects.exists()


def test_a_changed_value_stands_above_a_reason_that_is_said_to_be_the_officers(
    check, head, epo, member, signed_in
):
    moderate(check, head)

    page = signed_in(epo).get(check.get_absolute_url()).content.decode()

    rating = check.ratings.exclude(officer_value="").get()
    assert f"{Status(rating.value).label} is the moderator’s rating." in page
    assert f"{epo.name} rated it {Status(rating.officer_value).label}." in page
    assert "<h4>The officer’s reason</h4>" in page
    read = signed_in(member).get(check.get_absolute_url()).content.decode()
    assert "<h4>The officer’s reason</h4>" in read
    assert "moderator" not in read


def test_authority_is_moderated_by_the_head_alone(check, head, epo, signed_in):
    authority = HealthCheck.objects.create(cycle=check.cycle, borough=None)
    HealthCheck.objects.filter(pk=authority.pk).update(**dates_of(State.SUBMITTED, head, head))
    factories.RatingFactory(
        health_check=authority, criterion=cell(check).criterion, value="green", rationale="Seen"
    )

    assert signed_in(head).get(f"{authority.get_absolute_url()}moderate/").status_code == 200
    assert signed_in(epo).get(f"{authority.get_absolute_url()}moderate/").status_code == 404
    assert (
        "Mark as moderated"
        in signed_in(head).get(f"{authority.get_absolute_url()}moderate/").content.decode()
    )

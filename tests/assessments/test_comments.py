"""Comment threads on a rating: begun, answered, resolved, opened again; told to its officers and the head."""

import pytest
from django.core.exceptions import PermissionDenied

from assessments import actions
from assessments.models import Comment, HealthCheck
from cdrp_portal.history import changes_of
from tests import factories
from tests.assessments.lives import State, cell, make_check

pytestmark = pytest.mark.django_db
HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def check(epo, head, camden) -> HealthCheck:
    return make_check(State.SUBMITTED, epo, head, borough=camden)


@pytest.fixture
def first(check, head) -> Comment:
    return actions.write_comment(rating=cell(check), text=" For all six? ", by=head)


def test_thread_is_answered_resolved_and_opened_again_by_an_answer(check, first, epo, head):
    answer = actions.write_comment(rating=cell(check), text="For five", reply_to=first, by=epo)
    deeper = actions.write_comment(rating=cell(check), text="Which?", reply_to=answer, by=head)
    assert (first.text, answer.reply_to, deeper.reply_to) == ("For all six?", first, first)

    resolved = actions.resolve_thread(comment=answer, by=epo)
    assert (resolved.pk, resolved.resolved_by) == (first.pk, epo)
    assert actions.resolve_thread(comment=first, by=head).resolved_by == epo, "twice is as good as once"
    actions.write_comment(rating=cell(check), text="One more thing", reply_to=first, by=head)
    assert Comment.objects.get(pk=first.pk).resolved_at is None

    actions.resolve_thread(comment=first, by=head)
    assert actions.reopen_thread(comment=first, by=epo).resolved_by is None
    assert actions.reopen_thread(comment=first, by=epo).resolved_at is None
    told = [(one.who, bool(one.after)) for one in changes_of(first, fields=("resolved_at",)) if one.field]
    assert told[::-1] == [
        ("Demo Officer A", True),
        ("Demo Head", False),
        ("Demo Head", True),
        ("Demo Officer A", False),
    ]


def test_answer_belongs_to_its_own_rating_and_a_comment_says_something(check, first, epo, reader):
    with pytest.raises(Comment.DoesNotExist):
        actions.write_comment(rating=cell(check, "A2"), text="Elsewhere", reply_to=first, by=epo)
    with pytest.raises(actions.NeedsReason, match="Write the comment first"):
        actions.write_comment(rating=cell(check), text=" \n", by=epo)
    with pytest.raises(PermissionDenied):
        actions.write_comment(rating=cell(check), text="Mine", by=reader)

    assert Comment.objects.get() == first


def test_threads_are_written_and_resolved_on_pages(check, epo, head, signed_in):
    officer, url = signed_in(epo), f"{check.get_absolute_url()}A1/comments/"
    assert officer.post(url, {"text": "For five"}).url == f"{check.get_absolute_url()}A1/"
    first = Comment.objects.get()
    to_page = signed_in(head).post(url, {"text": "Which?", "reply_to": first.pk, "place": "moderation"})
    assert to_page.url == f"{check.get_absolute_url()}moderate/#A1"

    part = officer.post(f"{url}{first.pk}/resolve/", **HTMX)
    assert "Resolved by Demo Officer A" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "announce" in part.headers["HX-Trigger"]
    page = officer.get(f"{check.get_absolute_url()}A1/").content.decode()
    assert "1 resolved" in page
    officer.post(f"{url}{first.pk}/reopen/")
    page = officer.get(url).content.decode()
    assert "Which?" in page
    assert "Resolved by" not in page


def test_what_is_refused_is_said_and_what_was_typed_stays(check, first, epo, camden, signed_in):
    officer, url = signed_in(epo), f"{check.get_absolute_url()}A1/comments/"
    cases = [
        ({"text": ""}, 422, "Write the comment first."),
        ({"text": "x" * 2_001}, 422, "Shorten the comment to 2,000 characters."),
        ({"text": " ", "reply_to": first.pk}, 422, "Write the comment first."),
        ({"text": "Typed", "reply_to": "x"}, 422, "Load this page again before answering."),
        ({"text": "Typed", "reply_to": "1" * 5_000}, 422, "Load this page again before answering."),
    ]
    for data, status, sentence in cases:
        for options in ({}, HTMX):
            page = officer.post(url, data, **options)
            assert (page.status_code, sentence in page.content.decode()) == (status, True), data
    elsewhere = factories.CommentFactory()
    assert officer.post(url, {"text": "Typed", "reply_to": elsewhere.pk}).status_code == 404
    assert officer.post(f"{url}{elsewhere.pk}/resolve/").status_code == 404
    assert Comment.objects.filter(rating__health_check=check).count() == 1

    signed_off = make_check(State.SIGNED_OFF, epo, first.written_by, borough=camden, criteria=1)
    old = factories.CommentFactory(rating=cell(signed_off), written_by=epo)
    late = f"{signed_off.get_absolute_url()}A1/comments/"
    for address in (late, f"{late}{old.pk}/resolve/"):
        page = officer.post(address, {"text": "Typed"})
        assert page.status_code == 409
        assert "has been signed off and cannot be changed" in page.content.decode()
    assert "Write a comment" not in officer.get(late).content.decode()

"""Evidence: who may add, see and confirm it, how it is served, and that row and file go together."""

import io
import os
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse
from django.utils import timezone

from assessments import actions, tasks
from assessments.content.evidence import evidence_of, greens_without_evidence, lapsed_words, proof_words
from assessments.models import Evidence, HealthCheck, Rating, ReviewCycle
from boroughs.models import BoroughLink
from cdrp_portal.uploads import KINDS, Received
from cdrp_portal.uploads.handlers import REQUEST_LIMIT
from tests.assessments.grid import fill, make_cycle, make_framework

pytestmark = pytest.mark.django_db
State = HealthCheck.State
DAY = date(2010, 8, 31)
STATES = [State.DRAFT, State.RETURNED, State.SUBMITTED, State.MODERATED, State.SIGNED_OFF, "closed"]


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return tmp_path / "uploads"


@pytest.fixture
def check(camden, islington, epo) -> HealthCheck:
    """Camden's, open and green everywhere, rated by its officer."""
    framework = make_framework(3, authority_alone=1)
    grid = fill(make_cycle(framework), [camden, islington], lambda _b, _c: "green", state=State.DRAFT)
    Rating.objects.filter(health_check__cycle=grid.cycle).update(rated_by=epo, rated_at=timezone.now())
    return next(check for check in grid.checks if check.borough == camden)


@pytest.fixture
def rating(check) -> Rating:
    return rating_of(check)


def rating_of(check, code="A1") -> Rating:
    rows = Rating.objects.select_related("health_check__cycle", "health_check__borough", "criterion")
    return rows.get(health_check=check, criterion__code=code)


def kept(name="minutes.pdf", content=b"%PDF-1.7 held") -> Received:
    return Received(name=name, content_type=KINDS[name.rpartition(".")[2]].content_type, content=content)


def add(rating, by, **given) -> Evidence:
    words = {"title": "Minute 7", "dated_on": DAY, "look_again_on": None, **given}
    if "file" not in words:
        words.setdefault("url", "https://example.org/minutes")
    return actions.add_evidence(rating=rating, by=by, **words)


def url_of(rating, name="evidence-list", *more) -> str:
    check = rating.health_check
    return reverse(
        f"assessments:{name}", args=[check.cycle.slug, check.subject_slug, rating.criterion.code, *more]
    )


def move_to(check, state, head) -> None:
    """To any state by the steps that the database allows."""
    now = timezone.now()
    stamps = {"submitted_at": now, "submitted_by": head}
    checks = HealthCheck.objects.filter(pk=check.pk)
    if state == State.DRAFT:
        return
    checks.update(state=State.SUBMITTED, **stamps)
    if state == State.RETURNED:
        checks.update(state=state, state_reason="Look again", submitted_at=None, submitted_by=None)
    elif state == State.MODERATED:
        checks.update(state=state, moderated_at=now, moderated_by=head)
    elif state in (State.SIGNED_OFF, "closed"):
        checks.update(state=State.SIGNED_OFF, signed_off_at=now, signed_off_by=head)
    if state == "closed":
        ReviewCycle.objects.filter(pk=check.cycle_id).update(closed_at=now, closed_by=head)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def sent(**given) -> dict:
    return {
        "title": "Minute 7",
        "dated_on": "2010-08-31",
        "look_again_on": "",
        "url": "",
        "whole": "1",
        **given,
    }


# Until when it holds


def test_until_when_evidence_holds_is_the_latest_of_its_days(rating, epo):
    """Sixty random changes; after each the day beside the rating is what the evidence itself says."""
    random, wrong = Random(2010), 0
    days = [None, *(DAY + timedelta(days=n * 30) for n in range(4))]
    for _ in range(60):
        found = list(Evidence.objects.filter(rating=rating).order_by("pk"))
        one = random.choice(found) if found else None
        match random.choice(["add", "edit", "withdraw", "restore"]) if one else "add":
            case "add":
                add(rating, epo, look_again_on=random.choice(days))
            case "edit":
                words = {"title": one.title, "dated_on": DAY, "look_again_on": random.choice(days)}
                actions.edit_evidence(evidence=one, stamp=actions.stamp_of(one), by=epo, **words)
            case "withdraw":
                actions.withdraw_evidence(evidence=one, by=epo)
            case "restore":
                actions.restore_evidence(evidence=one, by=epo)
        standing = [row.look_again_on for row in Evidence.objects.standing().filter(rating=rating)]
        expected = None if None in standing or not standing else max(standing)
        wrong += Rating.objects.get(pk=rating.pk).evidence_until != expected

    print(f"days beside the rating that its evidence does not say: {wrong} / 60")
    assert wrong == 0
    assert Rating.objects.get(pk=rating.pk).version == rating.version


def test_lapsed_evidence_says_since_when(rating, epo):
    add(rating, epo, look_again_on=DAY)
    rating.refresh_from_db()

    part = evidence_of(rating, epo, DAY + timedelta(days=1))

    assert part.lapsed == "Look at this again: its evidence held until 31 August 2010."
    assert rating.is_stale(DAY + timedelta(days=1))
    assert not rating.is_stale(DAY)
    assert lapsed_words(DAY, DAY) == ""


# Who may what, in which state


def steps(rating, evidence, withdrawn, by):
    """Each thing that can be done to evidence, on rows of its own."""
    words = {"title": "Put right", "dated_on": DAY, "look_again_on": DAY}
    today = timezone.localdate()
    return {
        "add": lambda: add(rating, by),
        "edit": lambda: actions.edit_evidence(
            evidence=evidence, stamp=actions.stamp_of(evidence), by=by, **words
        ),
        "withdraw": lambda: actions.withdraw_evidence(evidence=evidence, by=by),
        "restore": lambda: actions.restore_evidence(evidence=withdrawn, by=by),
        "promise": lambda: actions.promise_proof(rating=rating, due_on=today, today=today, by=by),
        "confirm": lambda: actions.confirm_proof(rating=rating, by=by),
    }


def test_state_and_role_decide_what_may_be_done(
    check, rating, epo, other_epo, member, clerk, head, reader, administrator
):
    """Raters until the sign-off; another than the rater confirms until the cycle is closed; nobody else."""
    evidence, withdrawn = add(rating, epo), add(rating, epo)
    actions.withdraw_evidence(evidence=withdrawn, by=epo)
    actions.promise_proof(rating=rating, due_on=timezone.localdate(), today=timezone.localdate(), by=epo)
    refused = (PermissionDenied, actions.NotOpen, actions.ProofRefused)
    wrong, total = [], 0
    for state in STATES:
        with transaction.atomic():
            move_to(check, state, head)
            for by in (epo, other_epo, member, clerk, head, reader, administrator):
                for name, step in steps(rating, evidence, withdrawn, by).items():
                    may = by == head if name == "confirm" else by in (epo, head) and state != State.SIGNED_OFF
                    may = may and state != "closed"
                    try:
                        with transaction.atomic():
                            step()
                            done = True
                            transaction.set_rollback(True)
                    except refused:
                        done = False
                    total += 1
                    if done != may:
                        wrong.append((state, by.role, name))
            transaction.set_rollback(True)

    print(f"state × role × action otherwise than said: {len(wrong)} / {total}")
    assert not wrong


def test_the_database_refuses_what_the_actions_refuse(check, rating, epo, head):
    evidence = add(rating, epo)
    row = Rating.objects.filter(pk=rating.pk)
    row.update(proof_due_on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(proof_confirmed_by=epo, proof_confirmed_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(url="https://example.org/other")
    other = Rating.objects.exclude(health_check=check).first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).update(rating=other)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.create(
            rating=rating, title="Neither", dated_on=DAY, added_at=timezone.now(), added_by=epo
        )
    move_to(check, "closed", head)
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=evidence.pk).delete()


# A green and its proof


def test_a_green_without_evidence_is_said_and_not_refused(check, rating, epo, signed_in):
    client = signed_in(epo)
    Rating.objects.filter(health_check=check).update(rationale="Seen")
    page = client.get(f"{check.get_absolute_url()}submit/").content.decode()
    saved = client.post(
        f"{check.get_absolute_url()}A1/",
        {"value": "green", "rationale": "So", "next_step": "", "version": rating.version},
        headers={"HX-Request": "true"},
    ).content.decode()

    assert f"Add evidence for {rating.criterion}" in page
    assert "No evidence yet" in saved
    assert actions.submit(health_check=check, by=epo).state == State.SUBMITTED


def test_evidence_or_a_promise_stills_the_warning(check, epo):
    add(rating_of(check, "A1"), epo)
    today = timezone.localdate()
    actions.promise_proof(rating=rating_of(check, "A2"), due_on=today, today=today, by=epo)

    missing = [one.code for one in greens_without_evidence(check)]

    assert missing == ["A3"]
    assert evidence_of(rating_of(check, "A1"), epo, today).asks == ""
    assert evidence_of(rating_of(check, "A2"), epo, today).asks == ""
    assert evidence_of(rating_of(check, "A3"), epo, today).asks


def test_a_promise_is_for_a_green_and_a_day_to_come(check, rating, epo):
    today = timezone.localdate()
    amber = rating_of(check, "A2")
    Rating.objects.filter(pk=amber.pk).update(value="amber", rationale="Half")

    with pytest.raises(actions.ProofRefused, match="Only a green"):
        actions.promise_proof(rating=amber, due_on=today, today=today, by=epo)
    with pytest.raises(actions.ProofRefused, match="still to come"):
        actions.promise_proof(rating=rating, due_on=today - timedelta(days=1), today=today, by=epo)
    actions.promise_proof(rating=rating, due_on=today, today=today, by=epo)
    assert actions.promise_proof(rating=rating, due_on=None, today=today, by=epo).proof_due_on is None


def test_overdue_proof_says_since_when_and_another_confirms_it(check, rating, epo, head, signed_in):
    Rating.objects.filter(pk=rating.pk).update(proof_due_on=DAY)
    officer, other = signed_in(epo), signed_in(head)
    listed = officer.get(f"{check.get_absolute_url()}submit/").content.decode()
    move_to(check, State.SIGNED_OFF, head)
    own = officer.post(url_of(rating, "proof-confirm"))
    added = officer.post(url_of(rating, "evidence-add"), sent(url="https://example.org"))
    offered = other.get(url_of(rating)).content.decode()
    confirmed = other.post(url_of(rating, "proof-confirm"), follow=True).content.decode()

    assert "Proof was due on 31 August 2010." in listed
    assert own.status_code == 409
    assert "another person confirms" in own.content.decode()
    assert added.status_code == 409
    assert "Confirm the proof" in offered
    assert f"by {head}" in confirmed
    assert "Confirm the proof" not in confirmed
    with pytest.raises(actions.ProofRefused):
        actions.confirm_proof(rating=rating, by=head)


def test_words_of_a_proof():
    rating = Rating(proof_due_on=DAY)

    assert proof_words(Rating(), DAY) == ""
    assert proof_words(rating, DAY) == "Green, awaiting proof until 31 August 2010."
    assert proof_words(rating, DAY + timedelta(days=1)) == "Proof was due on 31 August 2010."


# Serving


def test_files_are_handed_out_as_downloads_that_run_nowhere(rating, epo, signed_in):
    client, inline = signed_in(epo), []
    for ending in KINDS:
        one = add(rating, epo, file=kept(f'Minutes "of" the {ending}, é.{ending}', b"<script>x</script>"))
        answer = client.get(url_of(rating, "evidence-file", one.pk))
        policy = answer.headers["Content-Security-Policy"]
        is_safe = (
            answer.content == b"<script>x</script>"
            and answer.headers["Content-Disposition"].startswith("attachment; filename")
            and answer.headers["X-Content-Type-Options"] == "nosniff"
            and policy.startswith("sandbox; default-src 'none'")
            and answer.headers["Cache-Control"] == "no-store"
            and answer.headers["Content-Type"] == one.content_type
        )
        inline += [] if is_safe else [ending]

    print(f"kinds rendered inline: {len(inline)} / {len(KINDS)}")
    assert not inline


def test_no_address_but_the_view_leads_to_a_file(rating, epo, signed_in):
    one = add(rating, epo, file=kept())
    client = signed_in(epo)

    reached = [
        address
        for address in (f"/{one.file.name}", f"/media/{one.file.name}", f"/static/{one.file.name}")
        if client.get(address).status_code != 404
    ]

    assert not reached


def test_a_file_answers_to_its_readers_and_under_its_own_rating_only(
    check, rating, epo, other_epo, member, head, reader, signed_in
):
    one = add(rating, epo, file=kept())
    foreign = Rating.objects.exclude(health_check=check).filter(criterion=rating.criterion).first()
    address = url_of(rating, "evidence-file", one.pk)
    readers = {epo: 200, member: 200, head: 200, other_epo: 404, reader: 404}

    draft = {who: signed_in(who).get(address).status_code for who in readers}
    moved = signed_in(head).get(url_of(rating_of(check, "A2"), "evidence-file", one.pk)).status_code
    abroad = signed_in(head).get(url_of(foreign, "evidence-file", one.pk)).status_code
    actions.withdraw_evidence(evidence=one, by=epo)
    withdrawn = {who: signed_in(who).get(address).status_code for who in (epo, head, member)}
    move_to(check, State.SIGNED_OFF, head)
    signed_off = signed_in(reader).get(url_of(rating)).content.decode()

    assert draft == readers
    assert (moved, abroad) == (404, 404)
    assert withdrawn == {epo: 200, head: 200, member: 404}
    assert one.title not in signed_off


def test_a_link_and_a_file_that_is_gone_are_no_downloads(rating, epo, signed_in):
    link, file = add(rating, epo), add(rating, epo, file=kept())
    file.file.storage.delete(file.file.name)

    assert signed_in(epo).get(url_of(rating, "evidence-file", link.pk)).status_code == 404
    assert signed_in(epo).get(url_of(rating, "evidence-file", file.pk)).status_code == 404


# Pages


def test_a_file_is_added_read_and_given_back(rating, epo, signed_in, uploads):
    client = signed_in(epo)
    text = SimpleUploadedFile("../../Minutes of August.txt", b"Held on 31 August")

    added = client.post(url_of(rating, "evidence-add"), sent(file=text), follow=True)

    one = Evidence.objects.get()
    page = added.content.decode()
    assert "Minute 7" in page
    assert "Plain text, 1 KB" in page
    assert (one.size, one.rating, one.added_by) == (17, rating, epo)
    (stored,) = files_in(uploads)
    assert stored.read_bytes() == b"Held on 31 August"
    assert "inutes" not in str(stored.relative_to(uploads))
    assert stored.stat().st_mode & 0o077 == 0
    answer = client.get(url_of(rating, "evidence-file", one.pk))
    assert answer.content == b"Held on 31 August"
    for step, words in (("withdraw", "Give back"), ("restore", "Withdraw")):
        told = client.post(url_of(rating, f"evidence-{step}", one.pk), follow=True).content.decode()
        assert words in told
    assert "cleared the withdrawal" in told


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "Choose a file, or give a link."),
        ({"url": "javascript:alert(1)"}, "Give the whole address"),
        ({"url": "ftp://example.org"}, "Give the whole address"),
        ({"url": "https://example.org", "title": ""}, "Say what it shows."),
        ({"url": "https://example.org", "dated_on": "2999-01-01"}, "Give a day that has been"),
        ({"url": "https://example.org", "look_again_on": "2010-08-30"}, "cannot hold until a day before"),
    ],
)
def test_what_is_not_evidence_is_refused_in_words(rating, epo, signed_in, given, sentence):
    answer = signed_in(epo).post(url_of(rating, "evidence-add"), sent(**given))

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Evidence.objects.exists()


def test_a_file_and_a_link_at_once_and_a_hostile_file_are_refused(rating, epo, signed_in, uploads):
    client, text = signed_in(epo), SimpleUploadedFile("a.txt", b"Held")
    both = client.post(url_of(rating, "evidence-add"), sent(file=text, url="https://example.org"))
    page = SimpleUploadedFile("a.txt", b"<html><script>")
    hostile = client.post(url_of(rating, "evidence-add"), sent(file=page))

    assert "give one of the two" in both.content.decode()
    assert "There is a web page or a script in it." in hostile.content.decode()
    assert hostile.status_code == 422
    assert not files_in(uploads)


def test_what_is_too_large_is_stopped_while_it_comes_in(rating, epo, signed_in, monkeypatch):
    """The bytes that reach Django's own handlers are counted: nothing without end is ever taken in."""
    taken = []

    def count(self, raw_data, start):
        taken.append(len(raw_data))

    monkeypatch.setattr(MemoryFileUploadHandler, "receive_data_chunk", count)
    client = signed_in(epo)
    answers = []
    for size in (10_100_000, REQUEST_LIMIT + 1_000_000):
        taken.clear()
        file = SimpleUploadedFile("a.txt", b"a" * size)
        answer = client.post(url_of(rating, "evidence-add"), sent(file=file))
        answers.append((answer.status_code, "larger than 10 MB" in answer.content.decode(), sum(taken)))

    assert [one[:2] for one in answers] == [(422, True), (422, True)]
    assert answers[0][2] <= 10_000_000
    assert answers[1][2] == 0


def test_more_files_than_a_page_sends_are_refused(rating, epo, signed_in):
    files = {f"file{n}": SimpleUploadedFile("a.txt", b"a") for n in range(101)}

    assert signed_in(epo).post(url_of(rating, "evidence-add"), sent(**files)).status_code == 400


def test_two_who_change_the_same_words_see_both(rating, epo, head, signed_in):
    one = add(rating, epo)
    address, stamp = url_of(rating, "evidence-edit", one.pk), actions.stamp_of(one)
    client = signed_in(epo)
    form = client.get(address).content.decode()
    signed_in(head).post(address, sent(title="Theirs", stamp=stamp))

    met = client.post(address, sent(title="Mine", stamp=stamp))

    page = met.content.decode()
    assert stamp in form
    assert met.status_code == 409
    assert "“Theirs”" in page
    assert 'value="Mine"' in page
    assert Evidence.objects.get().title == "Theirs"
    again = client.post(address, sent(title="Mine", stamp=actions.stamp_of(Evidence.objects.get())))
    assert again.status_code == 302
    assert Evidence.objects.get().title == "Mine"


def test_pages_say_why_after_the_sign_off(check, rating, epo, head, signed_in):
    one = add(rating, epo)
    move_to(check, State.SIGNED_OFF, head)
    client = signed_in(epo)

    for name in ("evidence-withdraw", "evidence-restore"):
        answer = client.post(url_of(rating, name, one.pk))
        assert answer.status_code == 409
        assert "signed off and cannot be changed" in answer.content.decode()
    edited = client.post(url_of(rating, "evidence-edit", one.pk), sent(title="New", stamp=""))
    promised = client.post(url_of(rating, "proof-promise"), {"due_on": timezone.localdate()})
    assert (edited.status_code, promised.status_code) == (409, 409)
    assert "not open for evidence" in client.get(url_of(rating, "evidence-add")).content.decode()


def test_a_promise_is_made_and_refused_on_the_page(rating, epo, signed_in):
    client, today = signed_in(epo), timezone.localdate()

    made = client.post(url_of(rating, "proof-promise"), {"due_on": today.isoformat()}, follow=True)
    past = client.post(url_of(rating, "proof-promise"), {"due_on": "2010-08-31"})
    none = client.post(url_of(rating, "proof-promise"), {"due_on": "soon"})
    back = client.post(url_of(rating, "proof-promise"), {"due_on": ""}, follow=True)

    assert "Green, awaiting proof until" in made.content.decode()
    assert (past.status_code, none.status_code) == (422, 422)
    assert "still to come" in past.content.decode()
    assert "No proof is promised any more." in back.content.decode()


def test_the_health_check_and_the_rating_list_it(check, rating, epo, member, signed_in):
    file = add(rating, epo, title="The signed protocol", file=kept())
    add(rating, epo, look_again_on=DAY, title="Link to the <minutes>")
    actions.edit_evidence(
        evidence=file, title=file.title, dated_on=DAY, look_again_on=DAY, stamp=actions.stamp_of(file), by=epo
    )

    row = signed_in(epo).get(check.get_absolute_url()).content.decode()
    page = signed_in(member).get(f"{check.get_absolute_url()}A1/").content.decode()

    for text in (row, page):
        assert "The signed protocol" in text
        assert "PDF, 1 KB, of 31 August 2010" in text
        assert "Link to the &lt;minutes&gt;" in text
        assert "Link to example.org" in text
        assert "Look at this again: its evidence held until 31 August 2010." in text
    assert "Add evidence" in row
    assert "Add evidence" not in page


def test_the_list_takes_the_same_queries_whatever_its_length(
    rating, epo, signed_in, django_assert_num_queries
):
    client = signed_in(epo)
    for more in (1, 2):
        for _ in range(more):
            add(rating, epo)
        client.get(url_of(rating))
        with django_assert_num_queries(9):
            client.get(url_of(rating))


# Row and file go together


def test_a_file_without_a_row_or_a_row_without_a_file_is_never_left(
    check, rating, epo, head, uploads, monkeypatch
):
    """What changes between the upload and its row: links, people, states, cycles, a database that fails."""

    def unlink() -> None:
        BoroughLink.objects.filter(person=epo).delete()

    def leave() -> None:
        type(epo).objects.filter(pk=epo.pk).update(is_active=False)
        epo.is_active = False

    def sign_off() -> None:
        move_to(check, State.SIGNED_OFF, head)

    def close() -> None:
        move_to(check, "closed", head)

    def fail() -> None:
        monkeypatch.setattr("assessments.actions.evidence._hold", broken)

    def broken(_rating) -> None:
        raise OSError("The disk is full")

    file, reachable, total = kept(), 0, 0
    for change in (unlink, leave, sign_off, close, fail):
        for _ in range(20):
            total += 1
            with transaction.atomic():
                change()
                with pytest.raises((PermissionDenied, actions.NotOpen, OSError)), transaction.atomic():
                    add(rating, epo, file=file)
                transaction.set_rollback(True)
            epo.is_active = True
            reachable += Evidence.objects.count() + len(files_in(uploads))
        monkeypatch.undo()

    print(f"orphans after a change between upload and row: {reachable} / {total}")
    assert reachable == 0


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_connection_that_is_cut_leaves_nothing(rating, epo, signed_in, uploads, share):
    """Twenty uploads each; what arrives is a beginning, as a web server hands it on."""
    client, left = signed_in(epo), 0
    for number in range(20):
        file = SimpleUploadedFile(f"{number}.txt", b"Held. " * (50 + number))
        status = send_part(client, rating, sent(file=file), share)
        left += (status < 400) + Evidence.objects.count() + len(files_in(uploads))

    print(f"left by a connection cut at {share:.0%}: {left} / 20")
    assert left == 0
    # The control: whole, the same body is kept.
    assert send_part(client, rating, sent(file=SimpleUploadedFile("a.txt", b"Held.")), 1) == 302


def send_part(client, rating, data: dict, share: float) -> int:
    body, kind = whole_body(data)
    arrives = {
        "wsgi.input": io.BytesIO(body[: int(len(body) * share)]),
        "CONTENT_TYPE": kind,
        "CONTENT_LENGTH": str(len(body)),
    }
    return client.generic("POST", url_of(rating, "evidence-add"), **arrives).status_code


def whole_body(data: dict) -> tuple[bytes, str]:
    # In the order of the page: the file before the days, and last what says that all has arrived.
    order = ["title", "file", "url", "dated_on", "look_again_on", "whole"]
    return encode_multipart(BOUNDARY, {name: data[name] for name in order}), MULTIPART_CONTENT


def test_the_sweep_removes_what_belongs_to_nothing_after_an_hour(rating, epo, uploads):
    add(rating, epo, file=kept())
    hour_ago = timezone.now().timestamp() - 3_700
    for number in range(10):
        orphan = uploads / "evidence" / f"orphan{number}"
        orphan.write_bytes(b"x")
        if number < 7:
            os.utime(orphan, (hour_ago, hour_ago))

    found = tasks.sweep_uploads()

    assert len(found.removed) == 7
    assert (found.whole, found.faults) == (1, [])
    assert len(files_in(uploads)) == 4


def test_the_sweep_names_every_file_that_is_not_as_it_was_added(rating, epo, uploads, capsys):
    random = Random(41)
    for number in range(11):
        add(rating, epo, file=kept(content=bytes([number]) * 500))
    assert tasks.sweep_uploads().faults == []
    rows = list(Evidence.objects.order_by("pk"))
    for one in rows[:10]:
        path = uploads / one.file.name
        content = bytearray(path.read_bytes())
        content[random.randrange(500)] ^= 1 << random.randrange(8)
        path.write_bytes(content)

    tasks.sweep_uploads_nightly()
    named = tasks.sweep_uploads().faults
    (uploads / rows[0].file.name).unlink()
    with pytest.raises(CommandError, match="10 of 11 files are not as they were added"):
        call_command("sweep_uploads")

    print(f"flipped bits that were not named: {10 - len(named)} / 10")
    assert len(named) == 10
    assert "is missing" in capsys.readouterr().err


def test_the_sweep_of_a_portal_without_files(capsys):
    call_command("sweep_uploads")

    assert "0 of 0 files" in capsys.readouterr().out

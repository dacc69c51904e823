"""Row and file go together, whatever happens between the upload and its row."""

import io
import os
from random import Random

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.utils import timezone

from assessments import actions, tasks
from assessments.models import Evidence
from boroughs.models import BoroughLink
from tests.assessments.kept import State, add, files_in, kept, move_to, sent, url_of

pytestmark = pytest.mark.django_db


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


def test_the_sweep_of_a_portal_without_files(uploads, capsys):
    call_command("sweep_uploads")

    assert "0 of 0 files" in capsys.readouterr().out

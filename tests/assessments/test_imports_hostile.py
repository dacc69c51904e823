"""QUALITY rows 24, 33 and 36 for imports: what holds no ratings is refused in words and changes nothing."""

import resource
import socket
import threading
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from assessments import actions
from assessments.models import ChangeSet, Rating
from tests.assessments.grid import make_framework
from tests.assessments.hostile_sheets import hostile_files
from tests.assessments.sheets import bring, take

SECONDS = 10
GROWTH_BYTES = 150_000_000


@pytest.fixture
def cycle(head, camden):
    today = timezone.localdate()
    return actions.open_cycle(
        framework=make_framework(4),
        name="Autumn 2010",
        opens_on=today,
        closes_on=today + timedelta(days=60),
        previous=None,
        by=head,
    )


@pytest.fixture
def canary():
    """An address that counts who calls: nobody is to."""
    hits: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    connection, _address = server.accept()
                except TimeoutError:
                    continue
                hits.append("called")
                connection.close()

        listener = threading.Thread(target=listen)
        listener.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd", hits
        over.set()
        listener.join()


def memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.slow
def test_hostile_files_are_refused_in_words_and_change_nothing(cycle, epo, signed_in, canary):
    client = signed_in(epo)
    xlsx, ods, plain = (take(client, cycle, ending) for ending in ("xlsx", "ods", "csv"))
    address, hits = canary
    before = list(Rating.objects.order_by("pk").values())
    wrong, total, growth = [], 0, 0
    for name, content, word in hostile_files(xlsx, ods, plain, address):
        total += 1
        began, base = time.monotonic(), memory()
        response = bring(client, cycle, content, name)
        took = time.monotonic() - began
        growth = max(growth, memory() - base)
        page = " ".join(strip_tags(response.content.decode()).split())
        if response.status_code != 422 or word not in page or took > SECONDS:
            told = response.context["form"].errors.as_text() if response.context else ""
            wrong.append(f"{name}: {response.status_code} in {took:.1f} s {told[:160]}")

    print(
        f"hostile files taken, or refused without saying why: {len(wrong)} / {total}; {growth:,} bytes more"
    )
    assert not wrong, "\n".join(wrong)
    assert total >= 30
    assert hits == []
    assert growth < GROWTH_BYTES
    assert list(Rating.objects.order_by("pk").values()) == before
    assert not ChangeSet.objects.exists()


def test_control_the_same_files_unharmed_are_read(cycle, epo, signed_in):
    client = signed_in(epo)
    for ending in ("xlsx", "ods", "csv"):
        assert bring(client, cycle, take(client, cycle, ending)).status_code == 200


def test_more_than_ten_megabytes_are_refused_as_they_come_in(cycle, epo, signed_in):
    response = bring(signed_in(epo), cycle, b"x" * 10_100_000, "large.csv")

    assert response.status_code == 422
    assert "larger than 10 MB" in response.content.decode()


def test_no_file_at_all_is_told(cycle, epo, signed_in):
    address = reverse("assessments:import-upload", args=[cycle.slug])

    for data in ({}, {"file": "text"}, {"file": SimpleUploadedFile("x" * 300 + ".csv", b"x")}):
        assert signed_in(epo).post(address, data).status_code == 422

"""Uploads to a real server: cut off on the way, and without end (QUALITY rows 36 and 40). With SOAK=1.

tests/assessments tries the same without sockets, on every run.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, encode_multipart

from assessments.models import Evidence, HealthCheck
from assessments.tasks import sweep_uploads
from tests.assessments.kept import files_in, sent
from tests.assessments.lives import State, make_check
from tests.waiting import wait_until

CUTS, SHARES = 20, (0.1, 0.5, 0.99)
# Refused early: after a hundredth of what was announced, whatever the machine takes for it.
ENDLESS, ENOUGH = 10_000_000_000, 100_000_000
GROWTH = 150_000_000
CHUNK = b"x" * 65_536

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Server:
    """The portal as it is served, on the database of the test."""

    port: int
    process: subprocess.Popen
    folder: Path
    cookie: str
    token: str

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def head(self, address: str, length: str) -> bytes:
        lines = [
            f"POST {address} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: {self.cookie}",
            f"X-CSRFToken: {self.token}",
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
            length,
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def pids(self) -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return [int(pid) for pid in listed.stdout.split()]

    def memory(self, what: str) -> int:
        """In bytes, of the workers together: VmRSS now, VmHWM at its highest."""
        found = [
            re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text()) for pid in self.pids()
        ]
        return sum(int(one[1]) for one in found if one) * 1024

    def left_behind(self) -> int:
        return len(files_in(self.folder / "tmp"))


@pytest.fixture
def check(epo, head, camden) -> HealthCheck:
    return make_check(State.DRAFT, epo, head, borough=camden)


@pytest.fixture
def server(check, epo, tmp_path) -> Iterator[Server]:
    client = Client()
    client.force_login(epo)
    client.get("/about/")
    page = client.get(f"{check.get_absolute_url()}A1/evidence/add/").content.decode()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page)[1]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("tmp", "uploads"):
        (tmp_path / name).mkdir()
    database = connection.settings_dict
    place = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    surroundings = os.environ | {
        "DATABASE_URL": f"postgres://{database['USER']}:{database['PASSWORD']}@{place}",
        "UPLOADS_DIR": str(tmp_path / "uploads"),
        "TMPDIR": str(tmp_path / "tmp"),
        "DEMO": "1",
        "DEBUG": "0",
        "SECURE": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    command = [
        *(sys.executable, "-m", "gunicorn", "cdrp_portal.wsgi:application", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
        *("--worker-tmp-dir", str(tmp_path)),
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=surroundings, stdout=log, stderr=log)
    served = Server(port, process, tmp_path, client.cookies.output(header="", sep=";").strip(), token)
    try:
        wait_until(lambda: answers(served), 60)
        yield served
    finally:
        process.terminate()
        process.wait()


def answers(served: Server) -> bool:
    assert served.process.poll() is None, (served.folder / "log").read_text()
    try:
        with served.connect() as one:
            one.sendall(b"GET /healthz/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return b"200" in one.recv(100)
    except OSError:
        return False


def body(number: int) -> bytes:
    data = sent(file=SimpleUploadedFile(f"{number}.txt", b"Held. " * (10_000 + number)))
    order = ["title", "file", "url", "dated_on", "look_again_on", "whole"]
    return encode_multipart(BOUNDARY, {name: data[name] for name in order})


def test_a_connection_that_is_cut_leaves_no_file_and_no_row(server, check, settings):
    """Twenty at each of three places, half of them closed in order and half of them torn off."""
    address = f"{check.get_absolute_url()}A1/evidence/add/"
    settings.MEDIA_ROOT = server.folder / "uploads"
    for number in range(CUTS * len(SHARES)):
        whole = body(number)
        with server.connect() as one:
            if number % 2:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            part = whole[: int(len(whole) * SHARES[number % len(SHARES)])]
            one.sendall(server.head(address, f"Content-Length: {len(whole)}") + part)
            time.sleep(0.02)
    wait_until(lambda: answers(server), 30)
    time.sleep(1)

    files = {path.name for path in files_in(server.folder / "uploads")}
    rows = {Path(name).name for name in Evidence.objects.values_list("file", flat=True)}
    temporary = server.left_behind()
    swept = sweep_uploads()

    orphans = len(files ^ rows) + len(swept.faults)
    print(f"row 40, orphans of cut connections: {orphans} / {CUTS * len(SHARES)}, {len(rows)} rows")
    assert (files, rows, temporary, swept.faults) == (set(), set(), 0, [])
    whole = body(0)
    with server.connect() as one:
        one.sendall(server.head(address, f"Content-Length: {len(whole)}") + whole)
        assert b" 302 " in one.recv(1000), "control: the whole of it is kept"
    assert len(files_in(server.folder / "uploads")) == Evidence.objects.count() == 1


@pytest.mark.parametrize("length", [f"Content-Length: {ENDLESS}", "Transfer-Encoding: chunked"])
def test_a_stream_without_end_is_refused_early(server, check, length):
    """Sent until the server has had enough of it: how long, how much memory, what stays on the disk."""
    address = f"{check.get_absolute_url()}A1/evidence/add/"
    before = server.memory("VmRSS")
    begins = body(0).split(b"Held.")[0]
    is_chunked = "chunked" in length
    began, given = time.monotonic(), 0
    with server.connect() as one:
        one.sendall(server.head(address, length) + framed(begins, is_chunked))
        one.settimeout(10)
        said = b""
        try:
            while not said and given < ENDLESS:
                one.sendall(framed(CHUNK, is_chunked))
                given += len(CHUNK)
                one.setblocking(False)
                try:
                    said = one.recv(1000)
                except BlockingIOError:
                    said = b""
                one.settimeout(10)
        except OSError:
            said = said or b"torn off"
    took = time.monotonic() - began
    wait_until(lambda: server.left_behind() == 0, 10)

    grown = server.memory("VmHWM") - before
    print(f"row 36, {length}: {said[:30]!r} after {took:.2f} s and {given:,} bytes, grown by {grown:,} bytes")
    assert said.startswith(b"HTTP/1.1 4") or said == b"torn off"
    assert given < ENOUGH
    assert grown < GROWTH
    assert Evidence.objects.count() == len(files_in(server.folder / "uploads")) == 0
    assert answers(server)


def framed(content: bytes, is_chunked: bool) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content) if is_chunked else content

import os
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from committees.rendering import RenderCancelled, RenderCrashed, RenderFailed, render_pdf
from committees.rendering import child as child_module
from committees.rendering.assets import press
from committees.rendering.child import confine, render_in_child, warm, work
from tests.committees import samples

STAGES = [
    ("Figures gathered", 10),
    ("Sections and appendices composed", 25),
    ("Pages laid out", 85),
    ("Tags and file checked", 100),
]


@pytest.fixture(scope="module", autouse=True)
def _warm():
    warm()


def long_paper(sections="A"):
    """Some seconds' work for each section."""
    blocks = [{"kind": "text", "text": "A line of invented words. " * 400}] * 25
    return samples.short_paper(
        sections=[{"letter": letter, "heading": f"Long {letter}", "blocks": blocks} for letter in sections]
    )


def children():
    """The processes that this one has started and not yet buried, but for the browser's keeper."""
    started = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {pid for pid in started if Path(f"/proc/{pid}/exe").resolve().name != "node"}


def test_child_prints_what_this_process_prints():
    told = []

    document = render_in_child(
        samples.brief(), on_progress=lambda stage, percent: told.append((stage, percent))
    )

    assert document == render_pdf(samples.brief())
    assert told == STAGES
    assert children() == set()


def test_refusal_comes_back_in_words():
    with pytest.raises(RenderFailed, match="no document of the kind “leaflet”"):
        render_in_child({"kind": "leaflet"})


def test_document_too_slow_is_stopped_in_words():
    before = time.monotonic()

    with pytest.raises(RenderFailed, match=r"not ready after 0\.3 seconds\. Nothing was lost"):
        render_in_child(long_paper(), timeout_seconds=0.3)

    assert time.monotonic() - before < 3
    assert children() == set()


def test_document_too_large_for_memory_is_stopped_in_words():
    with pytest.raises(RenderFailed, match="memory"):
        render_in_child(long_paper("ABC"), memory_bytes=0)

    assert children() == set()


def test_child_that_uses_up_its_processor_time_is_stopped_in_words(monkeypatch):
    monkeypatch.setattr(child_module, "confine", lambda *args: _one_second())

    with pytest.raises(RenderFailed, match="processor"):
        render_in_child(long_paper())


def _one_second():
    import resource

    resource.setrlimit(resource.RLIMIT_CPU, (0, 5))


def test_cancelled_document_is_stopped():
    with pytest.raises(RenderCancelled):
        render_in_child(long_paper(), should_cancel=lambda: True)

    assert children() == set()


def test_child_killed_from_outside_is_worth_another_try():
    def kill():
        for pid in children():
            os.kill(int(pid), signal.SIGKILL)

    with pytest.raises(RenderCrashed, match="killed"):
        render_in_child(long_paper(), heartbeat=kill)

    assert children() == set()


def test_fault_in_a_callback_ends_the_child_and_passes_through():
    def fail():
        raise LookupError("lease lost")

    with pytest.raises(LookupError, match="lease lost"):
        render_in_child(long_paper(), heartbeat=fail)

    assert children() == set()


@pytest.mark.slow
def test_heart_beats_while_the_document_is_made():
    beats = []

    render_in_child(samples.matrix_document(), heartbeat=lambda: beats.append(time.monotonic()))

    assert beats
    assert all(later - earlier >= 0.19 for earlier, later in zip(beats, beats[1:], strict=False))


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    render_in_child(samples.brief())
    with pytest.raises(RenderFailed):
        render_in_child(long_paper(), timeout_seconds=0.3)

    assert list(tmp_path.iterdir()) == []


def test_layout_nested_too_deeply_is_told_in_words():
    assert "nested too deeply" in confined(print_with_little_stack)


def print_with_little_stack():
    """In a child alone: what runs out of stack half-way leaves caches behind that nobody can answer for."""
    sent = []
    press()
    sys.setrecursionlimit(len_of_stack() + 60)
    work(lambda kind, payload: sent.append((kind, payload.decode())), samples.brief(), None, False, None)
    return sent[-1]


def len_of_stack():
    frame, depth = sys._getframe(), 0
    while frame:
        frame, depth = frame.f_back, depth + 1
    return depth


def test_work_sends_stages_and_then_the_file():
    sent = []

    work(lambda kind, payload: sent.append((kind, payload)), samples.brief(), None, True, None)

    assert [kind for kind, _ in sent] == [b"P"] * 4 + [b"D"]
    assert sent[-1][1][4:] == render_pdf(samples.brief(), draft=True).pdf


def confined(task):
    """What `task` says from within the limits."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            confine(writing, 2_000_000_000, 30)
            os.write(writing, str(task()).encode())
        except BaseException as problem:
            os.write(writing, repr(problem).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        answer = said.read()
    os.waitpid(pid, 0)
    return answer


def may_leave_the_network():
    import ctypes

    pid = os.fork()
    if pid == 0:
        libc = ctypes.CDLL(None)
        os._exit(0 if libc.unshare(0x40000000) == 0 or libc.unshare(0x50000000) == 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def test_child_has_no_network_where_the_kernel_allows_that():
    if not may_leave_the_network():
        pytest.skip("this kernel lets nobody make a network namespace")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()

        answer = confined(lambda: socket.create_connection(address, timeout=2))

        # The control: outside it, the same door is open.
        socket.create_connection(address, timeout=2).close()
    assert "unreachable" in answer


def test_child_keeps_no_socket_of_its_parent():
    ours, theirs = socket.socketpair()

    answer = confined(
        lambda: os.write(ours.fileno(), b"from the child") and sorted(map(os.readlink, open_files()))
    )

    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)
    assert "socket:" not in answer
    ours.close()
    theirs.close()


def open_files():
    return [
        f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd") if int(name) > 2 and is_open(name)
    ]


def is_open(name):
    return os.path.lexists(f"/proc/self/fd/{name}")


def test_child_dies_with_its_parent():
    reading, writing = os.pipe()
    parent = os.fork()
    if parent == 0:
        child = os.fork()
        if child == 0:
            confine(writing, 2_000_000_000, 30)
            os.write(writing, str(os.getpid()).encode())
            time.sleep(60)
            os._exit(0)
        time.sleep(60)
        os._exit(0)
    pid = int(os.read(reading, 20))

    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)

    deadline = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(pid)
    os.close(reading)
    os.close(writing)


def _alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False

"""A press is whole or there is none: no document is printed with boxes where letters belong."""

import os
import threading

import pytest

from committees.rendering import RenderFailed, assets, render_pdf
from committees.rendering.child import render_in_child
from committees.rendering.errors import TypefacesMissing
from tests.committees import samples


@pytest.fixture
def unset(monkeypatch):
    """As in a process that has printed nothing yet; afterwards this one has its own press again."""
    monkeypatch.setattr(assets, "_press", None)


@pytest.fixture
def one_face_broken(monkeypatch, unset):
    faces = assets.typefaces() | {"portal-symbols": b"no typeface"}
    monkeypatch.setattr(assets, "typefaces", lambda: faces)


def test_child_leaves_its_parent_the_typefaces(unset):
    assets.press()

    in_child = render_in_child(samples.brief())

    # The parent opens the faces only now: they were gone once, taken away by the child with its copy.
    assert render_pdf(samples.brief()) == in_child


def test_typefaces_are_taken_away_with_their_press(tmp_path, monkeypatch, unset):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = assets.new_press()
    kept = len(list(tmp_path.glob("*/*")))

    del made

    assert kept == len(assets.FACES)
    assert list(tmp_path.iterdir()) == []


def test_press_without_one_of_its_typefaces_is_refused(one_face_broken):
    with pytest.raises(TypefacesMissing, match="typefaces of documents could not be set up"):
        render_pdf(samples.brief())

    assert assets._press is None


def test_child_without_one_of_its_typefaces_tells_why(one_face_broken):
    with pytest.raises(RenderFailed, match="typefaces of documents could not be set up"):
        render_in_child(samples.brief())


def test_threads_that_begin_together_set_up_one_press(unset):
    before = os.environ.get("FONTCONFIG_FILE")
    together = threading.Barrier(4)
    found = []

    def begin():
        together.wait()
        found.append(assets.press())

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len(set(map(id, found))) == 1
    assert os.environ.get("FONTCONFIG_FILE") == before


def test_fork_while_a_thread_sets_the_press_up_can_still_print(unset):
    held = assets._setting_up.setdefault(os.getpid(), threading.Lock())

    with held:
        document = render_in_child(samples.brief(), timeout_seconds=20)

    assert document.page_count == 1

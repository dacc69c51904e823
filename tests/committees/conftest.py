from contextlib import contextmanager

import pytest

from committees import documents
from committees.jobs import dispatch
from tests.committees.job_kinds import LEAFLET


@pytest.fixture
def leaflet(monkeypatch):
    """A kind of document that is quick to gather and to print."""
    monkeypatch.setitem(documents.KINDS, LEAFLET.name, LEAFLET)
    return LEAFLET.name


@pytest.fixture
def sent(monkeypatch, django_capture_on_commit_callbacks):
    """How many workers were asked to be woken by each call within the block, once it has committed."""

    @contextmanager
    def watch():
        messages: list[int] = []
        monkeypatch.setattr(dispatch, "_send", lambda workers: messages.append(workers) or True)
        with django_capture_on_commit_callbacks(execute=True):
            yield messages

    return watch

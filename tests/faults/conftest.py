from pathlib import Path

import pytest

from cdrp_portal.celery import app
from committees import documents
from committees.models import Job
from tests.faults.kinds import KINDS
from tests.faults.stack import PrivateRedis, Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those with the standing worker come one after the other: starting one takes seconds of a core.

    The last of them is the one that puts another worker in its place.
    """
    places = [place for place, item in enumerate(items) if item.path.parent == HERE]
    ordered = sorted(
        (items[place] for place in places),
        key=lambda item: ("stack" not in item.fixturenames, item.path.stem == "test_long_jobs"),
    )
    for place, item in zip(places, ordered, strict=True):
        items[place] = item


@pytest.fixture
def kinds(monkeypatch):
    for kind in KINDS:
        monkeypatch.setitem(documents.KINDS, kind.name, kind)


@pytest.fixture
def broker(tmp_path, monkeypatch):
    """A Redis of this test's own, to which this process sends its messages too."""
    private = PrivateRedis(tmp_path)
    private.start()
    monkeypatch.setattr(app.conf, "broker_url", private.url)
    yield private
    private.stop()


@pytest.fixture(scope="package")
def standing(django_db_setup, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stack")
    stack = Stack(folder, PrivateRedis(folder))
    yield stack
    stack.stop()


@pytest.fixture(autouse=True)
def _nobody_else_at_work(request, standing):
    """A test that does the work itself has no worker beside it that takes its jobs."""
    if "stack" not in request.fixturenames:
        standing.stop()


@pytest.fixture
def stack(transactional_db, kinds, standing, monkeypatch):
    """A worker, beat and Redis; gone before the database is emptied where they still have work."""
    monkeypatch.setattr(app.conf, "broker_url", standing.redis.url)
    standing.be_ready()
    yield standing
    if Job.objects.unfinished().exists():
        standing.stop()

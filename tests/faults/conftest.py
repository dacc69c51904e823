import pytest

from cdrp_portal.celery import app
from committees import documents
from tests.faults.kinds import KINDS
from tests.faults.stack import PrivateRedis, Stack


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


@pytest.fixture
def stack(transactional_db, kinds, broker, tmp_path):
    """A worker with two processes, and beat; both gone before the database is emptied."""
    processes = Stack(tmp_path, broker)
    processes.start_beat()
    processes.start_worker()
    yield processes
    processes.stop()

from collections.abc import Iterator, Mapping
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.testcases import LiveServerThread

from cdrp_portal.celery import app
from tests.browser.stage import stop_chromium
from tests.database import Kept
from tests.faults.stack import PrivateRedis, Stack


class Served(LiveServerThread):
    def _create_server(self, connections_override=None):
        server = super()._create_server(connections_override)
        # How often it looks whether it shall end: each test would wait half a second for that.
        server.serve_forever = partial(server.serve_forever, poll_interval=0.02)
        return server


@pytest.fixture(scope="session", autouse=True)
def _chromium_ends_with_the_tests() -> Iterator[None]:
    yield
    stop_chromium()


@pytest.fixture
def site(transactional_db, monkeypatch, settings) -> Iterator[str]:
    """The portal on a port of its own. WhiteNoise serves its files, so that they carry their headers too."""
    # A thread that a browser keeps waiting would otherwise keep its connection, and the database its user.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    # It speaks plain HTTP; live, a form would be sent over HTTPS.
    policy = settings.CONTENT_SECURITY_POLICY
    directives = {**policy["DIRECTIVES"], "upgrade-insecure-requests": False}
    settings.CONTENT_SECURITY_POLICY = {**policy, "DIRECTIVES": directives}
    thread = Served("127.0.0.1", static_handler=lambda handler: handler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


@pytest.fixture(scope="session")
def kept_demonstration() -> Kept:
    """The rows of the demonstration, once it has been loaded."""
    return Kept("demonstration")


@pytest.fixture
def demonstration(transactional_db, settings, kept_demonstration) -> None:
    """The demonstration as `make run` shows it, its papers included."""
    settings.DEMO = True
    if kept_demonstration:
        kept_demonstration.bring_back()
    else:
        call_command("load_demo_data")
        kept_demonstration.keep()


class Service(Stack):
    """The worker and beat as they run in service: the portal's own settings, leases and sweeps."""

    def environment(self) -> Mapping[str, str]:
        names = ("JOB_LEASE_SECONDS", "JOB_HEARTBEAT_SECONDS", "JOB_SWEEP_SECONDS")
        inherited = {name: value for name, value in super().environment().items() if name not in names}
        return inherited | {"DJANGO_SETTINGS_MODULE": "cdrp_portal.settings"}


@pytest.fixture
def worker(transactional_db, tmp_path, monkeypatch) -> Iterator[Stack]:
    """A Redis, a Celery worker and beat of their own on the tests' database."""
    broker = PrivateRedis(tmp_path)
    broker.start()
    monkeypatch.setattr(app.conf, "broker_url", broker.url)
    stack = Service(tmp_path, broker)
    stack.start_beat()
    stack.start_worker(processes=1)
    yield stack
    stack.stop()

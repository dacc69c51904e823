"""How Celery is set (QUALITY facts 1 to 5, row 60), and that it is asked for work in one place only."""

import ast
import time
from pathlib import Path

import kombu
import pytest
from django.conf import settings
from django.db import transaction

import committees.tasks
from cdrp_portal.celery import app
from committees.jobs import dispatch
from committees.models import Job
from committees.rendering.child import TIMEOUT_SECONDS

ROOT = Path(__file__).resolve().parents[2]
APPS = ["cdrp_portal", "accounts", "boroughs", "assessments", "recommendations", "committees"]
DISPATCHER = ROOT / "committees" / "jobs" / "dispatch.py"
SENDING = {"delay", "apply_async", "send_task"}


def test_celery_is_set_on_purpose():
    conf = app.conf

    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is False
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result is True
    assert (conf.task_serializer, list(conf.accept_content)) == ("json", ["json"])
    assert conf.worker_soft_shutdown_timeout > 0
    assert conf.worker_proc_alive_timeout > 4
    assert conf.worker_cancel_long_running_tasks_on_connection_loss is False
    assert conf.broker_connection_retry_on_startup is True
    assert conf.broker_connection_max_retries is None


def test_a_lost_broker_is_looked_for_every_two_seconds(monkeypatch):
    """What waits for it is due within a minute of its return; the library's pauses grow to half of one."""
    asked = {}
    monkeypatch.setattr(kombu.Connection, "ensure_connection", lambda self, **named: asked.update(named))

    for connection in (app.connection_for_read(), app.connection_for_write()):
        connection.ensure_connection(max_retries=None)

        assert asked == {"interval_step": 0, "max_retries": None}


def test_celery_hard_limit_is_less_than_half_the_visibility_timeout():
    limit = app.conf.task_time_limit

    assert limit < app.conf.broker_transport_options["visibility_timeout"] / 2
    assert app.conf.task_soft_time_limit < limit
    # Gathering and keeping take seconds; what takes long is the render, and it has its own limit.
    assert limit > TIMEOUT_SECONDS * 2


def test_lease_outlives_several_heartbeats_and_the_sweep_is_soon():
    assert settings.JOB_LEASE_SECONDS >= 5 * settings.JOB_HEARTBEAT_SECONDS
    assert settings.JOB_LEASE_SECONDS + settings.JOB_SWEEP_SECONDS <= 60
    assert app.conf.beat_schedule["sweep"]["options"]["expires"] == settings.JOB_SWEEP_SECONDS


def test_the_tasks_that_are_sent_are_there():
    assert committees.tasks.run_waiting_job.name == dispatch.RUN_WAITING_JOB
    assert app.conf.beat_schedule["sweep"]["task"] == committees.tasks.sweep.name


def sendings(source: str) -> list[int]:
    """The lines on which a message is sent to the broker."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [
        call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr in SENDING
    ]


def test_only_the_dispatcher_sends_messages():
    files = [file for name in APPS for file in (ROOT / name).rglob("*.py") if file != DISPATCHER]
    found = [f"{file.relative_to(ROOT)}:{line}" for file in files for line in sendings(file.read_text())]

    print(f"messages sent outside the dispatcher: {len(found)} / {len(files)} files")
    assert found == []


def test_the_search_for_sendings_finds_them():
    control = "task.delay(1)\ntask.apply_async()\napp.send_task('x')\ndelay(1)\n"

    assert sendings(control) == [1, 2, 3]
    assert len(sendings(DISPATCHER.read_text())) == 1


@pytest.mark.django_db(transaction=True)
def test_wake_with_the_broker_gone_is_quick_and_loses_no_job(clerk, monkeypatch, caplog):
    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")

    began = time.monotonic()
    with transaction.atomic():
        Job.objects.create(kind="leaflet", title="A leaflet", requested_by=clerk)
        dispatch.wake()
    taken = time.monotonic() - began

    assert taken < 1, f"{taken:.2f} s"
    assert Job.objects.count() == 1
    assert "picked up by the sweep" in caplog.text

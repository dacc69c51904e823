"""What a woken worker does. Ids are not even passed: the worker asks the database what waits."""

from typing import Any

from celery import shared_task
from celery.signals import worker_init

from committees.jobs import claims, runner
from committees.rendering.child import warm


@shared_task(name="committees.tasks.run_waiting_job")
def run_waiting_job() -> None:
    """One job a message, so that a worker asked to stop does so after the job in hand."""
    if runner.run_next():
        claims.pass_on()


@shared_task(name="committees.tasks.sweep")
def sweep() -> None:
    claims.sweep()


@worker_init.connect
def make_ready(**_: Any) -> None:
    """Before the pool is forked: its processes share what it costs a second and a half to import."""
    warm()

"""The one place from which a worker is woken. A lost message costs seconds, never a job."""

import logging
from typing import Any

from celery.exceptions import CeleryError
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from cdrp_portal.celery import app

log = logging.getLogger(__name__)

RUN_WAITING_JOB = "committees.tasks.run_waiting_job"
# A message that was not taken by then says nothing: the sweep has sent others.
EXPIRES_SECONDS = 60
# A broker that does not answer may hold up a page for no longer than this.
PATIENCE_SECONDS = 0.5
BROKER_SILENT = (KombuError, CeleryError, RedisError, OSError)


def wake(workers: int = 1) -> None:
    """Have that many workers look for a waiting job, once the transaction in hand has been committed."""
    transaction.on_commit(lambda: _send(workers), robust=True)


def _send(messages: int) -> bool:
    """Whether the broker took them. It may be gone: the jobs wait in PostgreSQL for the next sweep."""
    try:
        with app.connection_for_write(
            connect_timeout=PATIENCE_SECONDS, transport_options=_impatient(app.conf.broker_transport_options)
        ) as connection:
            for _ in range(messages):
                app.send_task(RUN_WAITING_JOB, connection=connection, retry=False, expires=EXPIRES_SECONDS)
    except BROKER_SILENT as silence:
        log.warning("No worker could be woken; waiting jobs are picked up by the sweep. %s", silence)
        return False
    return True


def _impatient(options: dict[str, Any]) -> dict[str, Any]:
    return options | {
        "max_retries": 0,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "socket_timeout": PATIENCE_SECONDS,
    }

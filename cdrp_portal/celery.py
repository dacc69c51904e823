"""Celery only wakes workers: what is to be done stands in PostgreSQL (DESIGN §8, QUALITY facts 1 to 5)."""

import os
from typing import Any

import kombu
from celery import Celery
from celery.app.amqp import AMQP

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdrp_portal.settings")


class Connection(kombu.Connection):
    """Looks for a broker that is gone every two seconds; the library's pauses grow to half a minute."""

    def ensure_connection(self, *given: Any, **named: Any) -> kombu.Connection:
        return super().ensure_connection(*given, **{"interval_step": 0} | named)


class Messages(AMQP):
    Connection = Connection


app = Celery("cdrp_portal", amqp=Messages)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

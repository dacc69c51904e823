"""Celery only wakes workers: what is to be done stands in PostgreSQL (DESIGN §8, QUALITY facts 1 to 5)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cdrp_portal.settings")

app = Celery("cdrp_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""The portal's settings for a worker that knows the kinds of document of these tests besides."""

import os

from cdrp_portal.settings import *  # noqa: F403
from cdrp_portal.settings import CELERY_BROKER_TRANSPORT_OPTIONS, INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]
# What outlives its visibility timeout is looked for each second, where the library takes up to 100 seconds.
CELERY_BROKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {
    "visibility_timeout": int(os.environ["BROKER_VISIBILITY_SECONDS"]),
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}

"""The portal's settings for a worker that knows the kinds of document of these tests besides."""

from cdrp_portal.settings import *  # noqa: F403
from cdrp_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]

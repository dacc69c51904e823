"""How the tests of the matrix load it and address it."""

import html
import re

from django.urls import reverse

from assessments.matrix import MatrixFilters, load_matrix
from assessments.models import HealthCheck

State = HealthCheck.State


def loaded(grid, user, **filters):
    return load_matrix(cycle=grid.cycle, user=user, filters=MatrixFilters.from_query(filters))


def address(grid, query=""):
    return reverse("assessments:cycle-matrix", args=[grid.cycle.slug]) + query


def text_of(response):
    """The page's words as read, without marks."""
    content = response.content.decode()
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", content)))

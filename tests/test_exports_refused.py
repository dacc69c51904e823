"""An export that cannot be written says why, on a page (422), and is no failure of the portal."""

import pytest
from django.urls import reverse

from cdrp_portal.spreadsheets import CELL_LIMIT, WRITERS
from tests import factories


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_text_longer_than_a_cell_is_refused_in_words(ending, head, signed_in):
    factories.RecommendationFactory(full_text="x" * (CELL_LIMIT + 1))

    response = signed_in(head).get(reverse("recommendations:recommendation-export", args=[ending]))

    assert response.status_code == 422
    assert "<h1>The file could not be made</h1>" in response.content.decode()
    assert "32,767" in response.content.decode()


def test_other_faults_stay_faults(head, signed_in, monkeypatch):
    def fail(*_args, **_more):
        raise ValueError("no export")

    monkeypatch.setitem(WRITERS, "csv", fail)
    client = signed_in(head)
    client.raise_request_exception = False

    assert client.get(reverse("recommendations:recommendation-export", args=["csv"])).status_code == 500

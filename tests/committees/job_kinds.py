"""Kinds of document that only tests know."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.permissions import Permission
from committees.documents import DocumentKind, Manuscript


def leaflet_content(text: str) -> dict[str, Any]:
    return {
        "kind": "borough-brief",
        "borough": "Camden",
        "cycle": "Autumn 2010",
        "date": "2010-10-14",
        "sentence": text,
        "counts": {"green": 15},
        "demonstration": True,
    }


def leaflet_manuscript(parameters: Mapping[str, Any], by: User) -> Manuscript:
    """A page of its own text, for whoever may read boroughs."""
    if not by.may(Permission.READ_BOROUGHS):
        raise PermissionDenied
    text = str(parameters.get("text", "Camden is mostly in place."))
    return Manuscript(title="A leaflet", filename="leaflet.pdf", content=leaflet_content(text))


LEAFLET = DocumentKind("leaflet", leaflet_manuscript)

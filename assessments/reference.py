"""The framework of 30 criteria from data/criteria.csv, 25 of them asked of each borough (DOMAIN §3)."""

from datetime import date
from pathlib import Path

from django.db import transaction

from assessments.models import Criterion, Framework, Theme
from cdrp_portal.reference import BadReferenceData, read_rows

FILE = Path(__file__).parent / "data" / "criteria.csv"
COUNT = 30
COUNT_OF_BOROUGHS = 25
NAME = "Contributing to Crime and Disorder Reduction Partnerships"
PUBLISHED_ON = date(2009, 6, 1)


@transaction.atomic
def load_framework(path: Path = FILE) -> int:
    """Load or refresh version 1 of the framework; raises BadReferenceData and changes nothing otherwise."""
    rows = read_rows(path, expected=COUNT)
    asked = sum(1 for row in rows if row["borough_wording"])
    if asked != COUNT_OF_BOROUGHS:
        raise BadReferenceData(f"{asked} criteria are asked of each borough; there are {COUNT_OF_BOROUGHS}.")
    framework, _ = Framework.objects.update_or_create(
        name=NAME, version=1, defaults={"published_on": PUBLISHED_ON}
    )
    for position, row in enumerate(rows, start=1):
        theme, _ = Theme.objects.update_or_create(
            framework=framework, code=row["code"][0], defaults={"title": row["theme"]}
        )
        Criterion.objects.update_or_create(
            theme=theme,
            code=row["code"],
            defaults={
                "position": position,
                "short_title": row["short_title"],
                "authority_wording": row["authority_wording"],
                "borough_wording": row["borough_wording"],
                "evidence_expected": row["evidence_expected"],
                "derived_from": row["derived_from"],
            },
        )
    return len(rows)

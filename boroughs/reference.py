"""The 32 boroughs from data/boroughs.csv (DOMAIN §13)."""

from pathlib import Path

from django.db import transaction
from django.utils.text import slugify

from boroughs.models import Borough
from cdrp_portal.reference import BadReferenceData, read_rows

FILE = Path(__file__).parent / "data" / "boroughs.csv"
CITY_OF_LONDON = "E09000001"
COUNT = 32


@transaction.atomic
def load_boroughs(path: Path = FILE) -> int:
    """Load or refresh exactly 32 boroughs; raises BadReferenceData and changes nothing otherwise."""
    rows = read_rows(path, expected=COUNT)
    codes = {row["gss_code"] for row in rows}
    if CITY_OF_LONDON in codes:
        raise BadReferenceData("The City of London is not one of the 32 boroughs.")
    if len(codes) != COUNT:
        raise BadReferenceData("A GSS code stands twice among the boroughs.")
    strangers = Borough.objects.filter(is_generated=False).exclude(gss_code__in=codes)
    if strangers.exists():
        raise BadReferenceData(f"{strangers[0]} is in the database but not among the 32 boroughs.")
    for row in rows:
        Borough.objects.update_or_create(
            gss_code=row["gss_code"],
            defaults={
                "name": row["borough"],
                "slug": slugify(row["borough"]),
                "bocu_code": row["bocu_code"],
                "tile_label": row["tile_label"],
                "tile_column": int(row["tile_col"]),
                "tile_row": int(row["tile_row"]),
                "is_inner": row["inner_outer"] == "inner",
                "is_inner_statistical": row["inner_outer_ons"] == "inner",
                "note": row["note"],
            },
        )
    return len(rows)

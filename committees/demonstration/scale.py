"""More boroughs and criteria than there are, plainly named, to show how the portal bears scale."""

from datetime import date

from accounts.models import User
from assessments.models import Criterion, Framework, Theme
from boroughs.models import Borough, BoroughLink
from committees.demonstration.dating import happened, start_of

TILE_COLUMNS = 40
CRITERIA_PER_THEME = 10


def add_boroughs(total: int) -> None:
    """Generated partnerships up to `total`, beside the map of London and never among the 32."""
    have = Borough.objects.count()
    Borough.objects.bulk_create(
        Borough(
            name=f"Demonstration partnership {number}",
            slug=f"demonstration-partnership-{number}",
            gss_code=f"D{number:08d}",
            tile_label=f"{number:03d}"[-3:],
            tile_column=20 + number % TILE_COLUMNS,
            tile_row=20 + number // TILE_COLUMNS,
            is_inner=False,
            is_inner_statistical=False,
            is_generated=True,
        )
        for number in range(have + 1, total + 1)
    )


def add_criteria(total: int) -> None:
    """Generated criteria up to `total`, asked of every borough, in themes of their own."""
    framework = Framework.objects.latest("version")
    have = Criterion.objects.filter(theme__framework=framework).count()
    for place, number in enumerate(range(have + 1, total + 1)):
        theme, _ = Theme.objects.get_or_create(
            framework=framework,
            code=chr(ord("J") + place // CRITERIA_PER_THEME),
            defaults={"title": f"Demonstration theme {place // CRITERIA_PER_THEME + 1}"},
        )
        Criterion.objects.create(
            theme=theme,
            code=f"{theme.code}{place % CRITERIA_PER_THEME + 1}",
            position=number,
            short_title=f"Demonstration criterion {number}",
            authority_wording="The Authority does it in every borough",
            borough_wording="The Authority does it in this borough",
        )


def link_generated(officers: list[User], since: date) -> None:
    with happened(start_of("period"), BoroughLink):
        BoroughLink.objects.bulk_create(
            BoroughLink(
                borough=borough, person=officers[place % len(officers)], kind="officer", period=(since, None)
            )
            for place, borough in enumerate(Borough.objects.filter(is_generated=True))
        )

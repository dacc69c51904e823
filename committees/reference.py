"""Committees under the names of their time and the heading orders of their papers (DOMAIN §1, §7)."""

from datetime import date

from django.db import transaction

from committees.models import Committee, Numbering, PaperTemplate

# code, name, parent, quorum, first day, last day. Days are given only where the archive gives them.
COMMITTEES = [
    ("mpa", "Full Authority", None, None, date(2000, 7, 3), None),
    ("cdo", "Consultation, Diversity and Outreach Committee", "mpa", None, None, None),
    ("ppr", "Planning, Performance & Review Committee", "mpa", None, None, None),
    ("cep", "Communities, Equalities and People Committee", "mpa", None, date(2008, 10, 6), None),
    ("cecf", "Community Engagement and Citizen Focus Sub-committee", "cep", 3, date(2008, 11, 6), None),
]

RECOMMENDATIONS = {
    "key": "recommendations",
    "one": "Recommendation",
    "many": "Recommendations",
    "numbering": Numbering.THAT,
    "text": "",
}
SUPPORTING = {
    "key": "supporting-information",
    "one": "Supporting information",
    "many": "Supporting information",
    "numbering": Numbering.PARAGRAPHS,
    "text": "",
}
CONTACT = {
    "key": "contact-details",
    "one": "Contact details",
    "many": "Contact details",
    "numbering": Numbering.NONE,
    "text": "Report author: \n\nFor information contact:\n\nMPA general: 020 7202 0202\n"
    "Media enquiries: 020 7202 0217/18",
}


def heading(
    key: str, title: str, numbering: str = Numbering.PARAGRAPHS, text: str = "None"
) -> dict[str, str]:
    return {"key": key, "one": title, "many": title, "numbering": numbering, "text": text}


FINANCIAL = heading("financial-implications", "Financial implications")
BACKGROUND = heading("background-papers", "Background papers", Numbering.NONE)
EQUALITY = heading("equality-and-diversity", "Equality and diversity implications")
RACE = heading("race-and-equality-impact", "Race and equality impact")
REVIEW = heading("review-arrangements", "Review arrangements")
ORGANISATIONAL = heading("organisational-and-community", "Other organisational and community implications")

TEMPLATES = [
    (
        "Reports of 2000",
        date(2000, 7, 3),
        [SUPPORTING, RECOMMENDATIONS, FINANCIAL, REVIEW, BACKGROUND, CONTACT],
    ),
    (
        "Reports of the Clerk, 2003",
        date(2003, 1, 1),
        [RECOMMENDATIONS, SUPPORTING, EQUALITY, FINANCIAL, BACKGROUND, CONTACT],
    ),
    (
        "Reports of the Commissioner, 2003",
        date(2003, 1, 1),
        [RECOMMENDATIONS, SUPPORTING, FINANCIAL, EQUALITY, BACKGROUND, CONTACT],
    ),
    (
        "Reports from 2004",
        date(2004, 1, 1),
        [RECOMMENDATIONS, SUPPORTING, RACE, FINANCIAL, BACKGROUND, CONTACT],
    ),
    (
        "Reports from 2010",
        date(2010, 1, 1),
        [RECOMMENDATIONS, SUPPORTING, ORGANISATIONAL, FINANCIAL, BACKGROUND, CONTACT],
    ),
]


@transaction.atomic
def load_committees() -> int:
    """Load or refresh the committees seen in the archive and the heading orders of their papers."""
    for code, name, parent, quorum, starts_on, ends_on in COMMITTEES:
        Committee.objects.update_or_create(
            code=code,
            defaults={
                "name": name,
                "parent": Committee.objects.get(code=parent) if parent else None,
                "quorum": quorum,
                "starts_on": starts_on,
                "ends_on": ends_on,
            },
        )
    for name, starts_on, headings in TEMPLATES:
        PaperTemplate.objects.update_or_create(
            name=name, defaults={"starts_on": starts_on, "headings": headings}
        )
    return len(COMMITTEES)

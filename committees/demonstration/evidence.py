"""Invented evidence: links in every borough, and in the walk-through's borough small files made here."""

from collections import defaultdict
from datetime import date, timedelta
from io import BytesIO
from random import Random

import pikepdf
from django.db.models import F
from django.utils import timezone
from PIL import Image, ImageDraw

from accounts.models import User
from assessments import actions
from assessments.models import Evidence, Rating, ReviewCycle
from boroughs.models import BoroughLink
from cdrp_portal.dates import uk_date
from cdrp_portal.history import acting
from cdrp_portal.status import Status
from cdrp_portal.uploads import KINDS, Received
from committees.demonstration.dating import happened, told_at
from committees.demonstration.ratings import SHOWN_IN

SHOWN_SHARE = 0.6
LAPSES_SHARE = 0.2
SEED = 2003


def load_evidence(cycle: ReviewCycle, today: date, head: User) -> None:
    """For some greens of the open cycle, before it is handed in; the others are seen to have none."""
    random = Random(SEED)  # noqa: S311 (invented data, no secret)
    _load_links(cycle, today, head, random)
    with happened(F("added_at"), Evidence), happened(F("rated_at"), Rating):
        _load_files(cycle, today, head)


def _load_links(cycle: ReviewCycle, today: date, head: User, random: Random) -> None:
    ratings = Rating.objects.filter(health_check__cycle=cycle, value=Status.GREEN, rated_at__isnull=False)
    rows = []
    for rating in ratings.select_related("criterion", "health_check__borough", "rated_by").order_by("pk"):
        subject = rating.health_check.subject_slug
        if subject == SHOWN_IN or random.random() > SHOWN_SHARE:
            continue
        dated_on = today - timedelta(days=random.randrange(70, 300))
        lapses = random.random() < LAPSES_SHARE
        rows.append(
            Evidence(
                rating=rating,
                title=_title(rating),
                url=f"https://www.example.org/demo/{subject}/{rating.criterion.code.lower()}",
                dated_on=dated_on,
                look_again_on=dated_on + timedelta(days=random.choice([280, 365, 400])) if lapses else None,
                added_at=rating.rated_at or timezone.now(),
                added_by=rating.rated_by or head,
            )
        )
    of_person: dict[User, list[Evidence]] = defaultdict(list)
    for row in rows:
        row.rating.evidence_until = row.look_again_on
        of_person[row.added_by].append(row)
    with happened(F("added_at"), Evidence), happened(F("rated_at"), Rating):
        for person, added in of_person.items():
            held = [row.rating for row in added if row.look_again_on is not None]
            with acting(person):
                Evidence.objects.bulk_create(added)
                Rating.objects.bulk_update(held, ["evidence_until"], batch_size=100)


def _title(rating: Rating) -> str:
    expected = rating.criterion.evidence_expected or rating.criterion.short_title
    return f"{expected[:1].upper()}{expected[1:]}"[:200]


def _load_files(cycle: ReviewCycle, today: date, head: User) -> None:
    """A PDF, a picture, a table, a link that has lapsed, a proof that is due and one that is late."""
    check = cycle.health_checks.filter(borough__slug=SHOWN_IN).first()
    if check is None or not actions.takes_evidence(check):
        return
    greens = list(
        check.ratings.filter(value=Status.GREEN, rated_at__isnull=False)
        .select_related("criterion", "health_check__cycle", "health_check__borough")
        .order_by("criterion__position")
    )
    link = BoroughLink.objects.of_kind("officer").filter(borough=check.borough).select_related("person")
    found = link.current(today).first()
    by = found.person if found else head
    month_ago, year_ago = today - timedelta(days=70), today - timedelta(days=380)
    pieces: list[tuple[str, date, date | None, Received | None]] = [
        ("Minute of the strategy group", month_ago, today + timedelta(days=200), _paper("Minute", month_ago)),
        ("Poster of the public meeting", month_ago, None, _picture()),
        ("Attendance at the year’s meetings", month_ago, today + timedelta(days=100), _table()),
        ("Information-sharing protocol", year_ago, today - timedelta(days=15), None),
    ]
    for rating, (title, dated_on, until, file) in zip(greens, pieces, strict=False):
        added = actions.add_evidence(
            rating=rating,
            title=title,
            dated_on=dated_on,
            look_again_on=until,
            url="" if file else "https://www.example.org/demo/protocol",
            file=file,
            by=by,
        )
        if rating.rated_at is not None:
            told_at(added, "added_at", rating.rated_at)
    for rating, days in zip(greens[len(pieces) :], (14, -3), strict=False):
        # As it was said then: a day that has passed was still to come.
        said_on = today + timedelta(days=min(days, 0))
        actions.promise_proof(rating=rating, due_on=today + timedelta(days=days), today=said_on, by=by)


def _received(name: str, content: bytes) -> Received:
    return Received(name=name, content_type=KINDS[name.rpartition(".")[2]].content_type, content=content)


def _paper(title: str, day: date) -> Received:
    """One page that says that it is invented."""
    document, written = pikepdf.new(), BytesIO()
    page = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    lines = [f"{title} of {uk_date(day)}", "Demonstration data. Everything on this page is invented."]
    drawn = "".join(f"({line}) Tj 0 -24 Td " for line in lines)
    page.obj.Contents = document.make_stream(f"BT /F1 14 Tf 60 760 Td {drawn}ET".encode("latin-1"))
    document.docinfo[pikepdf.Name.Title] = lines[0]
    document.save(written, deterministic_id=True)
    return _received("minute.pdf", written.getvalue())


def _picture() -> Received:
    image, written = Image.new("RGB", (640, 400), "#ececf7"), BytesIO()
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 640, 60), fill="#1b1a5a")
    draw.text((24, 24), "Demonstration: a poster of a public meeting", fill="#ffffff")
    draw.text((24, 90), "Everything on this picture is invented.", fill="#111111")
    image.save(written, "PNG")
    return _received("poster.png", written.getvalue())


def _table() -> Received:
    lines = ["Meeting,Held,Officer there", "Strategy group,4,4", "Tasking group,11,10"]
    return _received("attendance.csv", "\r\n".join(lines).encode("utf-8-sig"))

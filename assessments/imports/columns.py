"""The columns of the file that is edited off-line: what its book writes and what its reader looks for."""

from cdrp_portal.spreadsheets import Column, Kind
from cdrp_portal.spreadsheets.book import legal_text
from cdrp_portal.status import Status

BOROUGH = Column("borough", "Borough", 22)
CODE = Column("code", "Code", 7)
TITLE = Column("title", "Criterion", 26)
RATING = Column("rating", "Rating", 15)
WHY = Column("why", "Why", 48)
NEXT_STEP = Column("next_step", "Next step", 36)
LAST = Column("last", "Last cycle", 15, Kind.STATUS)
KEY = Column("key", "Key", 30)
VERSION = Column("version", "Version", 9, Kind.NUMBER)

COLUMNS = (BOROUGH, CODE, TITLE, RATING, WHY, NEXT_STEP, LAST, KEY, VERSION)
OPEN = (RATING, WHY, NEXT_STEP)
HIDDEN = (KEY, VERSION)
NEEDED = (BOROUGH, CODE, RATING, WHY, NEXT_STEP, KEY, VERSION)

WORDS = tuple(str(status.label) for status in Status)
SHEET = "Ratings"


def key_of(cycle: str, subject: str, code: str) -> str:
    """What names one rating in a file, for people as for the portal: "autumn-2010/camden/E1"."""
    return f"{cycle}/{subject}/{code}"


def written(text: str) -> str:
    """A text as it stands in the file: a tab is a space, because LibreOffice drops the tabs of an ODS."""
    return legal_text(text).replace("\t", " ")


def is_same(text: str, stood: str) -> bool:
    """Whether a text that came back is the one that was written there."""
    return written(text).strip() == written(stood).strip()

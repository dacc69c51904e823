"""Ratings edited off-line: the book that is taken away, and what comes back, beside what stands.

Reading (`reading`), comparing (`differences`), keeping until it is accepted (`kept`) and saying it (`words`)
are apart: only `differences` asks the database about ratings, and only `actions.save_set` writes them.
"""

from assessments.imports.book import ratings_book
from assessments.imports.differences import Comparison, Difference, compare
from assessments.imports.kept import Kept, forget, keep, kept_of
from assessments.imports.reading import Fault, Row, read_rows

__all__ = [
    "Comparison",
    "Difference",
    "Fault",
    "Kept",
    "Row",
    "compare",
    "forget",
    "keep",
    "kept_of",
    "ratings_book",
    "read_rows",
]

"""The matrix of a review cycle: boroughs by criteria, what moved, and the counts (DESIGN §2, §7).

One read model for the page, the spreadsheets and the paper, so that they cannot disagree:

* `MatrixFilters.from_query(request.GET)` raises `BadFilter`, whose text is for the reader;
* `load_matrix(cycle=…, user=…, filters=…)` asks five questions of the database, whatever the size;
* `matrix_content(matrix)` is the same matrix as a block of a document, plain enough to be frozen.
"""

from assessments.matrix.content import matrix_content, not_reconfirmed_by_column
from assessments.matrix.filters import BadFilter, MatrixFilters, Show
from assessments.matrix.model import Column, Counts, Matrix, Officer, Row, ThemeGroup
from assessments.matrix.reading import every_cycle, load_matrix

__all__ = [
    "BadFilter",
    "Column",
    "Counts",
    "Matrix",
    "MatrixFilters",
    "Officer",
    "Row",
    "Show",
    "ThemeGroup",
    "every_cycle",
    "load_matrix",
    "matrix_content",
    "not_reconfirmed_by_column",
]

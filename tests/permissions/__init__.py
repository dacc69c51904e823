"""Every route × every actor × what they meet: DESIGN §5 as a table.

A route that is missing here fails; a row here that has no route fails. Own and foreign are told apart by
Camden (epo, member) and Islington (other_epo, other_member): what is private to another borough is 404,
like what was never there; what is seen but may not be done is 403.
"""

from tests.permissions import assessments, boroughs, committees, public, recommendations

TABLE = [
    *public.ROWS,
    *boroughs.ROWS,
    *assessments.ROWS,
    *recommendations.ROWS,
    *committees.ROWS,
]

import django_tables2 as tables

NUMERIC = {"th": {"class": "num"}}


class LondonTable(tables.Table):
    """The table twin of the map: which columns there are and how they sort; its template draws the rows."""

    name = tables.Column("Borough")
    member = tables.Column("Link member")
    officer = tables.Column("Officer")
    green = tables.Column("Green", attrs=NUMERIC, initial_sort_descending=True)
    amber = tables.Column("Amber", attrs=NUMERIC, initial_sort_descending=True)
    red = tables.Column("Red", attrs=NUMERIC, initial_sort_descending=True)
    answered = tables.Column("Answered", attrs=NUMERIC)
    state = tables.Column("State")
    last_change = tables.Column("Last change", initial_sort_descending=True)

    class Meta:
        attrs = {"class": "london"}
        order_by = "name"
        empty_text = "No borough is like that"
        template_name = "assessments/_london_table.html"


class ReadinessTable(tables.Table):
    """A cycle's health checks: which columns there are and how they sort; its template draws the rows."""

    name = tables.Column("Borough")
    officer = tables.Column("Responsible")
    state = tables.Column("State")
    answered = tables.Column("Answered", attrs=NUMERIC)
    carried = tables.Column("Not re-confirmed", attrs=NUMERIC, initial_sort_descending=True)
    without_next_step = tables.Column("Red, no next step", attrs=NUMERIC, initial_sort_descending=True)
    flags = tables.Column("Flags", attrs=NUMERIC, initial_sort_descending=True)
    lapsed = tables.Column("Evidence lapsed", attrs=NUMERIC, initial_sort_descending=True)
    proofs_late = tables.Column("Proof overdue", attrs=NUMERIC, initial_sort_descending=True)
    days_left = tables.Column("Days left")

    class Meta:
        attrs = {"class": "table--wide"}
        empty_text = "No health check is like that"
        template_name = "assessments/_readiness_table.html"

"""The floors: what the shortest code takes that fetches the same rows and prints them.

SQL by hand and no escaping: this code measures, and serves nobody.
"""

import csv
import io
from itertools import groupby
from operator import itemgetter

import xlsxwriter
from django.db import connection, transaction

RATINGS = """
SELECT coalesce(b.name, 'The Authority'), c.code, c.short_title, r.value
FROM assessments_rating r
JOIN assessments_healthcheck h ON h.id = r.health_check_id
JOIN assessments_criterion c ON c.id = r.criterion_id
LEFT JOIN boroughs_borough b ON b.id = h.borough_id
WHERE h.cycle_id = %s ORDER BY 1, c.position
"""


def rows_of(statement: str, parameters: list[object]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def matrix_page(cycle: int, previous: int | None) -> str:
    earlier = {(name, code): value for name, code, _title, value in rows_of(RATINGS, [previous])}
    lines = []
    for name, cells in groupby(rows_of(RATINGS, [cycle]), itemgetter(0)):
        printed = "".join(
            f'<td class="{now}"><a href="{name}#{code}" '
            f'aria-label="{name}, {code} {title}: {now}, was {earlier.get((name, code))}">{now[0]}</a></td>'
            for _name, code, title, now in cells
        )
        lines.append(f"<tr><th>{name}</th>{printed}</tr>")
    return f"<table>{''.join(lines)}</table>"


def save_rating(rating: int, value: str) -> None:
    statement = "UPDATE assessments_rating SET value = %s, version = version + 1 WHERE id = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [value, rating])


def newest() -> list[tuple]:
    return rows_of("SELECT max(pgh_id) FROM assessments_ratingevent", [])


def panel(rating: int) -> str:
    statement = """
        SELECT c.code, c.short_title, r.value, r.rationale, r.next_step, r.version
        FROM assessments_rating r JOIN assessments_criterion c ON c.id = r.criterion_id WHERE r.id = %s
    """
    events = "SELECT pgh_created_at, value FROM assessments_ratingevent WHERE pgh_obj_id = %s LIMIT 5"
    rows = [*rows_of(statement, [rating]), *rows_of(events, [rating])]
    return "".join(f"<p>{row}</p>" for row in rows)


def compare(cycle: int, other: int | None) -> str:
    was = {(name, code): value for name, code, _title, value in rows_of(RATINGS, [other])}
    rows = [
        f"<tr><td>{name}</td><td>{code} {title}</td><td>{was.get((name, code))}</td><td>{now}</td></tr>"
        for name, code, title, now in rows_of(RATINGS, [cycle])
        if was.get((name, code)) != now
    ]
    return f"<table>{''.join(rows[:50])}</table>"


def register() -> str:
    statement = (
        "SELECT number, short_title, theme, responsible_body, acceptance FROM recommendations_recommendation"
    )
    rows = rows_of(f"{statement} ORDER BY plan_order LIMIT 50", [])
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


def london(cycle: int) -> str:
    statement = """
        SELECT b.name, count(*) FILTER (WHERE r.value = 'green'), count(*) FILTER (WHERE r.value = 'amber'),
               count(*) FILTER (WHERE r.value = 'red'), max(r.rated_at)
        FROM boroughs_borough b JOIN assessments_healthcheck h ON h.borough_id = b.id
        JOIN assessments_rating r ON r.health_check_id = h.id
        WHERE h.cycle_id = %s GROUP BY b.name ORDER BY b.name LIMIT 50
    """
    rows = rows_of(statement, [cycle])
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


def matrix_csv(cycle: int) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines)
    for name, cells in groupby(rows_of(RATINGS, [cycle]), itemgetter(0)):
        writer.writerow([name, *(cell[3] for cell in cells)])
    return lines.getvalue().encode()


def matrix_xlsx(cycle: int) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, (name, cells) in enumerate(groupby(rows_of(RATINGS, [cycle]), itemgetter(0))):
            sheet.write_row(at, 0, [name, *(cell[3] for cell in cells)])
    return buffer.getvalue()

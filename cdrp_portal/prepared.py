"""A question that is asked on every page of its kind, compiled by Django once in a process.

Compiling a queryset takes Django 0.3 to 0.6 ms, and planning it PostgreSQL about as long, more than answering
it; a page of ten milliseconds cannot afford that for each. The SQL is still Django's own, and each connection
has it planned once (docs/decisions/0016). Questions whose shape or constants hang on who asks, or on the day,
are not for here: what is compiled once must be right for everybody.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql


class _Planned(ServerBindingCursor):
    """Named, as Django names those that only read: nobody puts a statement of their own before its own."""

    name = "planned"


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """One that hands a statement and its values to PostgreSQL apart, so that the plan can be kept.

    Django's own puts the values in, as a log of queries shows them: while one is kept, it is Django's own.
    All else is alike: a connection that died is opened again first, and errors and hooks are the same.
    """
    if connection.queries_logged:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    apart = _Planned(connection.connection)  # type: ignore[call-arg]  # the stubs know another cursor
    with connection._prepare_cursor(apart) as planned:  # type: ignore[attr-defined]  # as Django's are made
        yield planned


class Prepared:
    """Rows of `build(**examples)`, with other values in the examples' places.

    Each example must be a value that stands nowhere else in the question, and of the type that the
    database's driver takes: numbers, text, dates.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **examples: Any) -> None:
        self._build = build
        self._examples = examples

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        statement, names = self._compiled
        with _cursor() as cursor:
            cursor.execute(statement, [values[name] for name in names])
            return cursor.fetchall()

    def objects(self, **values: Any) -> list[Any]:
        """The same as rows of the model, where `build` answers with a queryset of them, not `values_list`.

        What it asks for by `select_related` and by annotations comes with each.
        """
        made = self._made
        return [made(row) for row in self.rows(**values)]

    @cached_property
    def _made(self) -> Callable[[tuple[Any, ...]], Model]:
        """How a row becomes an object: by the parts with which Django's own querysets do it."""
        (compiler, _statement, _found), alias = self._question, connection.alias
        model = compiler.klass_info["model"]
        if compiler.get_converters([column for column, _sql, _alias in compiler.select]):
            raise ValueError(f"{model.__name__} keeps a value that Django would convert on its way out.")
        places = compiler.klass_info["select_fields"]
        own = slice(places[0], places[-1] + 1)
        names = [column.target.attname for column, _sql, _alias in compiler.select[own]]
        # The stubs are of the Django that comes after this one.
        related = get_related_populators(compiler.klass_info, compiler.select, alias)  # type: ignore[call-arg]
        notes = compiler.annotation_col_map.items()

        def made(row: tuple[Any, ...]) -> Model:
            found = model.from_db(alias, names, row[own])
            for populator in related:
                populator.populate(row, found)
            for name, place in notes:
                setattr(found, name, row[place])
            return found

        return made

    @cached_property
    def _question(self) -> tuple[SQLCompiler, str, tuple[Any, ...]]:
        compiler = self._build(**self._examples).query.get_compiler(connection=connection)
        return compiler, *compiler.as_sql()

    @cached_property
    def _compiled(self) -> tuple[str, list[str]]:
        """The statement, and the names of its parameters in their order."""
        _compiler, statement, found = self._question
        names = {example: name for name, example in self._examples.items()}
        open_ = [names[value] for value in found if value in names]
        if sorted(open_) != sorted(self._examples):
            raise ValueError(f"{sorted(self._examples)} do not each stand once in: {statement}")
        connection.ensure_connection()
        # What always is the same stands in the statement itself: PostgreSQL need not guess at its type.
        filled = [
            "%s" if value in names else sql.quote(value, connection.connection).replace("%", "%%")
            for value in found
        ]
        statement = statement.replace("%%", "%%%%") % tuple(filled)
        if statement.startswith("("):
            # A union. The history takes what does not begin with its verb for a write, and sends along who
            # is at work and where from. Nothing but Django's own statement is put in here.
            statement = f"SELECT * FROM ({statement}) AS united"  # noqa: S608
        return statement, open_

"""A question that is asked on every page of its kind, compiled by Django once in a process.

Compiling a queryset takes Django 0.3 to 0.6 ms, more than PostgreSQL takes to answer it; a page of ten
milliseconds cannot afford that for each. The SQL is still Django's own. Questions whose shape or constants
hang on who asks, or on the day, are not for here: what is compiled once must be right for everybody.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Field, Model, QuerySet


class Prepared:
    """Rows of `build(**examples)`, with other values in the examples' places.

    Each example must be a value that stands nowhere else in the question, and of the type that the
    database's driver takes: numbers, text, dates.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **examples: Any) -> None:
        self._build = build
        self._examples = examples

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        statement, parameters = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(statement, [values[name] if name else fixed for name, fixed in parameters])
            return cursor.fetchall()

    def objects(self, **values: Any) -> list[Any]:
        """The same as rows of the model, where `build` answers with a plain queryset and no `values_list`."""
        model, names = self._model
        return [model.from_db(connection.alias, names, row) for row in self.rows(**values)]

    @cached_property
    def _model(self) -> tuple[type[Model], list[str]]:
        """The model and the names of its columns, in the order in which Django asks for them."""
        model = self._build(**self._examples).model
        fields: tuple[Field[Any, Any], ...] = model._meta.concrete_fields
        if any(field.get_db_converters(connection) for field in fields):
            raise ValueError(f"{model.__name__} keeps a value that Django would convert on its way out.")
        return model, [field.attname for field in fields]

    @cached_property
    def _compiled(self) -> tuple[str, list[tuple[str, Any]]]:
        """The statement, and for each parameter the name whose value it takes, or what it always is."""
        statement, found = self._build(**self._examples).query.sql_with_params()
        names = {example: name for name, example in self._examples.items()}
        parameters = [(names.get(parameter, ""), parameter) for parameter in found]
        if sorted(name for name, _fixed in parameters if name) != sorted(self._examples):
            raise ValueError(f"{sorted(self._examples)} do not each stand once in: {statement}")
        return statement, parameters

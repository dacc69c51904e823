"""The forms that pages offer, what sending one of them changes, and a sweep over everything they link to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, models
from django.urls import Resolver404, resolve
from django.utils import timezone
from lxml import html
from psycopg import sql

APPS = ("accounts", "assessments", "boroughs", "committees", "recommendations")
# The history follows the tables by triggers: what stands in it is a copy of them.
MODELS = {
    model._meta.db_table: model
    for model in apps.get_models()
    if model._meta.app_label in APPS and not hasattr(model, "pgh_obj_id") and not hasattr(model, "pgh_id")
}


# Forms


@dataclass
class Form:
    """A form as a page offers it: where it leads, and what it would send once it is filled in."""

    action: str
    sent: dict[str, list[Any]]
    names: frozenset[str]
    files: tuple[str, ...]

    @property
    def route(self) -> str:
        return view_name(self.action)

    @property
    def kind(self) -> tuple[str, frozenset[str]]:
        """One form for each route and set of fields; what is numbered in their names does not count."""
        return self.route, frozenset(re.sub(r"\d+", "#", name) for name in self.names)


def view_name(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def forms_of(address: str, response: Any) -> Iterator[Form]:
    """Each form of the page that changes something, once for every button that it has."""
    for form in html.fromstring(response.content).xpath("//form[translate(@method,'POST','post')='post']"):
        filled: dict[str, list[Any]] = {}
        for name, value in form.form_values():
            filled.setdefault(name, []).append(value)
        fill(form, filled)
        filled.pop("csrfmiddlewaretoken", None)
        buttons = form.xpath(".//button[@name]")
        names = {control.get("name") for control in [*form.inputs, *buttons]}
        files = tuple(control.get("name") for control in form.xpath(".//input[@type='file']"))
        for button in buttons or [None]:
            pressed, action = {}, form.get("action")
            if button is not None:
                pressed = {button.get("name"): [button.get("value", "")]}
                action = button.get("formaction") or action
            known = frozenset(names - {None, "csrfmiddlewaretoken"})
            yield Form(action or address, {**filled, **pressed}, known, files)


def fill(form: Any, sent: dict[str, list[Any]]) -> None:
    """What a person would have to add, where the page leaves it empty."""
    for control in form.inputs:
        name = control.get("name")
        kind = control.get("type", "") if control.tag == "input" else control.tag
        # A text area begins with a line break that is not part of what stands in it.
        if name and not any(value.strip() for value in sent.get(name, [])):
            value = typed(name, kind, control)
            sent[name] = [value] if value else sent.get(name, [])


def typed(name: str, kind: str, control: Any) -> str:
    match kind:
        case "date":
            return control.get("min") or timezone.localdate().isoformat()
        case "time":
            return "10:00"
        case "email" | "text" if name in ("login", "email"):
            return "epo@demo.test"
        case "checkbox":
            return control.get("value", "on")
        case "radio":
            return "amber" if name == "value" else control.get("value", "")
        case "select":
            return next((one for one in control.value_options if one), "")
        case "text" | "textarea" | "":
            return "12" if name == "numbers" else f"Said of {name}"
    return ""


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("minutes.txt", b"Held on 31 August.")


def hostile_value(column: models.Field) -> str:
    """Something that this column could take, and that no honest form of these tests sends."""
    if column.choices:
        return str(list(dict(column.flatchoices))[-1])
    if column.is_relation:
        last = column.related_model._base_manager.order_by("pk").last()
        return str(last.pk if last is not None else 1)
    match column.get_internal_type():
        case "BooleanField":
            return "on"
        case "DateField":
            return "2001-01-31"
        case "DateTimeField":
            return "2001-01-31 10:00"
        case "EmailField":
            return "hostile@demo.test"
        case "JSONField":
            return '{"hostile": 1}'
        case "UUIDField":
            return "00000000-0000-4000-8000-000000000001"
        case kind if "Integer" in kind or kind.endswith("AutoField"):
            return "77"
    return "Hostile"


def hostile_fields(app: str) -> dict[str, str]:
    """Every concrete column of every model, by both of its names; of one app first where names are shared."""
    found: dict[str, str] = {}
    for model in sorted(MODELS.values(), key=lambda one: one._meta.app_label == app):
        for column in model._meta.concrete_fields:
            found |= {name: hostile_value(column) for name in (column.name, column.attname)}
    return found


# What a request changed

Rows = dict[str, dict[Any, dict[str, Any]]]


def digests() -> dict[str, str]:
    """One for each table, asked for in one question: most requests change two of them."""
    part = sql.SQL(
        "SELECT {}, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {} t"
    )
    union = sql.SQL(" UNION ALL ").join(
        part.format(sql.Literal(table), sql.Identifier(table)) for table in MODELS
    )
    with connection.cursor() as cursor:
        cursor.execute(union)
        return dict(cursor.fetchall())


def rows_of(tables: Any) -> Rows:
    return {
        table: {row[_key(table)]: row for row in MODELS[table]._base_manager.values()} for table in tables
    }


def _key(table: str) -> str:
    return MODELS[table]._meta.pk.attname


@dataclass
class Tables:
    """All rows as they stood before a request, and what it changed of them."""

    digests: dict[str, str] = field(default_factory=digests)
    rows: Rows = field(default_factory=lambda: rows_of(MODELS))

    def changes(self) -> list[tuple[str, ...]]:
        """Without what differs from one request to the next anyway: moments, new keys, random names."""
        now = digests()
        touched = rows_of(table for table in MODELS if now[table] != self.digests[table])
        return sorted(one for table in touched for one in self._of(table, touched[table]))

    def _of(self, table: str, now: dict[Any, dict[str, Any]]) -> Iterator[tuple[str, ...]]:
        was = self.rows[table]
        for pk in was.keys() - now.keys():
            yield table, str(pk), "deleted"
        for pk, row in now.items():
            if pk in was:
                for name, value in row.items():
                    if value != was[pk][name]:
                        yield table, str(pk), name, self._steady(table, name, value)
            else:
                facts = (f"{name}={self._steady(table, name, row[name])}" for name in sorted(row))
                yield table, "new", *(fact for fact in facts if not fact.startswith(f"{_key(table)}="))

    def _steady(self, table: str, name: str, value: Any) -> str:
        column = next(one for one in MODELS[table]._meta.concrete_fields if one.attname == name)
        if column.is_relation and value is not None:
            others = self.rows.get(column.related_model._meta.db_table)
            if others is not None and value not in others:
                return "a new row"
        if isinstance(value, datetime):
            return "now" if abs(timezone.now() - value) < timedelta(minutes=5) else value.isoformat()
        if isinstance(value, date):
            return value.isoformat()
        text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.+]+Z?", "a moment", str(value))
        text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9a-f]{32,64}", "random", text)
        return "a password" if text.count("$") >= 3 else text

"""Every form: it does what it is for, and nothing that it does not ask for (QUALITY rows 5 and 12)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from committees.forms import MeetingForm
from tests.assessments.sheets import edit_csv
from tests.permissions import TABLE
from tests.permissions.rows import Row
from tests.permissions.world import build_world
from tests.quality.pages import APPS, Form, Tables, forms_of, hostile_fields, upload, view_name
from tests.quality.world import add_every_state
from tests.test_permissions import again, signed_in_as

CYCLE, PAPERS = "/assessments/cycle/", "/committees/papers/"
FRAMEWORKS = "/assessments/frameworks/"
# Whose page has the form. Together they have every form of the portal: a route that none leads to fails.
PAGES = {
    "head": [
        *(f"{CYCLE}{path}" for path in (
            "camden/", "harrow/confirm/", "harrow/confirm/?theme=A", "ealing/submit/", "hackney/",
            "hackney/moderate/",
            "hackney/A1/moderate/", "hackney/A1/comments/", "sutton/A1/moderate/", "sutton/A1/comments/",
            "sutton/return/", "barnet/sign-off/", "barnet/moderate/", "brent/reopen/",
            "croydon/A1/evidence/", "bulk/?borough=camden&borough=ealing&criterion=A1", "dates/", "officers/",
            "carry-forward/", "close/", "sets/{change_set}/undo/",
        )),
        "/assessments/new/", "/recommendations/cycles/cycle/build/", "/boroughs/brent/links/add/",
        "/boroughs/camden/links/{link}/end/",
        *(f"{FRAMEWORKS}{path}" for path in (
            "{published}/", "{new_framework}/", "{to_publish}/publish/", "{new_framework}/discard/",
            "{new_framework}/new/", "{new_framework}/themes/new/", "{new_framework}/themes/B/",
            "{new_framework}/A2/", "{new_framework}/A2/drop/",
        )),
    ],
    "epo": [
        f"{CYCLE}camden/A1/", f"{CYCLE}camden/A1/evidence/", f"{CYCLE}camden/A1/evidence/add/",
        f"{CYCLE}camden/A1/evidence/{{evidence}}/edit/", "/recommendations/actions/add/{ealing}/",
        f"{CYCLE}import/", f"{CYCLE}import/{{token}}/", "/boroughs/camden/visits/add/", "/accounts/",
    ],
    "clerk": [
        "/committees/meetings/add/", "/committees/demo/2026-01-08/papers/add/", f"{PAPERS}{{paper}}/",
        f"{PAPERS}{{paper}}/head/", f"{PAPERS}{{paper}}/sections/supporting/",
        f"{PAPERS}{{paper}}/sections/appendix-1/remove/", f"{PAPERS}{{to_issue}}/issue/", "/jobs/{waiting}/",
        "/jobs/{failed}/",
    ],
    "lead": ["/recommendations/actions/{action}/"],
}  # fmt: skip
# What a form cannot guess: a number that is free, what nobody asks on yet, a day not promised already.
GIVEN = {
    "assessments:criterion-create": {"continues": ""},
    "assessments:criterion-edit": {"continues": ""},
    "assessments:cycle-new": {"name": "Cycle of the test"},
    "assessments:proof-promise": {"due_on": (timezone.localdate() + timedelta(days=3)).isoformat()},
    "boroughs:link-create": {"kind": "officer"},
    "committees:meeting-create": {"starts_at": "10:00"},
    "committees:paper-create": {"number": "31"},
}
# Routes whose names do not begin with the app of their tables.
OF_APP = {"jobs": "committees", "papers": "committees", "shortcuts-toggle": "accounts"}
# Its rows stay in the cache until they are accepted, by a form that is among these.
CHANGES_NOTHING = {"assessments:import-upload"}
# Of the library, which keeps what they change in tables of its own (tests/accounts try them).
OF_THE_LIBRARY = ("account_", "mfa_")


@pytest.fixture
def places(db, epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington):
    found = build_world(epo, other_epo, clerk, member, head, lead, reader, administrator, camden, islington)
    return add_every_state(found, epo, head, clerk)


def send(cookies: str, form: Form, more: dict[str, str], tables: Tables) -> tuple[Any, list[tuple[str, ...]]]:
    """The answer to a form with `more` beside it, and what it changed; then all of it is taken back."""
    with transaction.atomic():
        data = {**more, **form.sent, **{name: upload() for name in form.files}, **GIVEN.get(form.route, {})}
        response = again(cookies).post(form.action, data)
        changes = tables.changes()
        transaction.set_rollback(True)
    return response, changes


def offered(people: dict[str, str], places: dict[str, Any]) -> Iterator[tuple[str, Form]]:
    """Each form once, with the session of whoever was shown it, and what scripts send of themselves."""
    seen = set()
    for who, cookies in people.items():
        for template in PAGES[who]:
            address = template.format(**places)
            response = again(cookies).get(address)
            assert response.status_code == 200, (who, address, response.status_code)
            for form in forms_of(address, response):
                if not form.route.startswith(OF_THE_LIBRARY) and form.kind not in seen:
                    seen.add(form.kind)
                    yield cookies, form
    typed = {"value": ["amber"], "rationale": ["Half of it"], "next_step": [""], "version": ["0"]}
    # Offered where there are several to carry.
    yield people["epo"], Form(f"{CYCLE}camden/carry-forward/", {}, frozenset(), ())
    yield people["epo"], Form(f"{CYCLE}camden/A1/draft/", typed, frozenset({*typed, "offer", "drop"}), ())


def second_step(form: Form, response: Any) -> list[Form]:
    """The form with which a page asks whether what was filled in is meant."""
    if form.route != "assessments:cycle-new" or response.status_code != 200:
        return []
    return [one for one in forms_of(form.action, response) if one.sent.get("step") == ["open"]]


def sessions(request: pytest.FixtureRequest) -> dict[str, str]:
    people = {who: signed_in_as(request.getfixturevalue(who)) for who in PAGES}
    return {who: client.cookies.output(header="", sep=";") for who, client in people.items()}


def upload_ratings(cookies: str) -> str:
    """Under which an edited file of ratings waits to be accepted."""
    client = again(cookies)
    edited = edit_csv(client.get(f"{CYCLE}edit.csv").content, {(2, "Rating"): "Amber", (2, "Why"): "Half"})
    kept = client.post(f"{CYCLE}import/", {"file": SimpleUploadedFile("ratings.csv", edited)})
    return kept.headers["Location"].split("/")[-2]


def takes_posts(row: Row, cookies: str, places: dict[str, Any]) -> bool:
    """By what a route itself says when it is asked for something that it does not know."""
    kwargs = {name: places.get(value, value) for name, value in row.kwargs.items()}
    response = again(cookies).options(reverse(row.route, kwargs=kwargs))
    return "POST" in response.headers.get("Allow", "")


@pytest.mark.slow
def test_each_form_does_what_it_is_for_and_nothing_that_it_does_not_ask(places, request):
    """Each form twice, the second time with every column of every model beside its own fields.

    What the two change must be the same: no more than the form asks (row 5), and something at all (row 12).
    """
    people = sessions(request)
    places["token"] = upload_ratings(people["epo"])
    forms = list(offered(people, places))
    own: dict[str, set[str]] = defaultdict(set)
    for _cookies, form in forms:
        own[form.route] |= form.names
    hostile, tables = {app: hostile_fields(app) for app in APPS}, Tables()
    swayed, idle, done, total = [], set(), [], 0

    while forms:
        cookies, form = forms.pop(0)
        response, honest = send(cookies, form, {}, tables)
        steps = second_step(form, response)
        forms += [(cookies, one) for one in steps]
        if honest:
            app = OF_APP.get(form.route.split(":")[0], form.route.split(":")[0])
            more = {name: text for name, text in hostile[app].items() if name not in own[form.route]}
            _answer, changed = send(cookies, form, more, tables)
            done.append(form.route)
            total += len(more)
            if changed != honest:
                swayed.append(f"{form.route}: {sorted(set(changed) ^ set(honest))}")
        elif not steps:
            idle.add(form.route)

    asked = {row.route: row for row in TABLE if row.route not in done}
    untried = {
        name
        for name, row in asked.items()
        if not name.startswith(OF_THE_LIBRARY) and takes_posts(row, people["head"], places)
    }
    print(f"row 5, forms that changed a column unasked: {len(swayed)} / {total} form × field")
    print(f"row 12, forms that did nothing: {len(idle - CHANGES_NOTHING)} / {len(done)}")
    assert swayed == []
    assert idle == untried == CHANGES_NOTHING
    assert total >= 10_000


def test_control_a_form_that_takes_one_column_too_many_is_noticed(places, clerk, monkeypatch):
    class Open(MeetingForm):
        class Meta(MeetingForm.Meta):
            fields = [*MeetingForm.Meta.fields, "is_demonstration"]

    client, address, tables = signed_in_as(clerk), "/committees/meetings/add/", Tables()
    form = next(one for one in forms_of(address, client.get(address)) if one.route == view_name(address))
    cookies = client.cookies.output(header="", sep=";")
    monkeypatch.setattr("committees.views.meetings.MeetingForm", Open)

    _answer, honest = send(cookies, form, {}, tables)
    _answer, hostile = send(cookies, form, hostile_fields("committees"), tables)

    assert honest != hostile

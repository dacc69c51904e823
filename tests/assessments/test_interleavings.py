"""Two browsers on one health check, by the forms they really send: the matrix's cells and the page's rows."""

import random
import re
from dataclasses import dataclass, field

import pytest
from django.test import Client

from assessments import actions
from assessments.models import HealthCheck
from tests import factories
from tests.assessments.lives import State, make_check
from tests.quality.soak import size

pytestmark = pytest.mark.slow

INTERLEAVINGS, CONTROLS, SEED = size(40, 200), 20, 20101014
CODES = ("A1", "A2", "A3")
SHARED = "A2"
ROW_VERSION = re.compile(r'id="state-(A\d)"[^>]*><input type="hidden" name="version" value="(\d+)"')
CELL_VERSIONS = re.compile(r'data-v="([\d ]+)"')
SEEN = re.compile(r'name="seen" value="(\d+)"')


@dataclass
class Browser:
    """What one person's page knows: the versions to save over, and the texts that stood when it was read."""

    client: Client
    check: HealthCheck
    in_matrix: bool
    versions: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    is_stale: bool = True

    def open(self) -> None:
        self.read, self.is_stale = texts_of(self.check), False
        if self.in_matrix:
            page = self.client.get(self.check.cycle.get_absolute_url()).content.decode()
            self.versions = dict(zip(CODES, CELL_VERSIONS.findall(page)[-1].split(), strict=True))
        else:
            page = self.client.get(self.check.get_absolute_url()).content.decode()
            self.versions = dict(ROW_VERSION.findall(page))

    def save(self, code: str, text: str, value: str, **more: str):
        """A cell sends what was changed; a row sends all of it."""
        sent = {"value": value, "rationale": text, "version": self.versions[code], **more}
        if self.in_matrix:
            headers = {"Accept": "application/json"}
        else:
            sent["next_step"] = ""
            headers = {"HX-Request": "true"}
        return self.client.post(f"{self.check.get_absolute_url()}{code}/", sent, headers=headers)

    def learn(self, code: str, response, text: str) -> None:
        if self.in_matrix:
            self.versions[code] = str(response.json()["version"])
        else:
            self.versions |= dict(ROW_VERSION.findall(response.content.decode()))
        self.read[code] = text


@dataclass
class Found:
    saves: int = 0
    met: int = 0
    lost: int = 0
    false_conflicts: int = 0
    swallowed: int = 0
    standing: dict[str, str] = field(default_factory=dict)


def texts_of(check: HealthCheck) -> dict[str, str]:
    return dict(check.ratings.values_list("criterion__code", "rationale"))


def text_of(check: HealthCheck, code: str) -> str:
    return check.ratings.values_list("rationale", flat=True).get(criterion__code=code)


def play(browsers: list[Browser], chance: random.Random, found: Found) -> None:
    """Both save the cell on which they meet, every other time one of them its own too, in turns by chance."""
    own = chance.sample([(0, "A1"), (1, "A3")], chance.choice([0, 1]))
    turns = [(0, SHARED), (1, SHARED), *own]
    for who, code in chance.sample(turns, len(turns)):
        if browsers[who].is_stale:
            browsers[who].open()
        write(browsers[who], code, chance, found)


def write(browser: Browser, code: str, chance: random.Random, found: Found) -> None:
    standing, text = found.standing[code], f"Browser wrote {chance.random()}"
    unseen = standing != browser.read[code]
    response = browser.save(code, text, chance.choice(["green", "amber", "red"]))
    stands = found.standing[code] = text_of(browser.check, code)
    found.saves += 1
    if response.status_code == 200:
        found.lost += unseen
        found.swallowed += stands != text
        browser.learn(code, response, text)
        return
    assert response.status_code == 409
    found.met += 1
    found.false_conflicts += code != SHARED or not unseen
    shown = response.json()["conflict"] if browser.in_matrix else response.content.decode()
    found.swallowed += text not in shown or standing not in shown or stands != standing
    browser.is_stale = chance.random() < 0.2
    if not browser.is_stale:
        # "Keep both texts", over the version that the refusal has shown.
        answer = browser.save(code, text, "amber", resolve="both", seen=SEEN.findall(shown)[0])
        both = found.standing[code] = text_of(browser.check, code)
        found.swallowed += answer.status_code != 200 or text not in both or standing not in both
        browser.learn(code, answer, both)


@pytest.fixture
def browsers(signed_in, head, epo):
    other = factories.UserFactory(name="Demo Head B", role="head")
    check = make_check(State.DRAFT, epo, head, criteria=len(CODES))
    return [
        Browser(signed_in(person), check, in_matrix) for person, in_matrix in ((head, True), (other, False))
    ]


def run(browsers: list[Browser], times: int) -> Found:
    chance, found = random.Random(SEED), Found(standing=texts_of(browsers[0].check))
    for _one in range(times):
        play(browsers, chance, found)
    return found


def test_two_browsers_on_overlapping_cells_lose_nothing_and_meet_only_where_they_meet(browsers):
    found = run(browsers, INTERLEAVINGS)

    print(
        f"{INTERLEAVINGS} interleavings of two browsers, {found.saves} saves, {found.met} meetings: "
        f"{found.lost} silent losses, {found.false_conflicts} false conflicts, {found.swallowed} texts gone"
    )
    assert (found.lost, found.false_conflicts, found.swallowed) == (0, 0, 0)
    assert found.saves > INTERLEAVINGS * 2.3
    assert found.met > INTERLEAVINGS / 4


def test_control_two_browsers_lose_texts_without_the_version_check(browsers, monkeypatch):
    monkeypatch.setattr(actions.ratings, "check_version", lambda rating, version: True)

    found = run(browsers, CONTROLS)

    print(f"control without the version check: {found.lost} silent losses in {CONTROLS} interleavings")
    assert found.met == 0
    assert found.lost > CONTROLS / 4

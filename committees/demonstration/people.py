"""Invented people and their links to the boroughs."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.context import DEMO_PASSWORD
from accounts.models import User
from accounts.permissions import Role
from boroughs.models import Borough, BoroughLink
from cdrp_portal.history import acting
from committees.demonstration.dating import happened, start_of
from recommendations.models import LeadUnit

PASSWORD = DEMO_PASSWORD
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

SIGN_INS = [
    ("epo@demo.test", "Demo Officer A", Role.EPO),
    ("epo2@demo.test", "Demo Officer B", Role.EPO),
    ("clerk@demo.test", "Demo Clerk", Role.CLERK),
    ("member@demo.test", "Demo Member A", Role.MEMBER),
    ("member2@demo.test", "Demo Member B", Role.MEMBER),
    ("head@demo.test", "Demo Head", Role.HEAD),
    ("lead@demo.test", "Demo Lead Officer", Role.LEAD),
    ("reader@demo.test", "Demo Reader", Role.READER),
    ("admin@demo.test", "Demo Administrator", Role.ADMINISTRATOR),
]
OFFICERS = 5
MEMBERS = 21

# Two boroughs without a link member, as the Authority reported on 30 September 2004 (mpa/2004/040930/14a).
VACANT = ["havering", "barking-and-dagenham"]
EPO_BOROUGHS = [
    "camden",
    "islington",
    "hackney",
    "haringey",
    "westminster",
    "tower-hamlets",
    "kingston-upon-thames",
]
MEMBER_BOROUGHS = ["camden", "islington"]
MEMBER_2_BOROUGHS = ["kingston-upon-thames"]


@dataclass
class People:
    officers: list[User]
    members: list[User]
    head: User
    clerk: User


def load_people() -> People:
    """The nine sign-ins, three more officers and the other link members, with the one password."""
    hashed = make_password(PASSWORD)
    people = list(SIGN_INS)
    people += [
        (f"officer-{LETTERS[n].lower()}@demo.test", f"Demo Officer {LETTERS[n]}", Role.EPO)
        for n in range(2, OFFICERS)
    ]
    people += [
        (f"member-{LETTERS[n].lower()}@demo.test", f"Demo Member {LETTERS[n]}", Role.MEMBER)
        for n in range(2, MEMBERS)
    ]
    made = {}
    for email, name, role in people:
        user = User(email=email, name=name, role=role, password=hashed)
        user.save()
        made[email] = user
    unit = LeadUnit.objects.get(slug="community-safety-and-partnership-unit")
    unit.officers.add(made["lead@demo.test"])
    return People(
        officers=[user for user in made.values() if user.role == Role.EPO],
        members=[user for user in made.values() if user.role == Role.MEMBER],
        head=made["head@demo.test"],
        clerk=made["clerk@demo.test"],
    )


def load_links(people: People, today: date, random: Random) -> None:
    """Six or seven boroughs to an officer; each member one or two; two seats vacant, one of them covered."""
    boroughs = list(Borough.objects.filter(is_generated=False))
    by_slug = {borough.slug: borough for borough in boroughs}
    since = linked_since(today)
    until = date(today.year + 1, 7, 1)
    rows = []
    for borough, officer in share_out(boroughs, people.officers, random).items():
        rows.append(BoroughLink(borough=borough, person=officer, kind="officer", period=(since, None)))
    for borough, member in _members_of(boroughs, people.members).items():
        ended = today - timedelta(days=53)
        period = (since, ended) if borough.slug in VACANT else (since, until)
        rows.append(BoroughLink(borough=borough, person=member, kind="member", period=period))
    cover = BoroughLink(
        borough=by_slug[VACANT[0]],
        person=people.members[6],
        kind="member_cover",
        period=(today - timedelta(days=40), today + timedelta(days=60)),
    )
    with happened(start_of("period"), BoroughLink), acting(people.head):
        BoroughLink.objects.bulk_create([*rows, cover])


def linked_since(today: date) -> date:
    return date(today.year - 2, 7, 1)


def share_out(boroughs: list[Borough], officers: list[User], random: Random) -> dict[Borough, User]:
    """The first officer has the boroughs of the walk-through; the rest go round the others."""
    shares = {borough: officers[0] for borough in boroughs if borough.slug in EPO_BOROUGHS}
    rest = [borough for borough in boroughs if borough not in shares]
    random.shuffle(rest)
    for place, borough in enumerate(rest):
        shares[borough] = officers[1 + place % (len(officers) - 1)]
    return shares


def _members_of(boroughs: list[Borough], members: list[User]) -> dict[Borough, User]:
    fixed = dict.fromkeys(MEMBER_BOROUGHS, members[0]) | dict.fromkeys(MEMBER_2_BOROUGHS, members[1])
    others = members[2:]
    chosen = {}
    for place, borough in enumerate(boroughs):
        chosen[borough] = fixed.get(borough.slug) or others[place % len(others)]
    return chosen

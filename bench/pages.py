"""Pages, saves and exports, asked for as a browser asks, in this process."""

from collections.abc import Iterator

from django.test import Client
from django.urls import reverse

from accounts.models import User
from assessments.models import HealthCheck, Rating, ReviewCycle
from bench import floor
from bench.measure import Measure, queries_of, timed
from cdrp_portal.prepared import Prepared

# Of the benchmark's own, so it takes as little of the measured time as it can.
VERSION = Prepared(
    lambda rating: Rating.objects.filter(pk=rating).order_by().values_list("version"), rating=-1
)
EPO, HEAD, CLERK = "epo@demo.test", "head@demo.test", "clerk@demo.test"


def signed_in(email: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def fetched(client: Client, address: str) -> bytes:
    response = client.get(address)
    if response.status_code != 200:
        raise RuntimeError(f"{address} answered {response.status_code}.")
    return response.content


def measure_pages(size: str) -> Iterator[Measure]:
    cycle = ReviewCycle.objects.newest_first()[0]
    budgets = size == "32x30"
    matrix = reverse("assessments:cycle-matrix", args=[cycle.slug])
    for who, email in (("head", HEAD), ("officer", EPO)):
        client = signed_in(email)
        yield Measure(
            f"Matrix page, as {who}",
            size,
            **timed(
                lambda client=client: fetched(client, matrix),
                lambda: floor.matrix_page(cycle.pk, cycle.previous_id),
            ),
            queries=len(queries_of(lambda client=client: fetched(client, matrix))),
            quantity=len(fetched(client, matrix)),
            budget=10 if budgets else None,
            query_budget=10,
            quantity_budget=150_000 if budgets else None,
        )
    yield from _rating(size, cycle)
    yield _poll(size, cycle)
    head = signed_in(HEAD)
    lists = (
        ("Register of recommendations", reverse("recommendations:recommendation-list"), floor.register),
        ("London, its table", reverse("london"), lambda: floor.london(cycle.pk)),
        (
            "Two cycles compared",
            reverse("assessments:cycle-compare", args=[cycle.slug, cycle.previous.slug]),
            lambda: floor.compare(cycle.pk, cycle.previous_id),
        ),
    )
    for name, address, lowest in lists:
        yield Measure(
            name,
            size,
            **timed(lambda address=address: fetched(head, address), lowest),
            queries=len(queries_of(lambda address=address: fetched(head, address))),
            quantity=len(fetched(head, address)),
            budget=40 if budgets else 100,
        )
    lowest_exports = {
        "xlsx": lambda: floor.matrix_xlsx(cycle.pk),
        "ods": None,
        "csv": lambda: floor.matrix_csv(cycle.pk),
    }
    for ending, lowest in lowest_exports.items():
        address = reverse("assessments:matrix-export", args=[cycle.slug, ending])
        yield Measure(
            f"Matrix as {ending.upper()}",
            size,
            **timed(lambda address=address: fetched(head, address), lowest, times=10),
            queries=len(queries_of(lambda address=address: fetched(head, address))),
            quantity=len(fetched(head, address)),
            budget=500 if budgets else None,
        )


def _poll(size: str, cycle: ReviewCycle) -> Measure:
    """What an open matrix asks every few seconds, when nothing was saved meanwhile."""
    client, address = signed_in(EPO), reverse("assessments:matrix-changes", args=[cycle.slug])
    tag = client.get(address)["ETag"]

    def poll() -> None:
        response = client.get(address, headers={"If-None-Match": tag})
        if response.status_code != 304:
            raise RuntimeError(f"{address} answered {response.status_code}.")

    return Measure(
        "Matrix asked for news, none",
        size,
        **timed(poll, floor.newest),
        queries=len(queries_of(poll)),
        budget=3,
        query_budget=3,
    )


def _rating(size: str, cycle: ReviewCycle) -> Iterator[Measure]:
    """A rating as its officer works on it: its panel, then saved from the health check and from a cell."""
    client = signed_in(EPO)
    user = User.objects.get(email=EPO)
    check = (
        HealthCheck.objects.visible_to(user)
        .filter(cycle=cycle, state=HealthCheck.State.DRAFT, borough__isnull=False)
        .select_related("borough")
        .first()
    )
    if check is None:
        raise RuntimeError("The demonstration has no health check in progress for its officer.")
    rating = check.ratings.select_related("criterion").order_by("criterion__position")[0]
    address = reverse("assessments:rating", args=[cycle.slug, check.subject_slug, rating.criterion.code])
    turn = iter(range(10_000))

    def panel() -> None:
        if client.get(address, headers={"HX-Request": "true"}).status_code != 200:
            raise RuntimeError(f"{address} has no panel.")

    def save(headers: dict[str, str], **texts: str) -> None:
        # What the form holds is read as the page had it, outside what is measured for the floor too.
        value = "green" if next(turn) % 2 else "amber"
        [[version]] = VERSION.rows(rating=rating.pk)
        response = client.post(address, {"value": value, "version": version, **texts}, headers=headers)
        if response.status_code != 200:
            raise RuntimeError(f"{address} answered {response.status_code}.")

    def save_row() -> None:
        save({"HX-Request": "true"}, rationale="Measured.", next_step="")

    def save_cell() -> None:
        save({"Accept": "application/json"})

    # Before anything is saved: the panel tells of the changes, and the measures would be most of them.
    yield Measure(
        "Panel of a rating",
        size,
        **timed(panel, lambda: floor.panel(rating.pk)),
        queries=len(queries_of(panel)),
        budget=40,
    )
    for name, task in (("Rating saved", save_row), ("Rating saved in its cell", save_cell)):
        yield Measure(
            name,
            size,
            # Another value than the form's, so that each of the two has something to change.
            **timed(task, lambda: floor.save_rating(rating.pk, "red")),
            # One of the questions is the benchmark's own.
            queries=len(queries_of(task)) - 1,
            budget=10,
            query_budget=10,
        )

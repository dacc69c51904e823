"""One size, in a process of its own: `python -m bench.one_size 32x30`, answered as JSON."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import django

CYCLES = 3


def load(boroughs: int, criteria: int) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    options = {
        "boroughs": boroughs,
        "criteria": criteria,
        "cycles": CYCLES,
        "without_papers": True,
    }
    with open("/dev/null", "w") as nowhere:
        call_command("load_demo_data", stdout=nowhere, **options)
    analyse()


def analyse() -> None:
    """What PostgreSQL does by itself within minutes of a large change; measuring does not wait for it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def measures(size: str) -> Iterator[Any]:
    from bench.pages import measure_pages
    from bench.papers import measure_papers

    yield from measure_pages(size)
    if size == "32x30":
        yield from measure_papers(size)
        yield from _memory(size)


def _memory(size: str) -> Iterator[Any]:
    from bench.measure import Measure

    for kind, name, budget in (
        ("web", "Memory of a web process after 100 matrix pages", 150_000),
        ("render", "Memory of the child that renders a full paper", 300_000),
    ):
        told = subprocess.run([sys.executable, "-m", "bench.memory", kind], capture_output=True, check=True)
        kilobytes = json.loads(told.stdout.splitlines()[-1])
        yield Measure(name, size, quantity=kilobytes["first"], unit="kB", quantity_budget=budget)
        if "later" in kilobytes:
            # Flat means: what two hundred more pages added is below a fiftieth.
            limit = round(kilobytes["first"] * 1.02)
            more = f"{name.replace('100', '300')}: flat"
            yield Measure(more, size, quantity=kilobytes["later"], unit="kB", quantity_budget=limit)


def main(size: str) -> None:
    from bench import plans

    boroughs, criteria = (int(number) for number in size.split("x"))
    load(boroughs, criteria)
    found = [measure.as_dict() for measure in measures(size)]
    accesses: list[dict[str, Any]] = []
    if size != "32x30":
        plans.add_older_cycles()
        accesses = [access.as_dict() for access in plans.accesses()]
    print(json.dumps({"measures": found, "accesses": accesses}))


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    django.setup()
    main(sys.argv[1])

"""Resident memory of a fresh process: `python -m bench.memory web` or `render`, answered as JSON."""

import json
import resource
import sys
from pathlib import Path

import django

PAGES = 100
MORE = 200


def resident_kilobytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def web() -> dict[str, int]:
    """A web process after a hundred matrix pages, and after two hundred more."""
    from django.urls import reverse

    from assessments.models import ReviewCycle
    from bench.pages import HEAD, fetched, signed_in

    address = reverse("assessments:cycle-matrix", args=[ReviewCycle.objects.newest_first()[0].slug])
    client = signed_in(HEAD)
    for _ in range(PAGES):
        fetched(client, address)
    first = resident_kilobytes()
    for _ in range(MORE):
        fetched(client, address)
    return {"first": first, "later": resident_kilobytes()}


def render() -> dict[str, int]:
    """The child that renders a full paper: the most it ever held."""
    from accounts.models import User
    from assessments.models import ReviewCycle
    from bench.pages import HEAD
    from bench.papers import full_paper
    from committees.content.matrix import matrix_manuscript
    from committees.rendering.child import render_in_child

    cycle = ReviewCycle.objects.newest_first()[0]
    manuscript = matrix_manuscript({"cycle": cycle.slug}, User.objects.get(email=HEAD))
    render_in_child(full_paper(manuscript.content["matrix"]))
    return {"first": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}


if __name__ == "__main__":
    django.setup()
    print(json.dumps({"web": web, "render": render}[sys.argv[1]]()))

"""Waiting for something that another process or thread will bring about."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")


def wait_until(asked: Callable[[], T], seconds: float, *, every: float = 0.05) -> T:
    """What `asked` answers as soon as that is true; fails when it is not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := asked()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Nothing came of {asked} within {seconds} seconds.")
        Event().wait(every)
    return answer

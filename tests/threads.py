"""People at once: threads with connections of their own, whose errors are the test's to judge."""

import threading
from collections.abc import Callable

from django.db import connection


def connect() -> None:
    connection.ensure_connection()


def at_once(*jobs: Callable[[], object], opening: Callable[[], object] = connect) -> list[object]:
    """Begins all of them together, and gives back what each returned or raised.

    `opening` is what each thread does first, with the connection of its own.
    """
    start = threading.Barrier(len(jobs), timeout=60)
    results: list[object] = [None] * len(jobs)

    def run(number: int) -> None:
        try:
            opening()
            start.wait()
            results[number] = jobs[number]()
        except Exception as error:  # noqa: BLE001 - a thread's error is the test's to judge
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

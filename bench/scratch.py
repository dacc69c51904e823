"""Databases for one run of the benchmarks, beside the real one on the same server."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import environ
import psycopg
from psycopg import sql


def server_url() -> str:
    """The database that the portal itself uses: only its server and its account are used here."""
    env = environ.Env()
    environ.Env.read_env(".local/env", overwrite=False)
    return env("DATABASE_URL")


@contextmanager
def database(name: str, *, template: str = "template1") -> Iterator[str]:
    """The address of a new database, which is dropped at the end whatever happens."""
    url = urlsplit(server_url())
    with psycopg.connect(urlunsplit(url), autocommit=True) as server:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(drop)
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield urlunsplit(url._replace(path=f"/{name}"))
        finally:
            server.execute(drop)


def environment(url: str) -> dict[str, str]:
    """Of a process that measures: the settings of `make run`, on the scratch database.

    Nobody listens on the broker's port, so that no worker of another portal is woken.
    """
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "cdrp_portal.settings",
        "DEBUG": "0",
        "DEMO": "1",
        "SECURE": "0",
        "ALLOWED_HOSTS": "testserver",
    }

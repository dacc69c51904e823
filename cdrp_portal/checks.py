"""Deployment checks for what Django's own `check --deploy` does not look at (QUALITY row 102).

Each check asks one thing of the settings and says what to set. All of them run only with `--deploy`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from csp.constants import NONCE, NONE, SELF
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

YEAR_SECONDS = 31_536_000
HOUR_SECONDS = 3600

# In this order, and the first four above WhiteNoise: see cdrp_portal/middleware.py.
MIDDLEWARE_ORDER = (
    "cdrp_portal.middleware.SecurityHeadersMiddleware",
    "cdrp_portal.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "cdrp_portal.middleware.HistoryMiddleware",
)
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
    "upgrade-insecure-requests": True,
}

Ask = Callable[[], bool]


def _local(host: str) -> bool:
    return host in {"localhost", "127.0.0.1", "[::1]", ".localhost"}


def _middleware_in_order() -> bool:
    present = [name for name in settings.MIDDLEWARE if name in MIDDLEWARE_ORDER]
    return tuple(present) == MIDDLEWARE_ORDER and settings.MIDDLEWARE[0] == MIDDLEWARE_ORDER[0]


def _policy_is_strict() -> bool:
    policy: Mapping[str, Any] = getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}
    directives = policy.get("DIRECTIVES", {})
    loose = any("unsafe" in str(source) for sources in directives.values() for source in _listed(sources))
    excluded = policy.get("EXCLUDE_URL_PREFIXES")
    return (
        not loose
        and not excluded
        and all(directives.get(name) == sources for name, sources in POLICY.items())
    )


def _listed(sources: Any) -> list[Any]:
    return list(sources) if isinstance(sources, list | tuple | set) else [sources]


def _password_rules() -> bool:
    rules: Any = settings.AUTH_PASSWORD_VALIDATORS
    names = {rule["NAME"].rsplit(".", 1)[-1] for rule in rules}
    return {"MinimumLengthValidator", "CommonPasswordValidator"} <= names


def _hosts_are_named() -> bool:
    return bool(settings.ALLOWED_HOSTS) and not any(
        _local(host) or "*" in host for host in settings.ALLOWED_HOSTS
    )


def _job_limits() -> bool:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS or {}
    limit = getattr(settings, "CELERY_TASK_TIME_LIMIT", None)
    return limit is not None and limit < options.get("visibility_timeout", HOUR_SECONDS) / 2


RULES: tuple[tuple[str, str, Ask], ...] = (
    ("DEMO", "Set DEMO=0: demonstration mode publishes its password.", lambda: not settings.DEMO),
    ("SECURE", "Set SECURE=1: without it pages and cookies travel in the clear.", lambda: settings.SECURE),
    (
        "ALLOWED_HOSTS",
        "Set ALLOWED_HOSTS to the names people type for this service, without * and without localhost.",
        _hosts_are_named,
    ),
    (
        "CSRF_TRUSTED_ORIGINS",
        "Write every CSRF_TRUSTED_ORIGINS entry as https://name, without *.",
        lambda: all(
            origin.startswith("https://") and "*" not in origin for origin in settings.CSRF_TRUSTED_ORIGINS
        ),
    ),
    (
        "SECURE_HSTS_SECONDS",
        "Set SECURE_HSTS_SECONDS to a year or more.",
        lambda: settings.SECURE_HSTS_SECONDS >= YEAR_SECONDS,
    ),
    (
        "SECURE_PROXY_SSL_HEADER",
        "Set SECURE_PROXY_SSL_HEADER: behind the proxy every request would be sent on to https for ever.",
        lambda: bool(settings.SECURE_PROXY_SSL_HEADER),
    ),
    (
        "MIDDLEWARE",
        "Keep MIDDLEWARE complete and in the order of checks.MIDDLEWARE_ORDER.",
        _middleware_in_order,
    ),
    (
        "CONTENT_SECURITY_POLICY",
        "Keep CONTENT_SECURITY_POLICY as strict as checks.POLICY, nothing unsafe and nothing excluded.",
        _policy_is_strict,
    ),
    (
        "SESSION_COOKIE_AGE",
        "End sessions within 12 hours.",
        lambda: settings.SESSION_COOKIE_AGE <= 12 * HOUR_SECONDS,
    ),
    (
        "SESSION_ENGINE",
        "Keep sessions in the database: a lost Redis must sign nobody out.",
        lambda: settings.SESSION_ENGINE == "accounts.sessions",
    ),
    (
        "SESSION_COOKIE_SAMESITE",
        "Keep SESSION_COOKIE_SAMESITE at Lax or Strict.",
        lambda: settings.SESSION_COOKIE_SAMESITE in {"Lax", "Strict"},
    ),
    (
        "CSRF_COOKIE_SAMESITE",
        "Keep CSRF_COOKIE_SAMESITE at Lax or Strict.",
        lambda: settings.CSRF_COOKIE_SAMESITE in {"Lax", "Strict"},
    ),
    (
        "CACHES",
        "Keep the cache in the database: throttling counts outlive Redis and are shared by all.",
        lambda: settings.CACHES["default"]["BACKEND"].endswith(".db.DatabaseCache"),
    ),
    (
        "PASSWORD_RESET_TIMEOUT",
        "End reset links within an hour.",
        lambda: settings.PASSWORD_RESET_TIMEOUT <= HOUR_SECONDS,
    ),
    (
        "AUTH_PASSWORD_VALIDATORS",
        "Keep the rules for length and common passwords in AUTH_PASSWORD_VALIDATORS.",
        _password_rules,
    ),
    (
        "ACCOUNT_PREVENT_ENUMERATION",
        "Keep ACCOUNT_PREVENT_ENUMERATION on: sign-in must not tell who has an account.",
        lambda: bool(settings.ACCOUNT_PREVENT_ENUMERATION),
    ),
    (
        "EMAIL_BACKEND",
        "Set EMAIL_BACKEND to one that sends: reset links would only be printed in the log.",
        lambda: settings.EMAIL_BACKEND.rsplit(".", 2)[-2] not in {"console", "dummy", "locmem", "filebased"},
    ),
    (
        "DEFAULT_FROM_EMAIL",
        "Set DEFAULT_FROM_EMAIL to an address of this service.",
        lambda: not settings.DEFAULT_FROM_EMAIL.endswith(("@localhost", "@localhost>")),
    ),
    (
        "PGHISTORY_APPEND_ONLY",
        "Keep PGHISTORY_APPEND_ONLY on: history rows are never changed.",
        lambda: bool(settings.PGHISTORY_APPEND_ONLY),
    ),
    (
        "DATABASES",
        "Set DATABASE_URL to a PostgreSQL database: constraints, locks and history are kept there.",
        lambda: settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql",
    ),
    (
        "CELERY_BROKER_URL",
        "Set REDIS_URL to the broker: no worker would ever be woken.",
        lambda: settings.CELERY_BROKER_URL.startswith(("redis://", "rediss://", "redis+socket://")),
    ),
    (
        "CELERY_ACCEPT_CONTENT",
        "Let Celery accept JSON alone.",
        lambda: settings.CELERY_ACCEPT_CONTENT == ["json"] and settings.CELERY_TASK_SERIALIZER == "json",
    ),
    (
        "CELERY_TASK_TIME_LIMIT",
        "Keep CELERY_TASK_TIME_LIMIT under half the broker's visibility timeout, or long tasks start twice.",
        _job_limits,
    ),
)


@register(Tags.security, deploy=True)
def live_settings(app_configs: object, **_options: Any) -> list[CheckMessage]:
    return list(_broken_rules())


def _broken_rules() -> Iterator[CheckMessage]:
    for number, (name, advice, holds) in enumerate(RULES, start=1):
        try:
            held = holds()
        except (AttributeError, KeyError, TypeError):
            # A setting that is missing or of another shape keeps no promise.
            held = False
        if not held:
            yield Warning(f"{name}: {advice}", id=f"cdrp_portal.W{number:03d}")

"""A deployment's settings: clean as documented, and each one missed when it is unset (QUALITY row 102)."""

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE
from django.core.checks import run_checks

from cdrp_portal.checks import MIDDLEWARE_ORDER, POLICY, RULES

ROOT = Path(__file__).resolve().parent.parent
STRICT = {**POLICY, "img-src": [SELF], "connect-src": [SELF], "font-src": [SELF]}

LIVE = {
    "ALLOWED_HOSTS": ["portal.example"],
    "CSRF_COOKIE_SECURE": True,
    "CSRF_TRUSTED_ORIGINS": ["https://portal.example"],
    "DEBUG": False,
    "DEFAULT_FROM_EMAIL": "portal@portal.example",
    "DEMO": False,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "SECURE": True,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "SECURE_SSL_REDIRECT": True,
    "SESSION_COOKIE_SECURE": True,
    "CONTENT_SECURITY_POLICY": {"DIRECTIVES": STRICT},
}
DATABASE_CACHE = "django.core.cache.backends.db.DatabaseCache"


def policy(**directives):
    return {"DIRECTIVES": {**STRICT, **{name.replace("_", "-"): value for name, value in directives.items()}}}


# Each setting that keeps a promise, without it or weakened.
WEAKENED = [
    ("ALLOWED_HOSTS", []),
    ("ALLOWED_HOSTS", ["*"]),
    ("ALLOWED_HOSTS", ["portal.example", "*.example"]),
    ("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"]),
    ("CSRF_COOKIE_SECURE", False),
    ("CSRF_COOKIE_SAMESITE", None),
    ("CSRF_TRUSTED_ORIGINS", ["http://portal.example"]),
    ("CSRF_TRUSTED_ORIGINS", ["https://*.example"]),
    ("DEBUG", True),
    ("DEFAULT_FROM_EMAIL", "cdrp-portal@localhost"),
    ("DEMO", True),
    ("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 60),
    ("SECURE", False),
    ("SECURE_CONTENT_TYPE_NOSNIFF", False),
    ("SECURE_CROSS_ORIGIN_OPENER_POLICY", "anything"),
    ("SECURE_HSTS_INCLUDE_SUBDOMAINS", False),
    ("SECURE_HSTS_PRELOAD", False),
    ("SECURE_HSTS_SECONDS", 0),
    ("SECURE_HSTS_SECONDS", 3600),
    ("SECURE_PROXY_SSL_HEADER", None),
    ("SECURE_REFERRER_POLICY", None),
    ("SECURE_REFERRER_POLICY", "anything"),
    ("SECURE_SSL_REDIRECT", False),
    ("SESSION_COOKIE_AGE", 14 * 24 * 3600),
    ("SESSION_COOKIE_HTTPONLY", False),
    ("SESSION_COOKIE_SAMESITE", "None"),
    ("SESSION_COOKIE_SECURE", False),
    ("SESSION_ENGINE", "django.contrib.sessions.backends.cache"),
    ("X_FRAME_OPTIONS", "SAMEORIGIN"),
    ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}),
    ("PASSWORD_RESET_TIMEOUT", 3 * 24 * 3600),
    ("AUTH_PASSWORD_VALIDATORS", []),
    ("ACCOUNT_PREVENT_ENUMERATION", False),
    ("PGHISTORY_APPEND_ONLY", False),
    ("CELERY_BROKER_URL", ""),
    ("CELERY_ACCEPT_CONTENT", ["json", "pickle"]),
    ("CELERY_TASK_TIME_LIMIT", None),
    ("CELERY_TASK_TIME_LIMIT", 1801),
    ("CELERY_BROKER_TRANSPORT_OPTIONS", {"visibility_timeout": 60}),
    ("CONTENT_SECURITY_POLICY", None),
    ("CONTENT_SECURITY_POLICY", {}),
    ("CONTENT_SECURITY_POLICY", policy(script_src=[SELF, NONCE, UNSAFE_INLINE])),
    ("CONTENT_SECURITY_POLICY", policy(img_src=[UNSAFE_INLINE])),
    ("CONTENT_SECURITY_POLICY", policy(script_src=[SELF])),
    ("CONTENT_SECURITY_POLICY", policy(style_src=[SELF, "https://cdn.example"])),
    ("CONTENT_SECURITY_POLICY", policy(default_src=[SELF])),
    ("CONTENT_SECURITY_POLICY", policy(object_src=None)),
    ("CONTENT_SECURITY_POLICY", policy(base_uri=[SELF])),
    ("CONTENT_SECURITY_POLICY", policy(frame_ancestors=[SELF])),
    ("CONTENT_SECURITY_POLICY", policy(form_action=[SELF, NONE])),
    ("CONTENT_SECURITY_POLICY", policy(upgrade_insecure_requests=False)),
    ("CONTENT_SECURITY_POLICY", {**policy(), "EXCLUDE_URL_PREFIXES": ["/admin/"]}),
]


@pytest.fixture
def live(settings):
    for name, value in LIVE.items():
        setattr(settings, name, value)
    return settings


def found() -> set[str]:
    messages = run_checks(tags=["security"], include_deployment_checks=True)
    return {f"{message.id} {message.msg}" for message in messages}


def test_live_settings_are_clean(live):
    assert found() == set()


def test_each_setting_is_missed(live, monkeypatch):
    bad = []
    for name, value in WEAKENED:
        kept = getattr(live, name, None)
        setattr(live, name, value)
        if not found():
            bad.append((name, value))
        setattr(live, name, kept)
    middleware = list(live.MIDDLEWARE)
    for name in (*MIDDLEWARE_ORDER, "django.middleware.clickjacking.XFrameOptionsMiddleware"):
        live.MIDDLEWARE = [other for other in middleware if other != name]
        if not found():
            bad.append(("MIDDLEWARE", name))
    live.MIDDLEWARE = [middleware[1], middleware[0], *middleware[2:]]
    if not found():
        bad.append(("MIDDLEWARE", "out of order"))
    live.MIDDLEWARE = middleware
    with monkeypatch.context() as patch:
        patch.setitem(live.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
        if not found():
            bad.append(("DATABASES", "another engine"))

    total = len(WEAKENED) + len(MIDDLEWARE_ORDER) + 3
    print(f"settings unset and not noticed: {len(bad)} bad / {total}")
    weakened = {name for name, _value in WEAKENED} | {"DATABASES", "MIDDLEWARE"}
    assert {name for name, _advice, _ask in RULES} <= weakened
    assert bad == []
    assert found() == set()


def test_each_message_says_what_to_set(live):
    live.ALLOWED_HOSTS = ["*"]

    assert found() == {
        "cdrp_portal.W003 ALLOWED_HOSTS: Set ALLOWED_HOSTS to the names people type for this service, "
        "without * and without localhost."
    }


ENVIRONMENT = {
    "ALLOWED_HOSTS": "portal.example",
    "CSRF_TRUSTED_ORIGINS": "https://portal.example",
    "DEBUG": "0",
    "DEFAULT_FROM_EMAIL": "portal@portal.example",
    "DEMO": "0",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SECRET_KEY": LIVE["SECRET_KEY"],
    "SECURE": "1",
}


def deployed(**changes: str | None) -> subprocess.CompletedProcess:
    """`check --deploy` as a deployment runs it; None unsets a variable."""
    environment = {**os.environ, **ENVIRONMENT}
    for name, value in changes.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = value
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_check_deploy_with_the_documented_environment():
    # An empty value stands for "not there" where .local/env of this checkout would fill it in.
    changes: list[dict[str, str | None]] = [
        {},
        dict.fromkeys(ENVIRONMENT.keys() - {"SECRET_KEY"}),
        {"SECRET_KEY": ""},
        {"DATABASE_URL": ""},
        {"REDIS_URL": ""},
    ]
    with ThreadPoolExecutor(2) as pool:
        clean, bare, *broken = pool.map(lambda change: deployed(**change), changes)

    unnoticed = [
        name for name in ("ALLOWED_HOSTS", "EMAIL_BACKEND", "DEFAULT_FROM_EMAIL") if name not in bare.stderr
    ]
    bad = unnoticed + [change for change, run in zip(changes[2:], broken, strict=True) if run.returncode == 0]
    print(f"environment unset and not noticed: {len(bad)} bad / {3 + len(broken)}")
    assert clean.returncode == 0, clean.stderr
    assert "no issues" in clean.stdout
    assert bare.returncode != 0
    assert bad == []

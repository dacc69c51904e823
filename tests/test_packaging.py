"""What the portal is built from and deployed as: the locks and the Compose file."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"]
SECRETS = [
    "SECRET_KEY",
    "POSTGRES_PASSWORD",
    "OWNER_PASSWORD",
    "APP_PASSWORD",
    "REDIS_PASSWORD",
    "PORTAL_HOST",
]


def compose(*arguments: str, without: str = "") -> subprocess.CompletedProcess[str]:
    """Real Compose, which needs no engine to read and check a file."""
    given = {name: "pretend" for name in SECRETS if name != without}
    return subprocess.run(
        [Path(sys.executable).with_name("docker-compose"), "--file", ROOT / "docker-compose.yml", *arguments],
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **given},
        cwd="/",
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, dict]:
    return json.loads(compose("config", "--format", "json").stdout)["services"]


def test_compose_file_is_accepted_by_compose():
    checked = compose("config", "--quiet")

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("secret", SECRETS)
def test_compose_names_the_secret_that_is_missing(secret):
    checked = compose("config", "--quiet", without=secret)

    assert checked.returncode != 0
    assert f"required variable {secret} is missing a value" in checked.stderr


def test_only_the_proxy_is_published(services):
    published = {name for name, service in services.items() if service.get("ports")}

    assert published == {"proxy"}


def test_every_lasting_service_is_watched_and_restarted(services):
    bad = [
        name
        for name, service in services.items()
        if name != "migrate" and ("healthcheck" not in service or service["restart"] != "unless-stopped")
    ]

    print(f"services unwatched: {len(bad)} / {len(services)}")
    assert bad == []
    assert {"web", "worker", "beat", "db", "redis", "proxy", "migrate"} == set(services)
    assert services["web"]["deploy"]["replicas"] >= 2
    assert services["worker"]["deploy"]["replicas"] >= 2


def test_worker_cannot_reach_the_world_or_write_its_root():
    whole = json.loads(compose("config", "--format", "json").stdout)
    worker = whole["services"]["worker"]

    assert worker["read_only"] is True
    assert worker["cap_drop"] == ["ALL"]
    assert all(whole["networks"][name].get("internal") for name in worker["networks"])


def test_files_of_evidence_outlive_their_containers(services):
    for name in ("web", "worker"):
        (volume,) = services[name]["volumes"]
        assert (volume["type"], volume["target"]) == ("volume", services[name]["environment"]["UPLOADS_DIR"])


def test_portal_runs_as_the_role_that_owns_nothing(services):
    for name in ("web", "worker", "beat"):
        assert services[name]["environment"]["DATABASE_URL"].startswith("postgres://cdrp_app:")
        assert services[name]["environment"]["DEMO"] == "0"
    assert services["migrate"]["environment"]["DATABASE_URL"].startswith("postgres://cdrp:")


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_package_with_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text()
    packages = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    blocks = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    bad = [block for block in blocks if "==" not in block or "--hash=sha256:" not in block]

    print(f"{lock}: unpinned or unhashed {len(bad)} / {len(packages)}")
    assert packages
    assert len(blocks) == len(packages)
    assert bad == []
    assert not re.search(r"https?:|file:|--index-url|--find-links", text)


def test_package_lock_holds_no_address_of_a_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    bad = [
        name
        for name, package in packages.items()
        if name and ("resolved" in package or "integrity" not in package)
    ]

    print(f"package-lock.json: addressed or unhashed {len(bad)} / {len(packages) - 1}")
    assert len(packages) > 1
    assert bad == []


def test_locks_hold_what_is_declared():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[\[~>=<]", line)[0].lower() for line in declared["dependencies"]}
    locked = set(re.findall(r"^([A-Za-z0-9-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))

    assert names - locked == set()


def test_weasyprint_is_not_older_than_its_safe_fetcher():
    """Below 70 the fetcher could be bypassed (QUALITY fact 6)."""
    version = re.search(r"^weasyprint==(\d+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)

    assert version
    assert int(version[1]) >= 70


def test_every_dependency_says_why():
    text = (ROOT / "pyproject.toml").read_text()
    lines = re.findall(r'^  "[A-Za-z][^"]*",.*$', text.partition("[tool.")[0], re.MULTILINE)
    bad = [line for line in lines if "# " not in line]

    print(f"dependencies without a reason: {len(bad)} / {len(lines)}")
    assert len(lines) > 30
    assert bad == []

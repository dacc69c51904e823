#!/usr/bin/env bash
# The tests, with PostgreSQL and Redis running: test.sh COVERAGE_FLOOR [pytest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
floor=$1
shift

# Compiled once for the dozens of processes that the tests start, whatever the surroundings say.
unset PYTHONDONTWRITEBYTECODE

.venv/bin/python scripts/prepare.py static
exec .venv/bin/pytest -n 2 --dist loadgroup --cov --cov-report=term:skip-covered --cov-fail-under="$floor" "$@"

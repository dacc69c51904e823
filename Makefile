# Everything from two commands: `make run` and `make test`. Both install what is missing first.
# They need Python 3.11 or later, git and make; the rest is brought by scripts/install.py.

PYTHON ?= python3
# Exported, so that make starts the script itself and not through a shell, which would swallow signals.
export PORT ?= 8000
# Arguments for pytest, for example: make test ARGS="tests/boroughs -x"
ARGS ?=
# Branch coverage of the five apps below which `make test` fails; part of the suite is not held to it.
COVERAGE_FLOOR ?= 95
BIN := .venv/bin
WITH_SERVICES := $(PYTHON) scripts/services.py with --

.DEFAULT_GOAL := help
.PHONY: help install run test soak check bench format lock services stop

help:
	@echo "make run      the portal on this machine (PORT=8000), with demonstration data"
	@echo "make test     every test, on real PostgreSQL, Redis and Chromium (ARGS=...)"
	@echo "make soak     faults and races at full length: 20 kills, 20 points, Redis gone for 60 s; half an hour or more"
	@echo "make check    lint, types, import rules, templates, migrations, deployment, licences"
	@echo "make bench    the benchmarks; writes bench/results.json"
	@echo "make format   put code and templates into the house's form"
	@echo "make lock     lock the Python packages again, with hashes"
	@echo "make services start the private PostgreSQL and Redis; make stop stops them"

install:
	@$(PYTHON) scripts/install.py test

run:
	@$(PYTHON) scripts/run.py

test: install
	@$(WITH_SERVICES) scripts/test.sh $(if $(strip $(ARGS)),0,$(COVERAGE_FLOOR)) $(ARGS)

# What is longer in a soak than in the suite.
SOAKED := tests/faults tests/quality tests/assessments/test_concurrency.py tests/assessments/test_interleavings.py \
	tests/assessments/change_sets/test_undo.py tests/assessments/health_check/test_rows.py \
	tests/committees/test_matrix_agreement.py tests/committees/test_rendering_fetch.py \
	tests/committees/test_rendering_drafts.py tests/test_permissions.py tests/test_security.py tests/test_content_policy.py \
	tests/test_spreadsheets_files.py tests/browser/test_axe.py tests/browser/access/test_journeys.py

soak: install
	@SOAK=1 $(WITH_SERVICES) scripts/test.sh 0 -n 0 --no-cov --capture=no $(SOAKED)

check: install
	@$(WITH_SERVICES) scripts/check.sh

bench: install
	@$(WITH_SERVICES) $(BIN)/python -m bench

format: install
	@$(BIN)/ruff check --fix --quiet . && $(BIN)/ruff format .

lock: install
	@scripts/lock.sh

services:
	@$(PYTHON) scripts/install.py run
	@$(PYTHON) scripts/services.py up

stop:
	@$(PYTHON) scripts/services.py down

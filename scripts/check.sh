#!/usr/bin/env bash
# Every check that is not a test. All are run, then those that failed are named.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || failed+=("$name")
}

# Settings as a deployment has them; the key only has to be long and varied enough for the check.
deploy_check() {
  env DEBUG=0 DEMO=0 SECURE=1 ALLOWED_HOSTS=portal.example CSRF_TRUSTED_ORIGINS=https://portal.example \
    EMAIL_BACKEND=django.core.mail.backends.smtp.EmailBackend DEFAULT_FROM_EMAIL=portal@portal.example \
    SECRET_KEY="$($bin/python -c 'import secrets; print(secrets.token_urlsafe(60))')" \
    $bin/python manage.py check --deploy --fail-level WARNING
}

check "lint" $bin/ruff check .
check "format" $bin/ruff format --check .
check "types" $bin/mypy
check "import rules" $bin/lint-imports
check "templates" $bin/djlint templates --lint --quiet
check "migrations" $bin/python manage.py makemigrations --check --dry-run
check "deployment" deploy_check
check "licences" $bin/python scripts/licences.py

if [ ${#failed[@]} -gt 0 ]; then
  printf 'Failed: %s\n' "${failed[*]}"
  exit 1
fi
echo "All checks passed."

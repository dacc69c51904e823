#!/bin/bash
# Run once by the PostgreSQL image, when the data folder is new. cdrp owns the database and runs migrations; the portal
# runs as cdrp_app, which owns nothing, so that what it may not change it cannot unlock either.
set -euo pipefail

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set owner_password="$OWNER_PASSWORD" --set app_password="$APP_PASSWORD" <<'SQL'
CREATE ROLE cdrp LOGIN PASSWORD :'owner_password';
CREATE ROLE cdrp_app LOGIN PASSWORD :'app_password';
CREATE DATABASE cdrp OWNER cdrp;
REVOKE ALL ON DATABASE cdrp FROM PUBLIC;
GRANT CONNECT ON DATABASE cdrp TO cdrp_app;
SQL

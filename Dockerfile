# Two stages: the first builds the environment and the static files, the second runs them as an account without rights.
FROM python:3.11-slim-bookworm AS build

WORKDIR /app
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt requirements-node.txt ./
RUN python -m venv .venv && .venv/bin/pip install --require-hashes --requirement requirements.txt
RUN python -m venv /node && /node/bin/pip install --require-hashes --requirement requirements-node.txt
COPY package.json package-lock.json .npmrc ./
RUN PATH="/node/bin:$PATH" npm ci --omit=dev
COPY . .
RUN .venv/bin/python scripts/build_static.py
# Settings ask for these three; collecting files uses none of them.
RUN SECRET_KEY=build DATABASE_URL=postgres://build/build REDIS_URL=redis://build \
    .venv/bin/python manage.py collectstatic --no-input && rm -rf node_modules


FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal \
    && install --directory --owner=portal --mode=0700 /uploads
WORKDIR /app
# Owned by root and read by the portal: a broken-in process cannot change the code it runs.
COPY --from=build /app /app
ENV PATH="/app/.venv/bin:$PATH" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER portal
EXPOSE 8000
CMD ["gunicorn", "cdrp_portal.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--worker-class", "gthread", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]

# One image for worker, admin API, duties and maintenance; what it is follows from the command.
FROM python:3.11.14-slim-bookworm AS build
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
RUN pip install --no-cache-dir uv==0.13.8
WORKDIR /app
# Dependencies first: this layer changes only with the lock file.
COPY pyproject.toml uv.lock ./
RUN uv sync --locked --no-default-groups --no-install-project
COPY . .
RUN uv sync --locked --no-default-groups

FROM python:3.11.14-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/fieldline --create-home fieldline
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FIELDLINE_HOME=/var/lib/fieldline \
    FIELDLINE_CACHE_DIR=/var/lib/fieldline/cache
WORKDIR /app
USER fieldline
VOLUME /var/lib/fieldline
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["python", "deploy/healthcheck.py"]
CMD ["python", "-m", "agent.worker", "start"]

# One image for the web server, the worker and every command. A base is any Debian 12 without anything else: where a
# registry can be reached, `podman build .` takes the usual one; `--build-arg BASE=…` names another.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS packages
RUN apt-get update && apt-get install --yes --no-install-recommends python3 python3-venv
COPY requirements.txt /
# Exactly the pinned files, whose digests are checked; nothing is compiled here.
RUN python3 -m venv /opt/hallapp \
    && /opt/hallapp/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement /requirements.txt \
    && /opt/hallapp/bin/pip uninstall --yes --quiet pip setuptools

FROM ${BASE}
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* \
    && useradd --system --uid 10001 --home-dir /data hallapp \
    && install --directory --owner hallapp --group hallapp --mode 0700 /data
COPY --from=packages /opt/hallapp /opt/hallapp
COPY wsgi.py /srv/hallapp/
COPY static /srv/hallapp/static
COPY templates /srv/hallapp/templates
COPY hallapp /srv/hallapp/hallapp
RUN python3 -m compileall -q /srv/hallapp
WORKDIR /srv/hallapp
ENV PATH=/opt/hallapp/bin:/usr/bin:/bin FLASK_APP=wsgi HALL_INSTANCE=/data HALL_DEMO=off PYTHONUNBUFFERED=1
# The root may be read-only: only /data and /tmp are written to.
USER hallapp
VOLUME /data
EXPOSE 8000
# The worker and one-off commands have no page: compose.yaml gives the worker a check of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD \
    ["python3", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "python:hallapp.server", "-b", "0.0.0.0:8000", "wsgi:app"]

# One image for every service of compose.yaml: Prefect's server, the runs, Dask and the review pages.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 chiptrail \
    && install --directory --owner=chiptrail /var/lib/chiptrail
WORKDIR /opt/chiptrail

COPY requirements.lock pyproject.toml README.md LICENSE ./
RUN python -m pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY corpus corpus
COPY registry registry
COPY extractors extractors
COPY evidence evidence
COPY outputs outputs
COPY flows flows
RUN python -m pip install --no-cache-dir --no-deps --no-build-isolation .

USER 10001
ENV CHIPTRAIL_HOME=/var/lib/chiptrail \
    DO_NOT_TRACK=1 \
    PREFECT_HOME=/var/lib/chiptrail/prefect \
    PREFECT_SERVER_ANALYTICS_ENABLED=false
VOLUME /var/lib/chiptrail
CMD ["chiptrail", "--help"]

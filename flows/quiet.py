"""The environment in which Prefect runs under `chiptrail`: its files at our home, no telemetry, no talk."""

from __future__ import annotations

import os
from pathlib import Path

from flows.home import find_home

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
}


def quiet_prefect() -> None:
    """Set what Prefect reads when it is imported; whatever the user has set stays as it is.

    Raises `OSError` where Prefect's folder cannot be made; Prefect itself would wait for its server until time runs
    out.
    """
    os.environ.setdefault("PREFECT_HOME", str(find_home() / "prefect"))
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    Path(os.environ["PREFECT_HOME"]).expanduser().mkdir(parents=True, exist_ok=True)

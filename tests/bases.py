"""Evidence bases for tests: SQLite in a folder, and PostgreSQL where a server is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy

POSTGRESQL = os.environ.get("CHIPTRAIL_TEST_POSTGRESQL", "")


def make_base(kind: str, folder: Path) -> str:
    """The URL of a new and empty base of a kind, `sqlite` or `postgresql`; skips the test where there is no server."""
    if kind == "sqlite":
        return f"sqlite:///{folder}/base.sqlite"
    if not POSTGRESQL:
        pytest.skip("CHIPTRAIL_TEST_POSTGRESQL names no server")
    name = f"chiptrail_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    engine = sqlalchemy.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return sqlalchemy.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)

"""Options that several commands share, and how they print JSON."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


def _default_base() -> str:
    from flows.home import find_base

    return find_base()


def as_json(command: Decorated) -> Decorated:
    """`--json`: print JSON instead of a table."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def base_option(command: Decorated) -> Decorated:
    """`--base URL`: the evidence base."""
    text = "Database URL of the evidence base [default: $CHIPTRAIL_BASE, else SQLite at home]."
    return click.option("--base", metavar="URL", default=_default_base, show_default=False, help=text)(command)


def max_size_option(command: Decorated) -> Decorated:
    """`--max-size MB`: the largest document that is read."""
    text = "Largest document to read, in millions of bytes."
    size = click.FloatRange(min=0, min_open=True)
    return click.option("--max-size", type=size, default=64, show_default=True, metavar="MB", help=text)(command)


def scheduler_option(command: Decorated) -> Decorated:
    """`--scheduler ADDRESS`: read on Dask."""
    text = "Read on the workers of this Dask scheduler (tcp://host:8786)."
    return click.option("--scheduler", metavar="ADDRESS", help=text)(command)


def check_cluster(jobs: int | None, *, plain: bool = False) -> None:
    """Raise `click.UsageError` where a run cannot use a Dask scheduler: it goes with other options, or Prefect has no
    server that the workers can tell how far they are.
    """
    if plain or jobs is not None:
        raise click.UsageError("With --scheduler the workers are Dask's: leave out --plain and --jobs.")
    if not os.environ.get("PREFECT_API_URL"):
        raise click.UsageError("With --scheduler, set PREFECT_API_URL to a Prefect server that the workers reach too.")
    if find_spec("prefect_dask") is None:
        raise click.UsageError("--scheduler needs the extra dask: pip install 'chiptrail[dask]'")


def print_json(value: Any) -> None:
    """Print a value as JSON, models in it too, keys sorted."""
    from pydantic_core import to_jsonable_python

    from outputs.lines import canonical_json

    click.echo(canonical_json(to_jsonable_python(value), indent=True))

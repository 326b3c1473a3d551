"""Options that several commands share, and how they print JSON."""

from __future__ import annotations

from collections.abc import Callable
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


def print_json(value: Any) -> None:
    """Print a value as JSON, models in it too, keys sorted."""
    from pydantic_core import to_jsonable_python

    from outputs.lines import canonical_json

    click.echo(canonical_json(to_jsonable_python(value), indent=1))

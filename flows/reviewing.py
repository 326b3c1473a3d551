"""Serving the review pages: the base, a bench for other people's files in processes of their own, and the server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import uvicorn

from evidence.store import Store
from flows.reading import load_registry
from flows.worker import Bounds, Crew, Fallen, WorkerError
from outputs.review.application import create
from outputs.review.rendering import Bench, Missing, Order, Shown, Want, fulfil
from outputs.review.security import is_loopback, open_doors

_BOUNDS = Bounds(seconds=60, megabytes=4000)
_CONNECTIONS = 200


class ServingError(RuntimeError):
    """The review cannot be served; the message says why and what to do."""


def serve_review(
    base: str,
    archive: Path,
    *,
    reviewer: str,
    host: str,
    port: int,
    names: tuple[str, ...] = (),
    token: bool = False,
) -> None:
    """Serve the review of a base until interrupted, and say where.

    Where others than this machine can reach `host`, or `token` says so, whoever comes is asked for a token that is made
    and printed now. `names` are what else browsers call the server. `reviewer` is who decides as long as a browser
    names nobody, on this machine alone; others say who they are. Raises `ServingError` and `StoreError`.
    """
    reviewer = reviewer if is_loopback(host) else ""
    doors = open_doors(host, port, names, ask=token)
    with Store(base) as store, open_bench() as bench:
        store.derive_links()  # all of them where another version made them, which no decision should wait for
        application = create(
            store,
            archive,
            load_registry(),
            doors=doors,
            bench=bench,
            clock=lambda: datetime.now(UTC),
            reviewer=reviewer,
        )
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"review at http://{shown}:{port}/ as {reviewer or 'nobody yet'}; interrupt to stop", err=True)
        if doors.token:
            click.echo(f"log in with the token {doors.token}", err=True)
            click.echo(f"or open http://{shown}:{port}/login#{doors.token}", err=True)
        settings = uvicorn.Config(
            application,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=16_384,
            timeout_keep_alive=30,
        )
        server = uvicorn.Server(settings)
        try:
            server.run()
        except SystemExit as fault:
            raise ServingError(f"port {port} of {host} cannot be opened; choose another with --port") from fault


@contextmanager
def open_bench() -> Iterator[Bench]:
    """A bench with a process that draws and one that reads, so that a long report keeps no page waiting."""
    with Crew(fulfil, bounds=_BOUNDS) as drawers, Crew(fulfil, bounds=_BOUNDS) as readers:
        draw, read = partial(_ask, drawers, threading.Lock()), partial(_ask, readers, threading.Lock())
        yield lambda order: (read if order.want is Want.TEXT else draw)(order)


def _ask(crew: Crew[Order, Shown | Missing], lock: threading.Lock, order: Order) -> Shown | Missing:
    try:
        with lock:
            ((_, answer),) = list(crew.run([order]))
    except WorkerError as fault:
        return Missing(str(fault))
    return Missing(f"The document cannot be shown: {answer.reason}.") if isinstance(answer, Fallen) else answer

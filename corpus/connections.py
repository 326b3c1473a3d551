"""Connections that go where they were checked to go, and end when their time is up."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from threading import Timer
from types import TracebackType
from typing import Any, Self

import requests
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from corpus.addresses import Guard

_ADDRESSES = 4


class Wire:
    """What the connections of one download share: who may be reached, and how many seconds are left.

    Within `with` the clock runs; when no second is left, all that is connected is cut. A time limit on each read does
    not do that: a server that sends a byte now and then stays within it for ever.
    """

    def __init__(self, guard: Guard, seconds: float) -> None:
        self.guard = guard
        self.left = seconds
        self.over = False
        self.reached = ""
        self._watched: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._timer = Timer(max(0.0, self.left), self._cut)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        self._timer.join()
        self.left -= time.monotonic() - self._began
        for watched in self._watched:
            watched.close()
        self._watched.clear()

    def connect(self, host: str, port: int, timeout: Any, options: Any) -> socket.socket:
        """A connection to a host. Raises `AddressError`, and `OSError` where none of its addresses answers."""
        fault: OSError | None = None
        for address in self.guard.look_up(host, port)[:_ADDRESSES]:
            try:
                connected = create_connection((address, port), timeout, socket_options=options)
            except OSError as refused:
                fault = refused
                continue
            self.reached = address
            # TLS takes the socket over and leaves an empty shell, so the clock holds a handle of its own.
            self._watched.append(connected.dup())
            if self.over:
                self._cut()
            return connected
        raise fault or OSError("no address")

    def _cut(self) -> None:
        self.over = True
        for watched in list(self._watched):
            with suppress(OSError):
                watched.shutdown(socket.SHUT_RDWR)


class WireSession(requests.Session):
    """A session on one wire, without settings of the environment; redirects are answers like any other."""

    def __init__(self, wire: Wire, headers: dict[str, str]) -> None:
        super().__init__()
        self.trust_env = False
        self.headers.clear()
        self.headers.update(headers)
        self.mount("https://", WireAdapter(wire))
        self.mount("http://", WireAdapter(wire))

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: requests reads and unpacks the whole body of what it takes for a redirect, even to not follow it."""
        return None


class WireAdapter(requests.adapters.HTTPAdapter):
    """Sends requests over one wire, without proxies and without trying again."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **named: Any) -> None:
        """Set up pools whose connections are those of the wire."""
        manager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **named)
        manager.pool_classes_by_scheme = _pools(self._wire)
        self.poolmanager = manager


def _pools(wire: Wire) -> dict[str, type[HTTPConnectionPool]]:
    def connect(connection: HTTPConnection) -> socket.socket:
        host = connection._dns_host
        try:
            return wire.connect(host, connection.port or 0, connection.timeout, connection.socket_options)
        except socket.gaierror as fault:
            raise NameResolutionError(host, connection, fault) from fault
        except TimeoutError as fault:
            raise ConnectTimeoutError(connection, f"{host} did not answer") from fault
        except OSError as fault:
            raise NewConnectionError(connection, f"{host}: {fault}") from fault

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connect(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}

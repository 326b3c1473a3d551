"""Worker processes with limits: a document that hangs, crashes or bursts its reader costs that document alone.

A worker lives for many documents, since starting one takes longer than reading most. It is replaced when it has died or
was killed, when it ran out of memory, and after a number of documents, so that what leaks in a parser never adds up.
"""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, Self, TypeVar

Item = TypeVar("Item")
Given = TypeVar("Given")

_START_SECONDS = 120.0
_STARTS_IN_VAIN = 3
_CONTEXT = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one document may take (seconds of wall time, MB of address space), and how many a worker reads before it
    retires.
    """

    seconds: float = 120.0
    megabytes: int = 6000
    documents: int = 300


@dataclass(frozen=True, slots=True)
class Fallen:
    """What a worker could not do, and why, in a sentence for people."""

    reason: str


class WorkerError(RuntimeError):
    """Workers cannot be started at all; the message says what to try."""


@dataclass(slots=True, eq=False)
class _Worker(Generic[Item]):
    process: BaseProcess
    pipe: Connection
    deadline: float
    ready: bool = False
    item: tuple[Item] | None = None
    done: int = 0


@dataclass(slots=True)
class Crew(Generic[Item, Given]):
    """Workers that run one function over items, `jobs` at a time.

    `function` and `prepare` must be importable by name, since workers are spawned; `prepare` runs once in each. A crew
    keeps its workers from one `run` to the next, and lets them go at the end of its `with`.
    """

    function: Callable[[Item], Given]
    jobs: int = 1
    bounds: Bounds = field(default_factory=Bounds)
    prepare: Callable[[], object] | None = None
    _workers: list[_Worker[Item]] = field(default_factory=list)
    _vain: int = 0

    def run(self, items: Iterable[Item]) -> Iterator[tuple[Item, Given | Fallen]]:
        """Each item with what the function gave for it, or why it gave nothing, in the order in which they get done.

        Raises `WorkerError` where no worker can be started. A run that is given up lets all workers go.
        """
        waiting = iter(items)
        following = next(waiting, _NOTHING)
        complete = False
        try:
            while following is not _NOTHING or any(w.item for w in self._workers):
                while following is not _NOTHING and len(self._workers) < self.jobs:
                    self._workers.append(self._start())
                for worker in [w for w in self._workers if w.ready and w.item is None]:
                    if following is not _NOTHING and self._assign(worker, (following,)):
                        following = next(waiting, _NOTHING)
                if self._workers:
                    yield from self._listen()
            complete = True
        finally:
            if not complete:
                self.close()

    def close(self) -> None:
        """Let all workers go, whatever they do."""
        for worker in list(self._workers):
            self._kill(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self) -> _Worker[Item]:
        ours, theirs = _CONTEXT.Pipe()
        arguments = (theirs, self.function, self.prepare, self.bounds.megabytes)
        process = _CONTEXT.Process(target=_serve, args=arguments, daemon=True)
        process.start()
        theirs.close()
        return _Worker(process, ours, time.monotonic() + _START_SECONDS)

    def _assign(self, worker: _Worker[Item], item: tuple[Item]) -> bool:
        """Hand an item over. A worker that died while it had nothing to do cannot take it, and is let go."""
        try:
            worker.pipe.send(item)
        except OSError:
            self._kill(worker)
            return False
        worker.item, worker.deadline = item, time.monotonic() + self.bounds.seconds
        return True

    def _listen(self) -> Iterator[tuple[Item, Given | Fallen]]:
        nearest = min(w.deadline for w in self._workers)
        heard = wait([w.pipe for w in self._workers], max(0.0, nearest - time.monotonic()))
        for worker in list(self._workers):
            if worker.pipe in heard:
                yield from self._hear(worker)
            elif time.monotonic() >= worker.deadline:
                self._kill(worker)
                if worker.item:
                    yield worker.item[0], Fallen(f"it took longer than the {self.bounds.seconds:g} seconds allowed")
                else:
                    self._count_vain_start()

    def _hear(self, worker: _Worker[Item]) -> Iterator[tuple[Item, Given | Fallen]]:
        try:
            answer, keeps_well = worker.pipe.recv()
        except (EOFError, OSError):
            self._kill(worker)
            if worker.item:
                yield worker.item[0], Fallen(_cause(worker.process.exitcode))
            else:
                self._count_vain_start()
            return
        if not worker.ready:
            worker.ready, worker.deadline, self._vain = True, float("inf"), 0
            return
        assert worker.item is not None
        item, worker.item, worker.deadline = worker.item[0], None, float("inf")
        worker.done += 1
        if not keeps_well or worker.done >= self.bounds.documents:
            self._dismiss(worker)
        yield item, answer

    def _count_vain_start(self) -> None:
        self._vain += 1
        if self._vain >= _STARTS_IN_VAIN:
            raise WorkerError("Worker processes die or hang as they start; run with --jobs 0 to see why.")

    def _dismiss(self, worker: _Worker[Item]) -> None:
        """Let a worker end by itself: it stops when its pipe is closed."""
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.join(1)
        if worker.process.is_alive():
            worker.process.kill()

    def _kill(self, worker: _Worker[Item]) -> None:
        self._workers.remove(worker)
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()


_NOTHING: Any = object()


def _serve(
    pipe: Connection, function: Callable[[Any], Any], prepare: Callable[[], object] | None, megabytes: int
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if prepare:
        prepare()
    allowed = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe.send((None, True))
    while True:
        try:
            (item,) = pipe.recv()
        except EOFError:
            return
        pipe.send(_attempt(function, item, megabytes))


def _attempt(function: Callable[[Any], Any], item: Any, megabytes: int) -> tuple[Any, bool]:
    try:
        return function(item), True
    except MemoryError:
        return Fallen(f"it takes more memory than the {megabytes} MB allowed"), False
    except Exception as fault:
        words = str(fault).strip().partition("\n")[0]
        return Fallen(f"chiptrail failed on it: {type(fault).__name__}: {words}"), True


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else str(-code)
        return f"it crashed the process that read it ({name})"
    return f"the process that read it ended without an answer (exit code {code})"

"""What is wrong with an installation, its archive, base and sets, and mending it where that is safe."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

from corpus.archive import Archive, digest
from corpus.document import Document, MediaType
from corpus.soundness import Ailment, examine_archive
from evidence.soundness import examine_base
from evidence.store import Store, StoreError
from extractors.claim import ClaimType
from flows.home import SettingError, find_home, find_manners, find_sources, is_there
from flows.orphans import end, find_orphans
from flows.texts import find_outdated
from outputs.placing import find_left
from outputs.verification import find_whole

OLDEST_PYTHON = (3, 11)
CARD = b"# Falcon-7B\n\nFalcon-7B was trained on 384 NVIDIA A100 40GB GPUs.\n"
LITTLE_ROOM = 1_000_000_000
"""Bytes below which a disk counts as nearly full."""

_TELEMETRY = {"DO_NOT_TRACK": ("0", "false"), "PREFECT_SERVER_ANALYTICS_ENABLED": ("1", "true")}


def examine(base: str, archive: Archive) -> Iterator[Ailment]:
    """Everything that is wrong, part by part."""
    yield from examine_installation(archive)
    yield from examine_archive(archive)
    for folder in find_outdated(archive):
        what = f"{folder} holds texts that another version of the reader made"
        yield Ailment("archive", what, "delete them", False, partial(shutil.rmtree, folder))
    if is_there(base):
        try:
            with Store(base) as store:
                yield from examine_base(store, archive)
                yield from examine_sets(store)
        except StoreError as fault:
            advice = "restore the last backup, or let chiptrail run make a new base from the archive (--offline)"
            yield Ailment("base", str(fault), advice)


def examine_installation(archive: Archive) -> Iterator[Ailment]:
    """What is wrong with Python, packages, settings, and the folders that must be written."""
    if sys.version_info < OLDEST_PYTHON:
        yield _ail(f"Python {sys.version.split()[0]} is too old", f"use Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]}")
    yield from _check_packages()
    yield from _check_reading()
    try:
        manners = find_manners()
        if not manners.contact:
            what = "servers are not told whom to write to"
            yield _ail(what, "set CHIPTRAIL_CONTACT to a mail address or page", grave=False)
    except SettingError as fault:
        yield _ail(str(fault), "correct that setting")
    yield from _check_lists()
    for name, telling in _TELEMETRY.items():
        if os.environ.get(name, "").lower() in telling:
            yield _ail(
                f"{name} is {os.environ[name]}, so that Prefect may tell its makers of runs", "unset it", grave=False
            )
    for folder in dict.fromkeys((find_home(), archive.root)):
        yield from _check_folder(folder)
    for server in find_orphans():
        what = f"process {server.pid} is a temporary Prefect server whose run was killed"
        yield Ailment("installation", what, "end it", False, partial(end, server))


def _check_packages() -> Iterator[Ailment]:
    """Packages that are missing or of a version that does not go with chiptrail."""
    try:
        wanted = requires("chiptrail") or []
    except PackageNotFoundError:
        yield _ail("chiptrail is not installed as a package", "pip install -e . in its checkout, or make setup")
        return
    for line in wanted:
        requirement = Requirement(line)
        if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
            continue
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            yield _ail(f"{requirement.name} is not installed", "install the packages of the lock: make setup")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            what = f"{requirement.name} {found} does not go with chiptrail, which needs {requirement.specifier}"
            yield _ail(what, "install the packages of the lock: make setup")


def _check_reading() -> Iterator[Ailment]:
    """Whether a model card is read, which needs rules, registry and spaCy, and whether the readers of PDF load."""
    from flows.reading import read_document

    card = {"name": "card.md", "address": "file:card.md", "media_type": MediaType.MARKDOWN, "size": len(CARD)}
    try:
        import_module("pypdfium2").PdfDocument.new().close()
        import_module("pdfplumber")
        finding, _ = read_document("card.md", Document(sha256=digest(CARD), **card), CARD)
    except Exception as fault:
        yield _ail(f"no document can be read: {type(fault).__name__}: {fault}", "install chiptrail anew: make setup")
        return
    if not any(claim.type is ClaimType.CHIP_COUNT for claim in finding.claims):
        yield _ail("the count of chips in a model card is not found", "install chiptrail anew: make setup")


def _check_lists() -> Iterator[Ailment]:
    import registry
    from corpus.source import SourceError, load_sources

    try:
        load_sources(find_sources())
    except SourceError as fault:
        yield _ail(str(fault), "correct that entry of the list of sources")
    try:
        registry.load()
    except Exception as fault:
        yield _ail(f"the registry cannot be loaded: {fault}", "correct that entry of the registry")


def _check_folder(folder: Path) -> Iterator[Ailment]:
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            pass
    except OSError as fault:
        yield _ail(f"{folder} cannot be written: {fault.strerror}", "let this user write there, or name another folder")
        return
    if (left := shutil.disk_usage(nearest).free) < LITTLE_ROOM:
        yield _ail(f"only {left / 1e6:,.0f} MB are free at {folder}", "make room before the next run", grave=False)


def examine_sets(store: Store) -> Iterator[Ailment]:
    """What is wrong with the sets that were written from a base, and what killed runs left beside them."""
    parents: dict[Path, None] = {}
    for folder, export in store.exports():
        parents[folder.parent] = None
        if folder.exists() and find_whole(folder, export.sums) is None:
            yield Ailment("sets", f"{folder} is not as it was written", "run again: it is then written anew")
    for parent in parents:
        for folder in find_left(parent):
            what = f"{folder} was left behind by a run that was killed"
            yield Ailment("sets", what, "delete it", False, partial(shutil.rmtree, folder))


def _ail(what: str, advice: str, *, grave: bool = True) -> Ailment:
    return Ailment("installation", what, advice, grave)

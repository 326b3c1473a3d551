"""How fast PDFs are read: pages a second and peak memory of our reading beside pdfium's bare text and pdfplumber.

    python benchmarks/reading.py [CORPUS] [--plain-share 0.1] [--profile]

All engines run in one process, one after the other for each file, so that they share the machine's mood. pdfplumber
reads a share of the pages alone, as it is slow. pymupdf4llm joins in where it is installed.
"""

from __future__ import annotations

import argparse
import cProfile
import importlib.util
import logging
import pstats
import resource
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pdfplumber
import pypdfium2

import registry
from benchmarks.fidelity import open_document
from extractors import extract
from extractors.reading import read


def bare_text(path: Path) -> int:
    """Pages that pdfium's own text was taken from."""
    with pypdfium2.PdfDocument(path) as file:
        for number in range(len(file)):
            page = file[number]
            text = page.get_textpage()
            text.get_text_bounded()
            text.close()
            page.close()
        return len(file)


def whole_reading(path: Path) -> int:
    """Pages read by chiptrail, with layout, tables and geometry."""
    reading = read(*open_document(path))
    return len(reading.text.pages) if reading.text else 0


def reading_and_claims(path: Path) -> int:
    """Pages read by chiptrail, and their claims extracted."""
    data, document = open_document(path)
    reading = read(data, document)
    if reading.text is None:
        return 0
    extract(document, reading.text, known())
    return len(reading.text.pages)


@cache
def known() -> registry.Registry:
    """The registry, loaded once."""
    return registry.load()


def plumber_text(path: Path, step: int) -> int:
    """Pages whose text pdfplumber extracted: every `step`-th one."""
    done = 0
    with pdfplumber.open(path) as file:
        for number in range(0, len(file.pages), step):
            page = file.pages[number]
            page.extract_text()
            page.close()
            done += 1
    return done


def mupdf_markdown(path: Path, step: int) -> int:
    """Pages that pymupdf4llm wrote as Markdown: every `step`-th one."""
    import pymupdf
    import pymupdf4llm

    with pymupdf.open(path) as file:
        pages = list(range(0, file.page_count, step))
        pymupdf4llm.to_markdown(file, pages=pages)
    return len(pages)


def main() -> int:
    """Print pages a second by engine; the exit code is 1 where reading is not ten times as fast as pdfplumber."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared"
    arguments.add_argument("corpus", nargs="?", type=Path, default=beside / "corpus")
    arguments.add_argument("--plain-share", type=float, default=0.05, help="share of the pages for the slow engines")
    arguments.add_argument("--profile", action="store_true", help="print where the time of our reading goes")
    given = arguments.parse_args()
    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    known()
    step = max(1, round(1 / given.plain_share))
    engines: dict[str, Callable[[Path], int]] = {
        "pdfium bare text": bare_text,
        "chiptrail reading": whole_reading,
        "reading and extraction": reading_and_claims,
        "pdfplumber extract_text": lambda path: plumber_text(path, step),
    }
    if importlib.util.find_spec("pymupdf4llm"):
        engines["pymupdf4llm"] = lambda path: mupdf_markdown(path, step)
    spent = dict.fromkeys(engines, 0.0)
    pages = dict.fromkeys(engines, 0)
    profile = cProfile.Profile()
    for path in sorted(given.corpus.glob("*.pdf")):
        for name, engine in engines.items():
            if given.profile and engine is whole_reading:
                profile.enable()
            begun = time.perf_counter()
            pages[name] += engine(path)
            spent[name] += time.perf_counter() - begun
            profile.disable()
    rate = {name: pages[name] / spent[name] for name in engines if pages[name]}
    for name, value in rate.items():
        print(f"{name:24} {value:8.1f} pages/s   {pages[name]} pages   {1000 / value:6.2f} ms a page")
    for ours in ("chiptrail reading", "reading and extraction"):
        faster, slower = rate[ours] / rate["pdfplumber extract_text"], rate["pdfium bare text"] / rate[ours]
        print(
            f"{ours}: {faster:.1f} times as fast as pdfplumber (target 10), {slower:.2f} times pdfium's time (goal 3)"
        )
    print(f"peak memory of the run: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    return int(rate["reading and extraction"] < 10 * rate["pdfplumber extract_text"])


if __name__ == "__main__":
    sys.exit(main())

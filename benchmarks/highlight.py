"""Whether the frame that the review pages draw covers the quote, on sampled claims of the PDFs of a corpus.

    python benchmarks/highlight.py [CORPUS] [--claims 50] [--seed 7] [--pictures FOLDER]

Each claim is held to three things, none of which uses the boxes of our reader: the letters that pdfium finds inside the
frames are those of the quote; every dark pixel of those letters, where pdfium has them, lies inside a frame; and the
frames hold little else. `--pictures` writes each page's part about the quote as a PNG with the frames on it.
"""

from __future__ import annotations

import argparse
import random
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw

from benchmarks.fidelity import open_document
from extractors.claim import Evidence
from extractors.text import Box
from flows.reading import read_document
from outputs.page_image import render_page
from outputs.review.rendering import SCALE, outline

_EACH = 2
_DARK = 140


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one quote is framed. Shares of letters and pixels; `strange` is that of other letters inside the frames."""

    letters: float
    pixels: float
    strange: float

    @property
    def covers(self) -> bool:
        """Whether the reader sees the quote in its frame, and hardly anything else."""
        return self.letters >= 0.98 and self.pixels >= 0.995 and self.strange <= 0.05


def sample_claims(corpus: Path, number: int, seed: int) -> Iterator[tuple[Path, bytes, Evidence]]:
    """Quotes of claims of PDFs in random order, at most two of one document."""
    chance = random.Random(seed)
    paths = sorted(corpus.glob("*.pdf"))
    chance.shuffle(paths)
    left = number
    for path in paths:
        data, document = open_document(path)
        finding, _ = read_document(path.as_uri(), document, data)
        quotes = sorted({e for c in finding.claims for e in c.evidence}, key=lambda e: (e.page or 0, e.start, e.end))
        for evidence in chance.sample(quotes, min(_EACH, left, len(quotes))):
            left -= 1
            yield path, data, evidence
        if not left:
            return


def judge(data: bytes, evidence: Evidence) -> tuple[Verdict, Image.Image]:
    """How a quote is framed, and the part of the page about it with the frames drawn."""
    assert evidence.page is not None
    picture = render_page(data, evidence.page, SCALE).convert("RGB")
    dark = np.asarray(picture.convert("L")) < _DARK
    size = (picture.width / SCALE, picture.height / SCALE)
    frames = outline(evidence.boxes, size)
    inside = np.zeros_like(dark)
    for frame in frames:
        inside[_pixels(frame)] = True
    letters = list(_letters(data, evidence.page))
    wanted = _bare(evidence.quote)
    framed = [(letter, box) for letter, box in letters if _holds(frames, box)]
    found = "".join(letter for letter, _ in framed)
    got, strange = _compare(wanted, found)
    own = np.zeros_like(dark)
    for _, box in _run(letters, wanted, frames):
        own[_pixels(box)] = True
    ink = dark & own
    pixels = float((ink & inside).sum() / ink.sum()) if ink.any() else 0.0
    return Verdict(got, pixels, strange), _show(picture, frames)


def _letters(data: bytes, page: int) -> Iterator[tuple[str, Box]]:
    """The letters of a page as pdfium has them, in points from the top left of the page as displayed."""
    with pypdfium2.PdfDocument(data) as file:
        leaf = file[page - 1]
        text = leaf.get_textpage()
        width, height = leaf.get_size()
        place = _placing(leaf, width, height)
        for i in range(text.count_chars()):
            letter = _bare(text.get_text_range(i, 1))
            if letter:
                yield letter, place(text.get_charbox(i))


def _placing(leaf: pypdfium2.PdfPage, width: float, height: float):  # type: ignore[no-untyped-def]
    left, bottom, right, top = leaf.get_cropbox()
    turn = leaf.get_rotation()

    def place(box: tuple[float, float, float, float]) -> Box:
        a, b, c, d = box
        match turn:
            case 90:
                return Box(b - bottom, a - left, d - bottom, c - left)
            case 180:
                return Box(right - c, b - bottom, right - a, d - bottom)
            case 270:
                return Box(top - d, right - c, top - b, right - a)
            case _:
                return Box(a - left, top - d, c - left, top - b)

    return place


def _bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def _holds(frames: Sequence[Box], box: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return any(f.left <= x <= f.right and f.top <= y <= f.bottom for f in frames)


def _compare(wanted: str, found: str) -> tuple[float, float]:
    """The share of the wanted letters that are found, and of the found ones that were not wanted, in any order."""
    from collections import Counter

    a, b = Counter(wanted), Counter(found)
    both = (a & b).total()
    return both / max(1, a.total()), 1 - both / max(1, b.total())


def _run(letters: list[tuple[str, Box]], wanted: str, frames: Sequence[Box]) -> list[tuple[str, Box]]:
    """The letters of the quote as they follow one another on the page, the occurrence nearest to the frames; where they
    do not follow one another (cells of a table), those that lie in the frames.
    """
    flat, owner = "", []
    for i, (letter, _) in enumerate(letters):
        flat += letter
        owner += [i] * len(letter)
    runs, at = [], flat.find(wanted)
    while at >= 0:
        runs.append([letters[i] for i in dict.fromkeys(owner[at : at + len(wanted)])])
        at = flat.find(wanted, at + 1)
    if runs:
        return max(runs, key=lambda run: sum(_holds(frames, box) for _, box in run))
    return [(letter, box) for letter, box in letters if _holds(frames, box)]


def _pixels(box: Box) -> tuple[slice, slice]:
    left, top, right, bottom = (max(0, v * SCALE) for v in box)
    return slice(int(top), int(np.ceil(bottom))), slice(int(left), int(np.ceil(right)))


def _show(picture: Image.Image, frames: Sequence[Box]) -> Image.Image:
    pen = ImageDraw.Draw(picture)
    for frame in frames:
        pen.rectangle([v * SCALE for v in frame], outline=(200, 30, 30), width=2)
    if not frames:
        return picture
    top = max(0, min(f.top for f in frames) - 60) * SCALE
    bottom = min(picture.height, (max(f.bottom for f in frames) + 60) * SCALE)
    return picture.crop((0, int(top), picture.width, int(bottom)))


def main() -> int:
    """Print a line for each quote and the share that is covered; the exit code is 1 where one is not."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared"
    arguments.add_argument("corpus", nargs="?", type=Path, default=beside / "corpus")
    arguments.add_argument("--claims", type=int, default=50)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--pictures", type=Path)
    given = arguments.parse_args()
    covered = total = 0
    for path, data, evidence in sample_claims(given.corpus, given.claims, given.seed):
        verdict, picture = judge(data, evidence)
        total += 1
        covered += verdict.covers
        shares = f"letters {verdict.letters:.3f} pixels {verdict.pixels:.3f} other {verdict.strange:.3f}"
        print(f"{'ok  ' if verdict.covers else 'FAIL'} {shares}  {path.name} p. {evidence.page} {evidence.start}")
        if given.pictures:
            given.pictures.mkdir(parents=True, exist_ok=True)
            picture.save(given.pictures / f"{total:02}-{path.stem}-p{evidence.page}.png")
    print(f"the frame covers the quote: {covered} of {total} ({100 * covered / max(1, total):.0f} %)")
    return int(covered < total or not total)


if __name__ == "__main__":
    sys.exit(main())

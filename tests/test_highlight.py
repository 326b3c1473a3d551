"""The measure of frames passes one that covers the quote, and fails one that is beside it, too small or too large."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from readings import make_document
from reportlab.pdfgen.canvas import Canvas

from extractors.claim import Evidence
from extractors.reading import read

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.highlight import judge

QUOTE = "Pine-7B was trained on 128 NVIDIA H800 GPUs."


def evidence_of(data: bytes) -> Evidence:
    """The quote in a PDF, with the boxes that the reader gives it."""
    text = read(data, make_document(data, "pine.pdf")).text
    assert text is not None
    (page,) = text.pages
    start = page.text.index(QUOTE)
    end = start + len(QUOTE)
    return Evidence(
        document="pine.pdf",
        sha256="0" * 64,
        page=1,
        quote=QUOTE,
        start=start,
        end=end,
        boxes=page.boxes(start, end),
    )


def draw(rotation: int = 0) -> bytes:
    out = io.BytesIO()
    leaf = Canvas(out, pagesize=(400, 300), invariant=1)
    if rotation:
        leaf.setPageRotation(rotation)
    for height, words in ((230, "We present Pine-7B, a language model."), (200, QUOTE), (186, "It took 30 days.")):
        leaf.drawString(40, height, words)
    leaf.save()
    return out.getvalue()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_readers_frames_cover_the_quote(rotation: int) -> None:
    data = draw(rotation)
    assert judge(data, evidence_of(data))[0].covers


@pytest.mark.parametrize(
    "move",
    [
        lambda box: (box[0] + 8, box[1], box[2] + 8, box[3]),
        lambda box: (box[0], box[1] + 6, box[2], box[3] + 6),
        lambda box: (box[0], box[1], box[2] - 20, box[3]),
        lambda box: (box[0], box[1] - 40, box[2], box[3] + 20),
    ],
)
def test_a_frame_that_is_off_is_found(move: Callable[[tuple[float, ...]], tuple[float, ...]]) -> None:
    data = draw()
    evidence = evidence_of(data)
    moved = evidence.model_copy(update={"boxes": tuple(move(box) for box in evidence.boxes)})
    assert not judge(data, moved)[0].covers

"""The glyphs of a PDF page as arrays: code points, boxes and the breaks that pdfium saw, ready for vectorised
layout.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from extractors.reading.regions import Drawing, read_drawing, turn_boxes

LINE_END_HYPHEN = 0xFFFE
REPLACEMENT = 0xFFFD
# Marks characters that leave no ink, by code point: spaces, and control characters but NUL and the hyphen's mark.
_BLANK = np.zeros(0x3002, np.bool_)
_BLANK[[1, *range(3, 0x21), 0xA0, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x3000]] = True
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "ft", 0xFB06: "st"}
_SAME = {
    0x02: LINE_END_HYPHEN,
    0xAD: LINE_END_HYPHEN,
    0x2010: 0x2D,
    0x2011: 0x2D,
    0x2212: 0x2D,
    0xFFFF: REPLACEMENT,
    # Quartz writes the × of Computer Modern as a tab key.
    0x21E5: 0xD7,
    0xF0B7: 0x2022,
    0xF0A7: 0x25AA,
    0xF0D8: 0x27A2,
}
# Radicals that fonts give for whole characters and that Unicode's compatibility forms leave alone.
_RADICALS = dict(
    zip(
        "⺠⻁⻄⻅⻆⻈⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻮⻰⻳⺎⺙⺟⻑⻒⻗",
        "民虎西见角讠贝车长门青韦页风飞食马骨鱼鸟麦黄齐齿龙龟尣攵母長镸雨",
        strict=True,
    )
)


def _same_forms() -> dict[int, int]:
    forms = dict(_SAME)
    for code in (*range(0xFF01, 0xFF5F), *range(0x2F00, 0x2FD6), *range(0xF900, 0xFA6E)):
        plain = unicodedata.normalize("NFKC", chr(code))
        if len(plain) == 1:
            forms[code] = ord(plain)
    # Full-width punctuation belongs to Chinese prose; only letters, digits and the signs of quantities become narrow.
    for keep in "！（），：；？":
        forms.pop(ord(keep), None)
    forms.update({ord(a): ord(b) for a, b in _RADICALS.items()})
    return forms


_FORMS = _same_forms()
_FORM_KEYS = np.array(sorted(_FORMS), np.uint32)
_FORM_VALUES = np.array([_FORMS[int(k)] for k in _FORM_KEYS], np.uint32)


def _prototype(function: Any, result: Any, *arguments: Any) -> Any:
    """A call of pdfium that takes bare addresses, so that `map` can run it over thousands of characters in C."""
    return ctypes.CFUNCTYPE(result, *arguments)(ctypes.cast(function, ctypes.c_void_p).value or 0)


_address, _int = ctypes.c_void_p, ctypes.c_int
_loose_box = _prototype(pdfium.FPDFText_GetLooseCharBox, _int, _address, _int, _address)
_unicode = _prototype(pdfium.FPDFText_GetUnicode, ctypes.c_uint, _address, _int)
_origin = _prototype(pdfium.FPDFText_GetCharOrigin, _int, _address, _int, _address, _address)
_angle = _prototype(pdfium.FPDFText_GetCharAngle, ctypes.c_float, _address, _int)
_font = _prototype(pdfium.FPDFText_GetFontInfo, ctypes.c_ulong, _address, _int, _address, ctypes.c_ulong, _address)


_object = _prototype(pdfium.FPDFPage_GetObject, _address, _address, _int)
_object_type = _prototype(pdfium.FPDFPageObj_GetType, _int, _address)
_bounds = _prototype(pdfium.FPDFPageObj_GetBounds, _int, _address, _address, _address, _address, _address)
_PATH, _IMAGE, _FORM = pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM
_MOST_OBJECTS = 6000


@dataclass(slots=True)
class Glyphs:
    """The visible glyphs of one page in the order of the file.

    `box` holds left, top, right, bottom in points from the top left of the page as displayed. `spaced` is true where
    pdfium saw a space or a line end before the glyph. `index` is the number of the glyph among pdfium's characters.
    """

    code: NDArray[np.uint32]
    box: NDArray[np.float32]
    spaced: NDArray[np.bool_]
    index: NDArray[np.int64]
    width: float
    height: float
    unmapped: int = 0

    def take(self, which: NDArray[Any]) -> Glyphs:
        """The glyphs that a mask or a list of places chooses."""
        return Glyphs(
            self.code[which],
            self.box[which],
            self.spaced[which],
            self.index[which],
            self.width,
            self.height,
            self.unmapped,
        )


class Frame:
    """How a page's own coordinates map onto the page as displayed (CropBox, rotation)."""

    __slots__ = ("bottom", "height", "left", "right", "rotation", "top", "width")

    def __init__(self, page: Any) -> None:
        bounds = pdfium.FS_RECTF()
        pdfium.FPDF_GetPageBoundingBox(page, ctypes.byref(bounds))
        self.left, self.top, self.right, self.bottom = bounds.left, bounds.top, bounds.right, bounds.bottom
        self.rotation: int = pdfium.FPDFPage_GetRotation(page)
        wide, high = self.right - self.left, self.top - self.bottom
        self.width, self.height = (high, wide) if self.rotation % 2 else (wide, high)

    def display(self, box: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes given as left, top, right, bottom with y upwards, as they stand on the displayed page."""
        x0, y1, x1, y0 = box.T
        match self.rotation:
            case 0:
                sides = x0 - self.left, self.top - y1, x1 - self.left, self.top - y0
            case 1:
                sides = y0 - self.bottom, x0 - self.left, y1 - self.bottom, x1 - self.left
            case 2:
                sides = self.right - x1, y0 - self.bottom, self.right - x0, y1 - self.bottom
            case _:
                sides = self.top - y1, self.right - x1, self.top - y0, self.right - x0
        left, top, right, bottom = sides
        out = np.empty((len(box), 4), np.float32)
        np.minimum(left, right, out=out[:, 0])
        np.maximum(left, right, out=out[:, 2])
        np.minimum(top, bottom, out=out[:, 1])
        np.maximum(top, bottom, out=out[:, 3])
        return out


class Leaf:
    """An open page with its text: what later steps may still ask of pdfium before it is closed."""

    def __init__(self, page: Any) -> None:
        """Load the text of a page; `page` is pypdfium2's `PdfPage`."""
        self._page = page
        self._text = page.get_textpage()
        self.page = ctypes.cast(page.raw, ctypes.c_void_p).value
        self.text = ctypes.cast(self._text.raw, ctypes.c_void_p).value
        self.frame = Frame(page.raw)
        # How far the letters that are read upright are turned in the file, in quarter turns clockwise.
        self.upright = -self.frame.rotation % 4
        self._pair = (ctypes.c_double * 2)()
        self._name = ctypes.create_string_buffer(128)
        self._flags = ctypes.c_int()

    def close(self) -> None:
        """Give the page's memory back; pdfium keeps it otherwise."""
        self._text.close()
        self._page.close()

    def glyphs(self) -> Glyphs:
        """Every visible glyph of the page, normalised: ligatures apart, full-width letters narrow, duplicates gone.

        Glyphs that a damaged file puts nowhere, at infinity, are left out.
        """
        raw = self._text.raw
        count = max(pdfium.FPDFText_CountChars(raw), 0)
        code = self._codes(raw, count)
        index = np.arange(count)
        if ((code >= 0xD800) & (code < 0xE000)).any():
            code, index = _pair_surrogates(code, index)
        blank = _BLANK[np.minimum(code, len(_BLANK) - 1)] | (code == 0xFEFF)
        kept = np.flatnonzero(~blank)
        found = np.zeros((len(kept), 4), np.float32)
        base = found.ctypes.data
        list(map(_loose_box, repeat(self.text), index[kept].tolist(), range(base, base + 16 * len(kept), 16)))
        spaced = np.ones(len(kept), np.bool_)
        spaced[1:] = np.diff(kept) > 1
        code = code[kept]
        unmapped = code == 0
        code[unmapped] = REPLACEMENT
        rare = np.flatnonzero((code > 0x7E) | (code < 0x20))
        if len(rare):
            place = np.searchsorted(_FORM_KEYS, code[rare]) % len(_FORM_KEYS)
            hit = _FORM_KEYS[place] == code[rare]
            code[rare[hit]] = _FORM_VALUES[place[hit]]
        glyphs = Glyphs(
            code,
            self.frame.display(found),
            spaced,
            index[kept],
            self.frame.width,
            self.frame.height,
            int(unmapped.sum()),
        )
        placed = np.flatnonzero(np.isfinite(glyphs.box).all(axis=1))
        if len(placed) < len(glyphs.code):
            glyphs = glyphs.take(placed)
        return _without_doubles(_without_ligatures(glyphs))

    def _codes(self, raw: Any, count: int) -> NDArray[np.uint32]:
        buffer = (ctypes.c_ushort * (count + 1))()
        written = pdfium.FPDFText_GetText(raw, 0, count, buffer)
        if written - 1 == count:
            return np.frombuffer(bytes(buffer)[: 2 * count], np.uint16).astype(np.uint32)
        return np.fromiter(map(_unicode, repeat(self.text), range(count)), np.uint32, count)

    def drawing(self, turn: int = 0) -> Drawing:
        """The rules, pictures and sketches of the page, turned by quarter turns as its text is for reading."""
        total = min(pdfium.FPDFPage_CountObjects(self._page.raw), _MOST_OBJECTS)
        objects = list(map(_object, repeat(self.page), range(total)))
        kinds = np.fromiter(map(_object_type, objects), np.int64, total)
        chosen = np.flatnonzero((kinds == _PATH) | (kinds == _IMAGE) | (kinds == _FORM))
        box = np.zeros((len(chosen), 4), np.float32)
        base = box.ctypes.data
        starts = range(base, base + 16 * len(chosen), 16)
        for place, start in zip(chosen.tolist(), starts, strict=True):
            _bounds(objects[place], start, start + 12, start + 8, start + 4)
        width, height = self.frame.width, self.frame.height
        box = turn_boxes(self.frame.display(box), turn, width, height)
        if turn % 2:
            width, height = height, width
        paths = kinds[chosen] == _PATH
        return read_drawing(box[paths], box[~paths], width, height)

    def baseline(self, index: int) -> float:
        """How high the line is that a character stands on, in points against the page's foot as it is read."""
        base = ctypes.addressof(self._pair)
        _origin(self.text, index, base, base + 8)
        x, y = self._pair
        return (y, x, -y, -x)[self.upright]

    def angle(self, index: int) -> int:
        """The turn of a character on the displayed page, in quarter turns clockwise."""
        turn: float = _angle(self.text, index)
        return (round(turn / (math.pi / 2)) + self.frame.rotation) % 4

    def font(self, index: int) -> str:
        """The name of a character's font without its subset prefix, e.g. `NimbusRomNo9L-Medi`; empty where unknown."""
        _font(self.text, index, ctypes.addressof(self._name), 128, ctypes.addressof(self._flags))
        name = self._name.value.decode("latin-1", "replace")
        return name[7:] if name[6:7] == "+" else name


def _pair_surrogates(
    code: NDArray[np.uint32], index: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Code points for pairs of surrogates, which pdfium counts as two characters each."""
    high = np.flatnonzero((code[:-1] & 0xFFFFFC00) == 0xD800)
    high = high[(code[high + 1] & 0xFFFFFC00) == 0xDC00]
    code[high] = 0x10000 + ((code[high] & 0x3FF) << 10) + (code[high + 1] & 0x3FF)
    kept = np.ones(len(code), np.bool_)
    kept[high + 1] = False
    code[(code & 0xFFFFF800) == 0xD800] = REPLACEMENT
    return _plain_letters(code)[kept], index[kept]


def _plain_letters(code: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Mathematical alphabets (U+1D400…) as plain letters: an italic 𝑑 in a formula is a d for the reader."""
    for place in np.flatnonzero((code >= 0x1D400) & (code < 0x1D800)):
        plain = unicodedata.normalize("NFKC", chr(int(code[place])))
        if len(plain) == 1:
            code[place] = ord(plain)
    return code


def _without_ligatures(glyphs: Glyphs) -> Glyphs:
    joined = (glyphs.code >= 0xFB00) & (glyphs.code <= 0xFB06)
    if not joined.any():
        return glyphs
    counts = np.ones(len(glyphs.code), np.int64)
    places = np.flatnonzero(joined)
    counts[places] = [len(_LIGATURES[int(c)]) for c in glyphs.code[places]]
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    out = glyphs.take(np.repeat(np.arange(len(counts)), counts))
    for place in places:
        at = starts[place]
        letters = _LIGATURES[int(glyphs.code[place])]
        left, top, right, bottom = glyphs.box[place]
        step = (right - left) / len(letters)
        for k, letter in enumerate(letters):
            out.code[at + k] = ord(letter)
            out.box[at + k] = (left + k * step, top, left + (k + 1) * step, bottom)
            if k:
                out.spaced[at + k] = False
    return out


def _without_doubles(glyphs: Glyphs) -> Glyphs:
    """Glyphs without those printed twice on one place, which is how some files make letters bold."""
    if len(glyphs.code) < 2:
        return glyphs
    size = glyphs.box[:, 3] - glyphs.box[:, 1]
    # pdfium gives the letters of a ligature one box for all of them: «ff» is no double.
    twin = np.concatenate([[False], (glyphs.box[1:] == glyphs.box[:-1]).all(axis=1)])
    if not _has_doubles(glyphs, size, twin):
        return glyphs
    seen: dict[tuple[int, int, int], list[tuple[float, float]]] = {}
    kept = np.ones(len(glyphs.code), np.bool_)
    rows = zip(glyphs.code.tolist(), glyphs.box[:, :2].tolist(), (size * 0.12).tolist(), strict=True)
    for place, (code, (left, top), reach) in enumerate(rows):
        if twin[place]:
            continue
        cell = (code, int(left // 4), int(top // 4))
        near = (seen.get((code, cell[1] + i, cell[2] + j), ()) for i in (-1, 0, 1) for j in (-1, 0, 1))
        if any(abs(left - x) < reach and abs(top - y) < reach for spots in near for x, y in spots):
            kept[place] = False
        else:
            seen.setdefault(cell, []).append((left, top))
    if kept.all():
        return glyphs
    carried = glyphs.spaced.copy()
    dropped = np.flatnonzero(~kept & glyphs.spaced)
    after = dropped + 1
    carried[after[after < len(carried)]] = True
    glyphs.spaced = carried
    return glyphs.take(kept)


def _has_doubles(glyphs: Glyphs, size: NDArray[np.float32], twin: NDArray[np.bool_]) -> bool:
    """Whether glyphs are printed twice, letter by letter or line by line: the second print begins where the first
    did.
    """
    left, top = glyphs.box[:, 0], glyphs.box[:, 1]
    returns = np.concatenate([[0], np.flatnonzero((np.diff(left) < 0) & ~twin[1:]) + 1])
    for places in (np.flatnonzero(~twin), returns):
        for lag in (1, 2, 3):
            one, other = places[:-lag], places[lag:]
            near = np.abs(left[one] - left[other]) < 0.12 * size[one]
            if not near.any():
                continue
            same = near & (glyphs.code[one] == glyphs.code[other]) & (np.abs(top[one] - top[other]) < 0.12 * size[one])
            if same.sum() > 1:
                return True
    return False

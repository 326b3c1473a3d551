"""How well a page was read: glued words, unreadable glyphs, columns in doubt."""

from __future__ import annotations

import re

from extractors.reading.hyphens import Vocabulary
from extractors.reading.lines import Sheet
from extractors.reading.paragraphs import Column
from extractors.text import Quality

_LONG = re.compile(r"[A-Za-z]{21,}")
_UNREAD = re.compile(r"[\ufffd\ue000-\uf8ff]+|\(cid:\d+\)")
_GLUE_WEIGHT, _UNREADABLE_WEIGHT, _DOUBT_WEIGHT = 20.0, 4.0, 0.5


def judge(sheet: Sheet, columns: list[Column], vocabulary: Vocabulary) -> Quality:
    """The quality of a page: 1 without any reason for doubt, less by the share of words glued, glyphs unread, lines
    astray.

    A run of more than twenty letters that stands nowhere else in the document counts as glued («ontwothousandGPUs»).
    A column is in doubt where many of its lines are parted by wide gaps and make no table.
    """
    text = sheet.characters
    if not text:
        return Quality()
    words = max(1, text.count(" ") + len(sheet.pieces))
    glued = sum(vocabulary.count(w) < 2 for w in _LONG.findall(text))
    unread = sum(map(len, _UNREAD.findall(text)))
    lines = [x for c in columns for x in c.lines]
    torn = sum(len(x.pieces) > 2 for x in lines)
    glue, unreadable = glued / words, unread / len(text)
    doubt = max(0.0, torn / len(lines) - 0.3) if len(lines) > 10 else 0.0
    notes = []
    if glue > 0.002:
        notes.append(f"{glued} words may be glued together")
    if unreadable > 0.01:
        notes.append(f"{unread} glyphs have no readable form")
    if doubt > 0.2:
        notes.append("the order of columns is in doubt")
    lost = _GLUE_WEIGHT * glue + _UNREADABLE_WEIGHT * unreadable + _DOUBT_WEIGHT * doubt
    return Quality(round(max(0.0, 1 - lost), 3), round(glue, 5), round(unreadable, 5), round(doubt, 3), tuple(notes))

"""The days on which training ran: «trained between May and August 2023», «2022年4月18日至6月22日».

A period is an ISO 8601 interval, as exact as the words: `2023-05/2023-08`, and `2023-09-01/..` where only the beginning
is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.claim import ClaimType, Modality, Stage
from extractors.claims.draft import Draft, Span
from extractors.claims.judgement import decide_modality, decide_stage
from extractors.claims.scene import Sentence
from extractors.claims.subject import find_subjects

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DATE = (
    rf"(?:{_MONTH}(?:\s\d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s(?:of\s)?20\d\d\b)?|"
    rf"\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s20\d\d\b)?|20\d\d[-/.][01]?\d(?:[-/.][0-3]?\d)?\b)"
)
_DATE_ZH = r"(?:20\d\d\s?年)?\s?[01]?\d\s?月(?:\s?[0-3]?\d\s?[日号])?"
_TRAINED = r"\b(?:pre-?)?train(?:ed|ing)\b"
_RUN = re.compile(
    rf"{_TRAINED}(?P<between>[^.;:\n]{{0,60}}?)\b(?:between|from|started (?:in|on)|began (?:in|on))\s"
    rf"(?P<first>{_DATE})\s?(?:and|to|until|till|through|[-–—]|and (?:ended|finished) (?:in|on))\s?(?P<last>{_DATE})",
    re.I,
)
_BEGUN = re.compile(
    rf"{_TRAINED}(?P<between>[^.;:\n]{{0,30}}?)\b(?:began|begun|started|commenced|starts|begins)\s(?:in|on)\s"
    rf"(?P<first>{_DATE})",
    re.I,
)
_RUN_ZH = re.compile(
    rf"训练(?P<between>[^。；\n]{{0,20}}?)[(（]?(?P<first>{_DATE_ZH})\s?(?:至|到|[-–—~～])\s?(?P<last>{_DATE_ZH})"
)
_RUN_ZH_BEFORE = re.compile(
    rf"(?P<first>{_DATE_ZH})\s?(?:至|到|[-–—~～])\s?(?P<last>{_DATE_ZH})(?P<between>[^。；，\n]{{0,16}}?)训练"
)
_OF_DATA = re.compile(
    r"\b(?:data\w*|corpus|corpora|text|articles?|dumps?|crawl\w*|knowledge|cut-?off|papers?)\b|数据|语料"
)


@dataclass(frozen=True, slots=True)
class _Day:
    """A date as far as it is told; the year may stand with its neighbour alone."""

    year: int | None
    month: int
    day: int | None

    def iso(self, year: int | None) -> str | None:
        """The date in ISO 8601, with the neighbour's year where it has none; None for what is no date."""
        known = self.year or year
        if known is None or not 1 <= self.month <= 12 or not 1 <= (self.day or 1) <= 31:
            return None
        return f"{known}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


def read_periods(sentence: Sentence) -> Iterator[Draft]:
    """The training periods of a sentence. What tells of the data («trained on text from 2019 to 2021») is none."""
    for pattern in (_RUN, _RUN_ZH, _RUN_ZH_BEFORE, _BEGUN):
        found = False
        for match in pattern.finditer(sentence.text):
            if _OF_DATA.search(match["between"]) or (value := _interval(match)) is None:
                continue
            found = True
            yield from _draft(sentence, match, value)
        if found:
            return


def _draft(sentence: Sentence, match: re.Match[str], value: str) -> Iterator[Draft]:
    start, end = match.span()
    stage, stage_cues, _ = decide_stage(sentence, start, end)
    modality, modality_cues = decide_modality(sentence, start, end)
    for subject in find_subjects(sentence, start, end):
        yield Draft(
            ClaimType.TRAINING_PERIOD,
            "prose-period",
            Span(sentence.page, sentence.start, sentence.end),
            sentence.place,
            subject,
            stage if stage in (Stage.PRE_TRAINING, Stage.POST_TRAINING) else Stage.TRAINING,
            modality if modality is not Modality.ESTIMATED else Modality.ASSERTED,
            value=value,
            printed=match[0][match.start("first") - start :],
            cues=(*((subject.cue,) if subject.cue else ()), *stage_cues, *modality_cues),
            section=sentence.block.section,
        )


def _interval(match: re.Match[str]) -> str | None:
    first = _read_day(match["first"])
    last = _read_day(match["last"]) if "last" in match.re.groupindex else None
    begin = first.iso(last.year if last else None)
    if last is None:
        return f"{begin}/.." if begin else None
    end = last.iso(first.year)
    if begin is None or end is None or end < begin:
        return None
    return f"{begin}/{end}"


def _read_day(text: str) -> _Day:
    year = re.search(r"20\d\d", text)
    rest = text.replace(year[0], " ", 1) if year else text
    named = re.search(r"[A-Za-z]{3,}", re.sub(r"\bof\b|(?<=\d)(?:st|nd|rd|th)\b", "", rest))
    numbers = [int(number) for number in re.findall(r"\d{1,2}", rest)]
    month = _MONTHS[named[0][:3].lower()] if named else numbers.pop(0) if numbers else 0
    return _Day(int(year[0]) if year else None, month, numbers[0] if numbers else None)

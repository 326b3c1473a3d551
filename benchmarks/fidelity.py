"""How true the text layer is to the PDFs of a corpus: anchors found, words glued, exponents kept.

    python benchmarks/fidelity.py [CORPUS] [--gold FOLDER] [--failures]

Anchors are the words that the gold facts name as evidence; each is looked for on the pages that the gold names. A
word is glued when it is longer than twenty letters, stands nowhere else in the corpus and parts into words that do.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus.document import Document, MediaType
from extractors.reading import read
from extractors.text import Text

_WORD = re.compile(r"[A-Za-z]+")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_MARKS = str.maketrans("’‘“”–—−×≈∼￾", "''\"\"---x~~ ")
# «10^21 FLOP», «10^18 total FLOPs»; without the `^` the power has been flattened.
_FLOPS = re.compile(r"\b10(\^?)[-+]?[1-9]\d?\s*\)?\s*(?:[a-z]+\s+){0,2}(?:peta|exa|tera|giga)?-?flop", re.IGNORECASE)


def open_document(path: Path) -> tuple[bytes, Document]:
    """The bytes of a PDF file and the document that they are."""
    import hashlib

    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    return data, Document(
        sha256=digest, media_type=MediaType.PDF, name=path.name, address=path.resolve().as_uri(), size=len(data)
    )


def plain(text: str) -> str:
    """The text as anchors are compared: one case, one kind of quote and dash, no marks of exponents, single spaces."""
    text = unicodedata.normalize("NFKC", text.translate(_RAISED)).translate(_MARKS).lower().replace("^", "")
    return " ".join(text.split())


def bare(text: str) -> str:
    """The letters and digits of a text alone."""
    return "".join(c for c in plain(text) if c.isalnum())


def anchors_of(path: Path) -> Iterable[tuple[str, list[int]]]:
    """The anchors of a gold file with the pages on which each may stand."""
    for claim in json.loads(path.read_text())["claims"]:
        if claim.get("anchor"):
            yield claim["anchor"], claim.get("pages") or []


def missing_anchors(text: Text, gold: Path) -> tuple[int, list[tuple[str, list[int], str]]]:
    """How many anchors a gold file has and those that stand on none of their pages, with how near they came."""
    pages = {p.number: (plain(p.text), bare(p.text)) for p in text.pages}
    total, missing = 0, []
    for anchor, numbers in anchors_of(gold):
        total += 1
        wanted = plain(anchor)
        if any(wanted in pages[n][0] for n in numbers if n in pages):
            continue
        near = "letters only" if any(bare(anchor) in pages[n][1] for n in numbers if n in pages) else "absent"
        missing.append((anchor, numbers, near))
    return total, missing


def glued_words(words: Counter[str], known: Counter[str]) -> list[str]:
    """The words of one document that are two or more known words without a space between them."""
    return [w for w, n in words.items() if len(w) > 20 and known[w] == n and _parts(w.lower(), known)]


def _parts(word: str, known: Counter[str]) -> bool:
    best = [True] + [False] * len(word)
    for end in range(2, len(word) + 1):
        best[end] = any(best[s] and known[word[s:end]] > 2 for s in range(max(0, end - 18), end - 1))
    return best[-1]


def main() -> int:
    """Print the figures for every PDF; the exit code is 1 where a target is missed."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared"
    arguments.add_argument("corpus", nargs="?", type=Path, default=beside / "corpus")
    arguments.add_argument("--gold", type=Path, default=beside / "eval" / "gold")
    arguments.add_argument("--failures", action="store_true", help="list what is missing, glued or flattened")
    given = arguments.parse_args()
    texts: dict[str, Text] = {}
    for path in sorted(given.corpus.glob("*.pdf")):
        reading = read(*open_document(path))
        if reading.text is None:
            print(f"{path.name}: {reading.outcome} {reading.reason}")
            continue
        texts[path.name] = reading.text
    counts = {n: Counter(_WORD.findall("\n".join(p.text for p in t.pages))) for n, t in texts.items()}
    known = Counter[str]()
    for words in counts.values():
        for word, times in words.items():
            known[word.lower()] += times
            if not word.islower():
                known[word] += times
    all_anchors = all_missing = 0
    worst = 0.0
    powers: Counter[bool] = Counter()
    print(f"{'document':44} pages anchors missing glued  rate%   10^n before FLOP (right/flat)")
    for name, text in texts.items():
        gold = given.gold / f"{name}.json"
        total, missing = missing_anchors(text, gold) if gold.exists() else (0, [])
        glued = glued_words(counts[name], known)
        rate = 100 * sum(counts[name][w] for w in glued) / max(1, sum(counts[name].values()))
        found = [(m[1] == "^", m[0]) for p in text.pages for m in _FLOPS.finditer(p.text)]
        right = sum(ok for ok, _ in found)
        powers.update(ok for ok, _ in found)
        all_anchors, all_missing, worst = all_anchors + total, all_missing + len(missing), max(worst, rate)
        row = f"{name:44} {len(text.pages):5} {total:7} {len(missing):7} {len(glued):5} {rate:6.3f}"
        print(f"{row}   {right}/{len(found) - right}")
        if given.failures:
            for anchor, numbers, near in missing:
                print(f"      {near} on {numbers}: {anchor}")
            for word in glued:
                print(f"      glued: {word}")
            for ok, words in found:
                if not ok:
                    print(f"      flat: {words}")
    share = 100 * (1 - all_missing / max(1, all_anchors))
    print(
        f"anchors found: {all_anchors - all_missing} of {all_anchors} ({share:.2f} %); worst glued rate {worst:.3f} %; "
        f"exponents before FLOP right: {powers[True]} of {powers.total()}"
    )
    return int(share < 99.5 or worst >= 0.1 or powers[False] > 0)


if __name__ == "__main__":
    sys.exit(main())

"""What reading costs by the million documents, beside reading them with a language model.

    python benchmarks/cost.py FOLDER [--documents N] [--core-hour 0.05] [--input 1.0] [--output 4.0] [--answer 1500]

Measured on the documents of a folder: seconds of one processor for reading and extracting, the largest memory of the
process, and the length of the text. Assumed, and given as options: the price of a core for an hour, the prices of a
million tokens in and out, and how many tokens a model answers with. Tokens are counted as letters by four, and as
letters by one and a half in Chinese and Japanese; tokenizers differ by a third from that and from each other.
"""

from __future__ import annotations

import argparse
import re
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from corpus.archive import digest
from corpus.document import Document
from corpus.media import sniff
from flows.reading import load_registry, read_document

SUFFIXES = {".pdf", ".html", ".md", ".txt"}
MILLION = 1_000_000
_EAST_ASIAN = re.compile(r"[぀-ヿ一-鿿]")


def count_tokens(text: str) -> float:
    """About how many tokens a text has."""
    dense = len(_EAST_ASIAN.findall(text))
    return dense / 1.5 + (len(text) - dense) / 4


def measure(paths: list[Path]) -> tuple[float, float]:
    """Seconds of the processor and tokens a document, over all of some files; what holds no text counts too."""
    load_registry()
    seconds = tokens = 0.0
    for path in paths:
        data = path.read_bytes()
        address = f"file:{path.name}"
        media_type = sniff(data, path.name)
        document = Document(sha256=digest(data), media_type=media_type, name=path.name, address=address, size=len(data))
        began = time.process_time()
        _, text = read_document(address, document, data)
        seconds += time.process_time() - began
        tokens += count_tokens("".join(page.text for page in text.pages)) if text else 0
    return seconds / len(paths), tokens / len(paths)


def main() -> None:
    """Measure, and print the arithmetic."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, help="how many of the folder, spread over it evenly")
    parser.add_argument("--core-hour", type=float, default=0.05, metavar="PRICE")
    parser.add_argument("--input", type=float, default=1.0, metavar="PRICE", help="of a million tokens read")
    parser.add_argument("--output", type=float, default=4.0, metavar="PRICE", help="of a million tokens answered")
    parser.add_argument("--answer", type=float, default=1500, metavar="TOKENS")
    given = parser.parse_args()
    paths = sorted(path for path in given.folder.iterdir() if path.suffix in SUFFIXES)
    if given.documents:
        paths = paths[:: max(1, len(paths) // given.documents)][: given.documents]
    if not paths:
        sys.exit(f"{given.folder} holds no documents")
    seconds, tokens = measure(paths)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hours = seconds * MILLION / 3600
    ours, theirs = hours * given.core_hour, tokens * given.input + given.answer * given.output
    print(f"measured on {len(paths)} documents: {seconds:.2f} s of one processor, {tokens:,.0f} tokens a document;")
    print(f"largest memory {memory:,.0f} MB")
    print(f"a million documents by rules:  {seconds:.2f} s × 1,000,000 / 3,600 = {hours:,.0f} core-hours")
    print(f"                               × {given.core_hour:g} = {ours:,.0f}")
    print(f"a million documents by a model: {tokens:,.0f} tokens × 1,000,000 × {given.input:g} / 1,000,000")
    print(f"                               + {given.answer:,.0f} × {given.output:g} = {theirs:,.0f}")
    print(f"the model costs {theirs / ours:,.0f} times as much")


if __name__ == "__main__":
    main()

"""Confidence learned from gold: fit, measure on labels held out, and write `extractors/lexicon/confidence.toml`.

    python benchmarks/calibration.py --gold GOLD --corpus CORPUS                       figures beside those by hand
    python benchmarks/calibration.py --gold GOLD --corpus CORPUS --write --date DATE   write the weights too

The log-odds of a claim are the sum of its hand-set reasons, each times a factor, and of shifts for its rule and
circumstances. A penalty draws factors to 1 and shifts to 0, so that what gold says little about stays as it was set by
hand. Figures are of folds: a claim is judged by a fit that saw no document of its developer. `--check GOLD` measures
the whole fit on other gold and never learns from it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import numpy.typing as npt

import registry
from corpus.document import Document
from corpus.media import sniff
from evidence.calibration import Reliability, measure_reliability
from evidence.evaluation import CHIP_TOTAL, FACT_TOTAL, evaluate, judge_claims
from evidence.gold import Gold, load_gold
from extractors.claim import Claim
from extractors.claims.confidence import CONTEXT, RULE, Calibration, chance
from extractors.claims.document import read_claims
from extractors.reading import read

LEXICON = Path(__file__).parents[1] / "extractors" / "lexicon" / "confidence.toml"
FEWEST = 8
"""A reason or trait with fewer claims than this is not fitted."""
HOLD_FACTOR, HOLD_SHIFT = 15.0, 3.0
"""Penalties, of the order that gave the best likelihood on labels held out; half or double gives the same figures."""
ASSERTED = 0.5

_ONE_HOUSE = {
    "deepmind": "google",
    "google deepmind": "google",
    "facebook": "meta",
    "facebook ai": "meta",
    "meta ai": "meta",
    "deepseek-ai": "deepseek",
    "腾讯": "tencent",
    "华为诺亚": "huawei",
    "huawei noah's ark": "huawei",
    "北大袁粒团队": "pku yuan group",
}
_NOT_THE_NAME = re.compile(r"\s(?:qwen team|qwen|tongyi lab|inclusionai)$")


Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Examples:
    """Claims that gold can judge, a row each: the weights of their reasons by name, and whether they are right.

    `labels` is whose document each stands in.
    """

    names: tuple[str, ...]
    weights: Array
    right: Array
    labels: npt.NDArray[np.str_]

    def without(self, label: str) -> Examples:
        """The examples of all other labels."""
        kept = self.labels != label
        return Examples(self.names, self.weights[kept], self.right[kept], self.labels[kept])


def read_labels(manifest: Path) -> dict[str, str]:
    """The developer of each document of a corpus: the first of its organisations, houses of one firm together."""
    with manifest.open(encoding="utf-8", newline="") as file:
        return {row["file"]: _house(row["organisation"]) for row in csv.DictReader(file)}


def _house(organisations: str) -> str:
    first = re.split(r"[;/(]", organisations)[0].strip().lower()
    return _ONE_HOUSE.get(first, _NOT_THE_NAME.sub("", first))


def read_corpus(paths: Sequence[Path], jobs: int) -> list[Claim]:
    """The claims of all documents, with reasons as set by hand."""
    with ProcessPoolExecutor(jobs) as pool:
        return [claim for claims in pool.map(_read_document, paths) for claim in claims]


def _read_document(path: Path) -> tuple[Claim, ...]:
    data = path.read_bytes()
    document = Document(
        sha256=hashlib.sha256(data).hexdigest(),
        media_type=sniff(data, path.name),
        name=path.name,
        address=path.name,
        size=len(data),
    )
    text = read(data, document).text
    return read_claims(document, text, registry.load(), Calibration()) if text else ()


def make_examples(golds: Sequence[Gold], claims: Sequence[Claim], labels: dict[str, str]) -> Examples:
    """The claims that gold can judge."""
    verdicts = judge_claims(golds, claims)
    names = tuple(sorted({reason.name for claim, _ in verdicts for reason in claim.reasons}))
    column = {name: i for i, name in enumerate(names)}
    weights = np.zeros((len(verdicts), len(names)))
    for row, (claim, _) in enumerate(verdicts):
        for reason in claim.reasons:
            weights[row, column[reason.name]] += 1.0 if _learned(reason.name) else reason.weight
    return Examples(
        names,
        weights,
        np.array([right for _, right in verdicts], dtype=float),
        np.array([labels.get(claim.evidence[0].document, "") for claim, _ in verdicts]),
    )


def fit(examples: Examples) -> Calibration:
    """Factors and shifts by penalised logistic regression; a factor that would turn negative is 0."""
    shift = np.array([_learned(name) for name in examples.names])
    prior, hold = np.where(shift, 0.0, 1.0), np.where(shift, HOLD_SHIFT, HOLD_FACTOR)
    seen = (examples.weights != 0).sum(axis=0) >= FEWEST
    free, values = seen.copy(), prior
    while (found := _climb(examples, free, values, prior, hold))[~shift].min(initial=0.0) < 0:
        free &= shift | (found >= 0)
        values = np.where(seen & ~free, 0.0, prior)
    learned = [(name, round(float(found[i]), 2), shift[i]) for i, name in enumerate(examples.names) if seen[i]]
    return Calibration(
        {name: value for name, value, shifts in learned if not shifts},
        {name: value for name, value, shifts in learned if shifts and value},
    )


def _climb(examples: Examples, free: npt.NDArray[np.bool_], start: Array, prior: Array, hold: Array) -> Array:
    """The values at the top of the penalised likelihood, by Newton's method; those that are not free stay.

    A step that would lead down, as one from far off may, is halved until it leads up.
    """
    values, marks = start.copy(), examples.weights[:, free]
    loss = _lose(examples, values, prior, hold)
    for _ in range(100):
        said = 1 / (1 + np.exp(-(examples.weights @ values)))
        slope = marks.T @ (said - examples.right) + 2 * (hold * (values - prior))[free]
        step = np.zeros(len(values))
        step[free] = np.linalg.solve((marks.T * (said * (1 - said))) @ marks + np.diag(2 * hold[free]), slope)
        while (reached := _lose(examples, values - step, prior, hold)) > loss and np.abs(step).max() >= 1e-8:
            step /= 2
        if np.abs(step).max(initial=0.0) < 1e-8:
            break
        values, loss = values - step, reached
    return values


def _lose(examples: Examples, values: Array, prior: Array, hold: Array) -> float:
    """What the fit makes small: the negative log-likelihood and the penalty."""
    odds = examples.weights @ values
    likelihood = (np.logaddexp(0, odds) - examples.right * odds).sum()
    return float(likelihood + (hold * (values - prior) ** 2).sum())


def _learned(name: str) -> bool:
    return name.startswith((RULE, CONTEXT))


def apply(calibration: Calibration, claim: Claim) -> Claim:
    """The claim with the confidence that a calibration gives it."""
    known = [r for r in claim.reasons if not _learned(r.name)]
    traits = [r.name for r in claim.reasons if _learned(r.name)]
    odds = sum(r.weight for r in (*calibration.scale(known), *calibration.shift(traits)))
    return claim.model_copy(update={"confidence": chance(odds)})


def hold_out(examples: Examples, claims: Iterable[Claim], labels: dict[str, str]) -> list[Claim]:
    """The claims, each as sure as a fit makes it that saw no document of its developer."""
    fits = {str(label): fit(examples.without(label)) for label in np.unique(examples.labels)}
    return [apply(fits.get(labels.get(c.evidence[0].document, ""), Calibration()), c) for c in claims]


def describe(name: str, golds: Sequence[Gold], claims: Sequence[Claim]) -> str:
    """One line of figures."""
    reliability = measure_reliability(golds, claims)
    scores = evaluate(golds, [claim for claim in claims if claim.confidence >= ASSERTED]).figures()
    return (
        f"{name:34} {reliability.claims:6} {reliability.error:7.3f} {reliability.sure:6} {reliability.sure_right:10.3f}"
        f" {reliability.sure_recall:10.3f} {scores[CHIP_TOTAL].f1:9.3f} {scores[FACT_TOTAL].f1:9.3f}"
    )


def list_bins(reliability: Reliability) -> Iterator[str]:
    """The bins, a line each."""
    for b in reliability.bins:
        yield f"  {b.low:.3f} to {b.high:.3f}  {b.claims:4} claims  said {b.said:.3f}  right {b.right:.3f}"


def write(path: Path, calibration: Calibration, digest: str, date: str, claims: int) -> None:
    """Write a calibration as data, sorted by name."""
    lines = [
        "# What gold facts taught about the weights that rules give by hand; docs/confidence.md says what it means.\n"
        "# Written by `python benchmarks/calibration.py --write`; not by hand.\n\n"
        f'[[fit]]\ngold = "{digest}"\ndate = "{date}"\nclaims = {claims}\n'
    ]
    for name, factor in sorted(calibration.scales.items()):
        lines.append(f'\n[[scale]]\nreason = "{name}"\nfactor = {factor:.2f}\n')
    for name, weight in sorted(calibration.shifts.items()):
        lines.append(f'\n[[shift]]\ntrait = "{name}"\nweight = {weight:.2f}\n')
    path.write_text("".join(lines), encoding="utf-8")


def digest_gold(folder: Path) -> str:
    """A digest of the gold files, by name and content."""
    whole = hashlib.sha256()
    for path in sorted(folder.glob("*.json")):
        whole.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def main() -> int:
    """Print the figures of hand-set and of learned confidence; with `--write`, keep what was learned."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    beside = Path(__file__).resolve().parents[2] / "shared"
    parser.add_argument("--gold", type=Path, default=beside / "eval" / "gold", help="folder of gold facts")
    parser.add_argument("--corpus", type=Path, default=beside / "corpus", help="documents, with a manifest.csv")
    parser.add_argument("--check", type=Path, metavar="GOLD", help="measure on this gold, never learn from it")
    parser.add_argument("--write", action="store_true", help=f"write {LEXICON.name}")
    parser.add_argument("--date", default="", help="the day of the fit, kept in the file; --write needs it")
    parser.add_argument("--jobs", type=int, default=2, help="processes that read documents")
    given = parser.parse_args()
    if given.write and not re.fullmatch(r"\d{4}-\d\d-\d\d", given.date):
        parser.error("--write needs --date YYYY-MM-DD")
    labels = read_labels(given.corpus / "manifest.csv")
    golds = load_gold(given.gold)
    claims = read_corpus([given.corpus / gold.document for gold in golds], given.jobs)
    examples = make_examples(golds, claims, labels)
    whole = fit(examples)
    print(f"{'':34} {'claims':>6} {'ECE':>7} {'sure':>6} {'right':>10} {'of facts':>10} {'chip F1':>9} {'fact F1':>9}")
    print(describe("by hand", golds, claims))
    unseen = hold_out(examples, claims, labels)
    print(describe("learned, labels held out", golds, unseen))
    print(describe("learned, on what it learned from", golds, [apply(whole, claim) for claim in claims]))
    for line in list_bins(measure_reliability(golds, unseen)):
        print(line)
    if given.check:
        others = load_gold(given.check)
        found = read_corpus([given.corpus / gold.document for gold in others], given.jobs)
        print(describe("other gold, by hand", others, found))
        print(describe("other gold, learned", others, [apply(whole, claim) for claim in found]))
    if given.write:
        write(LEXICON, whole, digest_gold(given.gold), given.date, len(examples.right))
    return 0


if __name__ == "__main__":
    sys.exit(main())

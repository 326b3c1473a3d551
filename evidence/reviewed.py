"""What reviewers settled, as gold: facts to score the rules against, in the form that a careful analyst records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from evidence.decisions import SETTLED, Decision, State, active
from evidence.evaluation import judge_claims
from evidence.gold import Gold
from evidence.verdicts import Live, Voice, place, settle
from extractors.claim import Claim


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What reviewers settled: the facts by document, and the claims to score against them.

    `claims` are those that the rules make now and that somebody settled, or that meet a fact all the same. What was
    rejected is a false alarm, what was corrected a false alarm and a miss, what was added a miss until it is found.
    """

    golds: tuple[Gold, ...]
    claims: tuple[Claim, ...]


def gather_reviewed(decisions: Iterable[Decision], live: Sequence[Claim]) -> Reviewed:
    """What some decisions settle, held against the claims that the rules make now.

    Disputed and planted claims are left out, and so are claims that changed since they were decided.
    """
    standing = [decision for decision in active(decisions) if not decision.planted]
    golds = tuple(Gold.model_validate(record) for record in _gather(standing))
    said: dict[str, list[Voice]] = defaultdict(list)
    for voice in place(standing, Live({claim.id: claim for claim in live})):
        said[voice.claim].append(voice)
    judged = {claim for claim, voices in said.items() if settle(voices)[0] in SETTLED}
    judged |= {claim.id for claim, right in judge_claims(golds, live) if right}
    return Reviewed(golds, tuple(claim for claim in live if claim.id in judged))


def make_gold(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    """What some decisions settle, one record a document in the form of a gold file.

    Only what was reviewed is known, so no record is complete: a claim that meets no fact of it is no false alarm.
    """
    standing = [decision for decision in active(decisions) if not decision.planted]
    return [record | {"complete": {"chip": False, "facts": False}} for record in _gather(standing)]


def _gather(decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The facts of each document, by name; documents of which everything was rejected have none."""
    seen = {x.claim: x.seen for x in decisions if x.seen}
    said: dict[str, list[Voice]] = defaultdict(list)
    for voice in place(decisions, Live(seen)):
        said[voice.claim].append(voice)
    by_id = {decision.id: decision for decision in decisions}
    facts: dict[tuple[str, str], dict[str, Claim]] = defaultdict(dict)
    for claim in sorted(said):
        state, held = settle(said[claim])
        if state not in SETTLED or held is None:
            continue
        decision = by_id[held.decision]
        true = decision.stated or seen[claim]
        document = facts[true.evidence[0].document, true.evidence[0].sha256]
        if state is not State.REJECTED:
            document[true.id] = true
    return [_record(name, sha256, list(facts[name, sha256].values())) for name, sha256 in sorted(facts)]


def _record(document: str, sha256: str, facts: Sequence[Claim]) -> dict[str, Any]:
    by_id: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        by_id[fact.subject.id].add(fact.subject.name)
    names = {fact.subject.name: sorted(by_id[fact.subject.id] - {fact.subject.name}) for fact in facts}
    ordered = sorted(facts, key=lambda fact: (fact.evidence[0].page or 0, fact.evidence[0].start, fact.id))
    return {"document": document, "sha256": sha256, "models": names, "claims": [_fact(fact) for fact in ordered]}


def _fact(claim: Claim) -> dict[str, Any]:
    said = claim.model_dump(mode="json")
    kept = ("type", "value", "unit", "lower", "upper", "stage", "attribution", "modality")
    return {
        "subject": claim.subject.name,
        "chip": claim.chip.id if claim.chip else None,
        **{name: said[name] for name in kept if said[name] is not None},
        "pages": list(dict.fromkeys(e.page for e in claim.evidence)),
        "anchor": claim.evidence[0].quote,
    }

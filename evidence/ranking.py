"""What a decision on a claim would change: how claims of one model rank in the queue, and why."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evidence.check import Outcome
from evidence.checks import check_claims
from evidence.finding import FACTUAL
from evidence.links import LINKING_TYPES, ROLES, Link, link_id
from evidence.review_rules import ReviewRules
from extractors.claim import Attribution, Claim, Modality, Status
from registry import Registry


@dataclass(frozen=True, slots=True)
class Rank:
    """What a claim is worth a look, 0 and up, and why in words. The words tell nothing of how sure the machine is."""

    worth: float
    why: tuple[str, ...]


def rank_claims(
    claims: Sequence[Claim], links: Iterable[Link], registry: Registry, rules: ReviewRules
) -> dict[str, Rank]:
    """The ranks of the claims of some models, by claim, given the links of these models.

    A claim is worth what a decision could change, scaled by how uncertain it is (4·p·(1 - p), Lewis and Gale 1994),
    and more where something speaks against it.
    """
    places = _Places(links)
    inconsistent = {
        said.claim
        for check in check_claims(claims, registry)
        if check.outcome is Outcome.INCONSISTENT
        for said in check.claims
    }
    return {claim.id: _rank(claim, places, claim.id in inconsistent, rules) for claim in claims}


def group_of(claim: Claim) -> str:
    """One key for equal claims: the same of the same model, in whichever document and words."""
    number = f"{claim.value:.6g}" if isinstance(claim.value, float | int) else claim.value
    chip = claim.chip.id if claim.chip else None
    key = [claim.type, claim.subject.id, chip, number, claim.unit, claim.per]
    key += [claim.stage, claim.attribution, claim.modality]
    return hashlib.sha256(json.dumps(key).encode()).hexdigest()[:24]


class _Places:
    """Links by the claims that have a part in them."""

    def __init__(self, links: Iterable[Link]) -> None:
        self.ids: set[str] = set()
        self.of: dict[str, list[Link]] = defaultdict(list)
        for link in links:
            self.ids.add(link.id)
            for claim in (*link.supporting, *link.contradicting):
                self.of[claim].append(link)


def _rank(claim: Claim, places: _Places, inconsistent: bool, rules: ReviewRules) -> Rank:
    links = places.of.get(claim.id, [])
    impact, why = _impact(claim, links, places.ids, rules)
    uncertain = max(rules.uncertainty.least, 4 * claim.confidence * (1 - claim.confidence))
    if claim.status is Status.CONTESTED:
        uncertain = max(uncertain, rules.uncertainty.contested)
    worth, reasons = impact * uncertain, [why]
    if any(link.contradicting for link in links):
        worth += rules.added.contradicted
        reasons.append("its link is denied somewhere")
    if inconsistent:
        worth += rules.added.inconsistent
        reasons.append("it does not add up with other figures")
    if claim.attribution is Attribution.OTHER:
        worth += rules.added.secondary
    return Rank(max(0.0, worth), tuple(reason for reason in reasons if reason))


def _impact(claim: Claim, links: Sequence[Link], known: set[str], rules: ReviewRules) -> tuple[float, str]:
    found: list[tuple[float, str]] = [(rules.impact.other, "")]
    if claim.attribution is Attribution.OWN and claim.modality in FACTUAL:
        found.append((rules.impact.own_fact, ""))
    for link in links:
        if claim.id in link.supporting:
            alone = len(link.supporting) == 1
            found.append(
                (rules.impact.only_support, "its link rests on it alone")
                if alone
                else (rules.impact.support, "its link rests on it and others")
            )
        for figures in (link.counts, link.chip_hours):
            if any(claim.id in figure.claims for figure in figures):
                only = len(figures) == 1 and figures[0].claims == (claim.id,)
                found.append(
                    (rules.impact.only_figure, "the only such figure of its link")
                    if only
                    else (rules.impact.one_of_figures, "one of several figures of its link")
                )
        if claim.modality is Modality.NEGATED:
            found.append((rules.impact.only_support, "it denies a link"))
    if _would_link(claim) and claim.chip:
        new = link_id(claim.subject.id, claim.chip.id, ROLES[claim.stage]) not in known
        found.append((rules.impact.new_link, "it would make a new link") if new else (rules.impact.support, ""))
    return max(found)


def _would_link(claim: Claim) -> bool:
    return (
        claim.status is Status.CONTESTED
        and claim.type in LINKING_TYPES
        and claim.chip is not None
        and claim.subject.kind == "model"
        and claim.modality in FACTUAL
    )

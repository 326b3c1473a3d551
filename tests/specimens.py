"""Documents and claims for the tests of what stands around the extractors."""

from __future__ import annotations

from typing import Any

from corpus.archive import digest
from corpus.document import Document, MediaType
from evidence.finding import Finding
from extractors.claim import Chip, Claim, ClaimType, Evidence, Modality, Stage, Subject, claim_id
from extractors.text import Outcome

LARCH = Subject(kind="model", id="larch-7b", name="Larch-7B")
H800 = Chip(id="nvidia-h800", name="NVIDIA H800")
H20 = Chip(id="nvidia-h20", name="NVIDIA H20")


def make_document(body: str = "Larch-7B was trained on H800.", name: str = "larch.md", **rest: Any) -> Document:
    """A Markdown document of some text."""
    data = body.encode()
    fields = {"address": f"file:reports/{name}", "work": f"sha256:{digest(data)}", **rest}
    return Document(sha256=digest(data), media_type=MediaType.MARKDOWN, name=name, size=len(data), **fields)


def make_claim(
    kind: ClaimType = ClaimType.HARDWARE,
    chip: Chip | None = H800,
    value: float | str | None = None,
    *,
    document: Document | None = None,
    subject: Subject = LARCH,
    stage: Stage = Stage.PRE_TRAINING,
    quote: str = "trained on H800",
    **rest: Any,
) -> Claim:
    """A claim of a document, with the id that it would have; its quote stands at the start unless said otherwise."""
    document = document or make_document()
    start = rest.pop("start", 0)
    evidence = Evidence(
        document=document.name,
        sha256=document.sha256,
        page=rest.pop("page", None),
        quote=quote,
        start=start,
        end=start + len(quote),
    )
    modality = rest.get("modality", Modality.ASSERTED)
    named = claim_id(
        document.work or document.sha256,
        kind,
        subject.name,
        chip.id if chip else None,
        value,
        stage=stage,
        modality=modality,
        attribution=rest.get("attribution"),
    )
    fields = {"id": named, "confidence": 0.9, "rule": "test", "evidence": (evidence,), **rest}
    return Claim(type=kind, subject=subject, chip=chip, value=value, stage=stage, **fields)


def make_finding(document: Document, *claims: Claim, outcome: Outcome = Outcome.READ, place: str = "") -> Finding:
    """What reading a document gave."""
    where = place or f"/reports/{document.name}"
    return Finding(
        where, document.address, document.name, outcome, document=document, claims=claims, language="en"
    ).judged()

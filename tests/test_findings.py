"""What a set tells as a whole: whose chips were under control when, what is served on what, and what is not said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from calls import call
from specimens import H20, H800, make_claim, make_document, make_finding
from test_evidence_set import export

import registry
from corpus.document import Document
from evidence.findings import FindingKind, Findings, SetFinding
from evidence.links import Role
from evidence.standing import ControlDay, Register, group_status, say_status
from evidence.statements import Record
from evidence.subjects import Subjects
from extractors.claim import Attribution, Claim, ClaimType, Modality, Stage, Subject
from extractors.text import Outcome
from outputs.lines import DocumentLine, make_document_line

KNOWN = registry.load()
V3 = Subject(kind="model", id="deepseek-v3", name="DeepSeek-V3")
LARGE = Subject(kind="model", id="hunyuan-large", name="Hunyuan-Large")
NOVEMBER = date(2024, 11, 20)
CARD = make_document("served on H20", "card.md", developer="Tencent", published=NOVEMBER)


def line(document: Document, outcome: Outcome = Outcome.READ) -> DocumentLine:
    return make_document_line(Record(document.address, document.name, outcome, "", 0, document, "en", 1))


class Grouped(Subjects):
    """Claims that are in memory, by subject."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        said: dict[str, list[Claim]] = defaultdict(list)
        for claim in sorted(claims, key=lambda claim: claim.id):
            said[claim.subject.id].append(claim)
        self._said = {subject: said[subject] for subject in sorted(said)}

    def __getitem__(self, subject: str) -> Sequence[Claim]:
        return self._said[subject]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)

    def of_type(self, kind: ClaimType) -> Iterable[Claim]:
        """The claims of one type, whoever they are about."""
        return (claim for said in self._said.values() for claim in said if claim.type is kind)


def find(*claims: Claim, documents: tuple[DocumentLine, ...] = (line(CARD),)) -> tuple[SetFinding, ...]:
    said = Grouped(claims)
    findings = Findings(said, documents, KNOWN)
    for subject in said:
        findings.hear(subject, said[subject])
    return findings.tell()


def only(kind: FindingKind, *claims: Claim, **rest: Any) -> SetFinding:
    (found,) = (f for f in find(*claims, **rest) if f.kind is kind)
    return found


def served(**rest: Any) -> Claim:
    fields = {"chip": H20, "stage": Stage.INFERENCE, "subject": LARGE, "document": CARD, **rest}
    return make_claim(**fields)


def technique(name: str, **rest: Any) -> Claim:
    return make_claim(ClaimType.TECHNIQUE, None, name, subject=LARGE, document=CARD, **rest)


def days(
    model: str, chip: str, *claims: Claim, document: Document = CARD, role: Role = Role.TRAINED_ON
) -> dict[str, ControlDay]:
    control = Register(KNOWN, [document], claims).control(model, chip, role, claims)
    return {day.of: day for day in control.days}


def test_a_link_has_the_status_at_release_document_and_announcement_of_the_chip() -> None:
    found = days("deepseek-v3", H800.id, make_claim(subject=V3, document=CARD))
    assert {of: (day.when, say_status(day)) for of, day in found.items()} == {
        "release": ("2024-12-26", "licence required, presumption of denial"),
        "document": ("2024-11-20", "licence required, presumption of denial"),
        "chip": ("2023-03-21", "no licence requirement found"),
    }


def test_a_training_period_across_a_rule_has_an_answer_for_each_part_of_it() -> None:
    stated = make_claim(ClaimType.TRAINING_PERIOD, None, "2023-09/2023-12", subject=V3, document=CARD)
    training = days("deepseek-v3", H800.id, make_claim(subject=V3, document=CARD), stated)["training"]
    assert [(str(span.first), str(span.last), str(span.result)) for span in training.spans] == [
        ("2023-09-01", "2023-10-22", "no licence requirement found"),
        ("2023-10-23", "2023-11-16", "licence required, review policy not published"),
        ("2023-11-17", "2023-12-31", "licence required, presumption of denial"),
    ]
    assert group_status(training) == "open"
    assert say_status(training).startswith("from 2023-09-01 no licence requirement found; from 2023-10-23")


def test_the_period_of_pre_training_says_nothing_of_serving() -> None:
    stated = make_claim(ClaimType.TRAINING_PERIOD, None, "2023-09/2023-12", subject=V3, document=CARD)
    assert "training" not in days("deepseek-v3", H800.id, served(subject=V3), stated, role=Role.SERVED_ON)


def test_of_a_period_that_is_only_begun_the_beginning_counts() -> None:
    stated = make_claim(ClaimType.TRAINING_PERIOD, None, "2023-10/..", subject=V3, document=CARD)
    training = days("deepseek-v3", H800.id, make_claim(subject=V3, document=CARD), stated)["training"]
    assert training.spans[-1].last == date(2023, 10, 31)


def test_a_document_without_a_day_has_the_month_of_its_arxiv_number() -> None:
    paper = make_document("paper", "paper.pdf", work="arxiv:2504.01234")
    claim = make_claim(chip=H20, subject=V3, document=paper)
    found = days("deepseek-v3", H20.id, claim, document=paper)["document"]
    assert (found.when, found.basis) == ("2025-04", "month of the document's arXiv number")
    assert [str(span.first) for span in found.spans] == ["2025-04-01", "2025-04-09"]


def test_a_chip_that_came_after_the_model_was_used_on_a_later_day() -> None:
    later = make_document("later", "later.md", published=date(2025, 9, 1))
    claim = make_claim(chip=H20, subject=Subject(kind="model", id="chatglm-6b", name="ChatGLM-6B"), document=later)
    main = Register(KNOWN, [later]).control("chatglm-6b", H20.id, Role.SERVED_ON, [claim]).main()
    assert main is not None
    assert (main.of, main.when) == ("document", "2025-09-01")


@pytest.mark.parametrize(
    ("model", "chip", "note"),
    [
        ("llama3-8b", "nvidia-h100", "no rule for US"),
        ("nobody-7b", "nvidia-h100", "country not known"),
        ("deepseek-v3", "gpu", "chip not named"),
        ("deepseek-v3", "nvidia-h9000", "chip not in the registry"),
    ],
)
def test_a_link_without_a_status_says_why(model: str, chip: str, note: str) -> None:
    assert Register(KNOWN, []).control(model, chip, Role.TRAINED_ON, []).note == note


def test_a_developer_has_its_chips_by_status_over_time() -> None:
    later = make_document("later", "later.md", developer="Tencent", published=date(2025, 6, 1))
    other = Subject(kind="model", id="hy-next", name="Hy-Next")
    found = only(
        FindingKind.CHIPS,
        served(),
        served(subject=other, document=later),
        documents=(line(CARD), line(later)),
    )
    assert (found.about.name, found.country) == ("Tencent", "CN")
    assert [(row.when, row.chip, row.status) for row in found.rows] == [
        ("2024-11-05", "NVIDIA H20", "no licence requirement found"),
        ("2025-06-01", "NVIDIA H20", "licence required, review policy not published"),
    ]
    assert found.says.startswith("1 chip, 2 models. NVIDIA H20: no licence requirement found; ")
    assert all(row.claims for row in found.rows)


def test_no_finding_calls_anything_a_violation() -> None:
    assert "violation" not in "".join(f.model_dump_json() for f in find(served(), technique("mixture-of-experts")))


def test_a_model_served_without_a_licence_requirement_has_the_techniques_that_spare_the_chip() -> None:
    claims = served(), technique("mixture-of-experts"), technique("cross-layer-attention"), technique("fp8-training")
    found = only(FindingKind.SERVING, *claims)
    assert [(s.technique, s.saves) for s in found.techniques] == [
        ("Mixture of experts", ("compute", "bandwidth")),
        ("Cross-layer attention", ("memory", "bandwidth")),
    ]
    assert {claim for s in found.techniques for claim in s.claims} == {claims[1].id, claims[2].id}


def test_what_serving_asks_for_is_told_from_what_it_uses() -> None:
    found = only(
        FindingKind.SERVING, served(), served(value=16, kind=ClaimType.CHIP_COUNT, modality=Modality.REQUIREMENT)
    )
    assert [row.put for row in found.rows] == ["stated", "asked_for"]


@pytest.mark.parametrize("rest", [{"chip": H800}, {"attribution": Attribution.OTHER}, {"stage": Stage.PRE_TRAINING}])
def test_other_chips_others_words_and_other_roles_are_no_such_serving(rest: dict[str, Any]) -> None:
    assert FindingKind.SERVING not in {f.kind for f in find(served(**rest))}


def test_what_a_model_discloses_in_part_names_what_is_missing() -> None:
    said = make_claim(subject=V3), make_claim(ClaimType.CHIP_COUNT, H800, 2048, subject=V3)
    found = only(FindingKind.PARTIAL, *said)
    assert [part.what for part in found.given] == ["the chip", "the number of chips"]
    assert found.missing == ("chip-hours or the time", "training compute, or size and tokens")
    assert {claim for part in found.given for claim in part.claims} == {claim.id for claim in said}


def test_a_model_that_discloses_all_is_no_finding() -> None:
    said = (
        make_claim(ClaimType.CHIP_COUNT, H800, 2048, subject=V3),
        make_claim(ClaimType.CHIP_HOURS, H800, 2.7e6, subject=V3),
        make_claim(ClaimType.ACTIVE_PARAMETERS, None, 3.7e10, subject=V3, stage=Stage.TRAINING),
        make_claim(ClaimType.TRAINING_TOKENS, None, 1.5e13, subject=V3),
    )
    assert FindingKind.PARTIAL not in {f.kind for f in find(*said)}
    assert only(FindingKind.PARTIAL, *said[:2]).missing == ("training compute, or size and tokens",)


def test_chips_for_serving_say_nothing_of_training() -> None:
    found = only(FindingKind.PARTIAL, served())
    assert "nothing of its training (chips are named for inference)" in found.says
    assert "the chip" in found.missing


def test_chips_without_a_name_do_not_disclose_the_chip() -> None:
    unnamed = make_claim(ClaimType.CHIP_COUNT, H800.model_copy(update={"id": "gpu", "name": "GPU"}), 512, subject=V3)
    assert "the chip" in only(FindingKind.PARTIAL, unnamed).missing


def test_silence_is_a_finding_and_a_failure_is_none() -> None:
    silent, failed = make_document("silent", "silent.md"), make_document("failed", "failed.md")
    about = make_claim(ClaimType.PARAMETERS, None, 7e9, document=silent, subject=V3)
    found = only(
        FindingKind.SILENCE, about, documents=(line(silent, Outcome.NOTHING_DISCLOSED), line(failed, Outcome.FAILED))
    )
    assert (found.about.name, found.developer) == ("silent.md", "DeepSeek")
    assert found.says.endswith("It is about DeepSeek-V3")


def test_the_order_of_claims_changes_no_finding() -> None:
    claims = [served(), technique("quantization"), make_claim(subject=V3), make_claim(ClaimType.CHIP_COUNT, value=8)]
    assert find(*claims) == find(*claims[::-1])


def test_the_command_shows_findings_with_their_words_and_the_disclaimer_once(tmp_path: Path) -> None:
    folder = export(tmp_path, make_finding(CARD, served(quote="served on eight H20"), technique("quantization")))
    done = call(["findings", str(folder)], {})
    assert (done.returncode, done.stderr) == (0, "")
    assert "Hunyuan-Large (Tencent, CN)" in done.stdout
    assert "«served on eight H20»" in done.stdout
    assert done.stdout.count("no legal advice") == 1
    silent = call(["findings", str(folder), "--kind", "nothing-disclosed"], {})
    assert "0 chips-by-status, 0 served-without-licence-requirement, 0 partial-disclosure, 0 nothing" in silent.stdout

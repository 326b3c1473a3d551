"""Evidence sets: whole, checked, and the same bytes for the same documents."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from specimens import H20, make_claim, make_document, make_finding

from evidence.finding import Finding
from evidence.statements import Statement
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import ClaimType, Status
from extractors.text import Outcome
from outputs.evidence_set import SetError, write_set
from outputs.kinds import KINDS
from outputs.lines import canonical_json, make_claim_line
from outputs.schemas import make_schema

VERSIONS = Versions(package="0", rules="r", registry="k", text="t")
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def export(folder: Path, *findings: Finding) -> Path:
    with Store(f"sqlite:///{folder}/base.sqlite") as store:
        run = store.begin_run(VERSIONS, NOON)
        for finding in findings:
            store.record(run, finding)
        write_set(folder / "set", store.records(run), store.statements(run), VERSIONS)
    return folder / "set"


def findings() -> list[Finding]:
    report, card = make_document(name="a.md"), make_document("served on H20 at 中国", "b.md")
    count = make_claim(ClaimType.CHIP_COUNT, value=2048, document=report)
    doubtful = make_claim(chip=H20, document=card, quote="在 H20 上", status=Status.CONTESTED)
    return [
        make_finding(report, make_claim(document=report), count),
        make_finding(card, doubtful),
        Finding("https://x.org/a", "https://x.org/a", "a", Outcome.FAILED, "the server answered 404 Not Found"),
    ]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_set_holds_claims_links_and_what_was_not_covered(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    assert [line["type"] for line in lines(folder / "claims.jsonl")].count("chip_count") == 1
    assert [(k["role"], k["chip"]["id"]) for k in lines(folder / "links.jsonl")] == [("trained_on", "nvidia-h800")]
    assert {line["address"]: line["outcome"] for line in lines(folder / "documents.jsonl")} == {
        "file:reports/a.md": "read",
        "file:reports/b.md": "nothing-disclosed",
        "https://x.org/a": "failed",
    }


def test_contested_claims_are_kept_apart(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    assert [line["status"] for line in lines(folder / "contested.jsonl")] == ["contested"]
    assert {line["status"] for line in lines(folder / "claims.jsonl")} == {"asserted"}


def test_the_same_documents_in_another_order_and_base_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    given = findings()
    assert content(export(tmp_path / "one", *given)) == content(export(tmp_path / "two", *reversed(given)))


def test_every_line_holds_against_its_schema(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    for kind in KINDS:
        schema = json.loads((folder / "schema" / f"{kind}.json").read_text())
        Draft202012Validator.check_schema(schema)
        for line in lines(folder / f"{kind}.jsonl"):
            Draft202012Validator(schema).validate(line)


def test_a_schema_refuses_a_line_with_a_field_more_or_less() -> None:
    line = json.loads(canonical_json(make_claim_line(Statement(make_claim(), None, None))))
    validator = Draft202012Validator(make_schema("claims"))
    assert validator.is_valid(line)
    assert not validator.is_valid(line | {"colour": "red"})
    assert not validator.is_valid({key: value for key, value in line.items() if key != "evidence"})


def test_the_manifest_and_the_sums_agree_with_the_files(tmp_path: Path) -> None:
    folder = export(tmp_path, *findings())
    manifest = json.loads((folder / "datapackage.json").read_text())
    for resource in manifest["resources"]:
        data = (folder / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")
    files = {name: data for name, data in content(folder).items() if name != "SHA256SUMS"}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    assert (folder / "SHA256SUMS").read_text() == sums


def test_a_claim_that_quotes_other_words_than_it_points_to_is_not_exported(tmp_path: Path) -> None:
    claim = make_claim()
    wrong = claim.evidence[0].model_copy(update={"quote": "trained on"})
    with pytest.raises(SetError, match="quotes other words"):
        export(tmp_path, make_finding(make_document(), claim.model_copy(update={"evidence": (wrong,)})))


def test_a_set_that_would_be_wrong_leaves_the_older_one(tmp_path: Path) -> None:
    before = content(export(tmp_path, *findings()))
    with Store(f"sqlite:///{tmp_path}/base.sqlite") as store, pytest.raises(SetError, match="not in the set"):
        write_set(tmp_path / "set", [], store.statements(), VERSIONS)
    assert content(tmp_path / "set") == before
    assert sorted(p.name for p in tmp_path.iterdir() if "base" not in p.name) == ["set"]


def test_a_newer_set_takes_the_place_of_the_older(tmp_path: Path) -> None:
    export(tmp_path, *findings())
    folder = export(tmp_path, findings()[0])
    assert len(lines(folder / "documents.jsonl")) == 1
    assert sorted(p.name for p in tmp_path.iterdir() if "base" not in p.name) == ["set"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "thesis.tex").write_text("years of work")
    with pytest.raises(SetError, match="something else"):
        export(tmp_path, *findings())
    assert (tmp_path / "set" / "thesis.tex").read_text() == "years of work"


@pytest.mark.parametrize(
    ("value", "written"),
    [(2048.0, "2048"), (0.55, "0.55"), (3.8e25, "3.8e+25"), (-0.0, "0"), (1e15, "1000000000000000")],
)
def test_a_number_is_written_one_way(value: float, written: str) -> None:
    assert canonical_json({"value": value}) == f'{{"value":{written}}}'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"value": float("nan")})

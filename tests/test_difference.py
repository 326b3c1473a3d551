"""Two evidence sets are told apart line by line, each with its cause; one set is checked for being whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calls import call
from specimens import H20, H800, make_claim, make_document, make_finding
from test_evidence_set import NOON, VERSIONS

import registry
from corpus.archive import Archive
from corpus.document import Document
from evidence.finding import Finding
from evidence.identity_log import IdentityLog
from evidence.store import Store
from evidence.versions import Versions
from extractors.claim import Claim, ClaimType, Subject
from extractors.text import Outcome
from outputs.difference import Change, compare_sets
from outputs.evidence_set import write_set
from outputs.verification import verify_set

BODY = "Larch-7B was trained on H800."


def write(folder: Path, *findings: Finding, versions: Versions = VERSIONS) -> Path:
    folder.mkdir(parents=True)
    with Store(f"sqlite:///{folder}/base.sqlite") as store:
        run = store.begin_run(versions, NOON)
        for finding in findings:
            store.record(run, finding)
        write_set(folder / "set", store.records(run), store.statements(run), versions)
    return folder / "set"


def document(name: str, body: str = BODY) -> Document:
    """A document whose claims keep their ids when its bytes change."""
    return make_document(body, name, work=f"url:{name}")


def count(of: Document, value: float) -> Claim:
    return make_claim(ClaimType.CHIP_COUNT, H800, value, document=of, quote=BODY)


def told(changes: list[Change], kind: str) -> set[tuple[str, str, str]]:
    return {(c.operation, c.about, c.cause.value) for c in changes if c.kind == kind}


def test_one_document_changed_one_removed_and_one_added_is_exactly_what_is_told(tmp_path: Path) -> None:
    same, gone, new = document("same.md"), document("gone.md", "gone"), document("new.md", "new")
    was, became = document("card.md", "first"), document("card.md", "second")
    kept = make_finding(same, count(same, 8))
    old = write(tmp_path / "old", kept, make_finding(gone, count(gone, 16)), make_finding(was, count(was, 32)))
    later = write(tmp_path / "new", kept, make_finding(new, count(new, 64)), make_finding(became, count(became, 33)))
    changes = compare_sets(old, later)
    assert told(changes, "document") == {
        ("withdrawn", "gone.md", "document gone"),
        ("added", "new.md", "document added"),
        ("changed", "card.md", "document changed"),
    }
    assert told(changes, "claim") == {
        ("withdrawn", "Larch-7B chip_count NVIDIA H800 16", "document gone"),
        ("added", "Larch-7B chip_count NVIDIA H800 64", "document added"),
        ("withdrawn", "Larch-7B chip_count NVIDIA H800 32", "document changed"),
        ("added", "Larch-7B chip_count NVIDIA H800 33", "document changed"),
    }
    assert {(c.operation, c.about) for c in changes if c.kind == "link"} == {
        ("changed", "Larch-7B trained on NVIDIA H800")
    }


def test_other_rules_are_told_from_other_documents(tmp_path: Path) -> None:
    report = document("report.md")
    old = write(tmp_path / "old", make_finding(report, count(report, 8)))
    other = Versions(**{**VERSIONS.model_dump(), "rules": "r2"})
    new = write(tmp_path / "new", make_finding(report, make_claim(chip=H20, document=report)), versions=other)
    assert {c.cause.value for c in compare_sets(old, new)} == {"rules changed"}


def test_a_claim_that_holds_on_in_changed_words_is_changed_and_not_new(tmp_path: Path) -> None:
    was, became = document("card.md", "first"), document("card.md", "second")
    old = write(tmp_path / "old", make_finding(was, count(was, 8)))
    new = write(tmp_path / "new", make_finding(became, count(became, 8)))
    (claim,) = [c for c in compare_sets(old, new) if c.kind == "claim"]
    assert (claim.operation, claim.fields, claim.cause.value) == ("changed", ("evidence",), "document changed")


def test_a_document_that_fails_now_says_so(tmp_path: Path) -> None:
    report = document("report.md")
    old = write(tmp_path / "old", make_finding(report, count(report, 8)))
    failed = Finding("/reports/report.md", report.address, "report.md", Outcome.FAILED, "no answer")
    (claim,) = [c for c in compare_sets(old, write(tmp_path / "new", failed)) if c.kind == "claim"]
    assert (claim.operation, claim.cause.value) == ("withdrawn", "document can no longer be read")


def test_the_same_set_twice_has_no_difference(tmp_path: Path) -> None:
    report = document("report.md")
    sets = [write(tmp_path / name, make_finding(report, count(report, 8))) for name in ("a", "b")]
    assert compare_sets(*sets) == []
    assert call(["diff", *map(str, sets)], {}).returncode == 0


def test_the_command_tells_changes_and_their_causes(tmp_path: Path) -> None:
    report = document("report.md")
    old = write(tmp_path / "old", make_finding(report, count(report, 8)))
    new = write(tmp_path / "new", make_finding(report, count(report, 8)), make_finding(document("new.md", "new")))
    done = call(["diff", str(old), str(new)], {})
    assert done.returncode == 5
    assert "added     document new.md: document added" in done.stdout
    assert "documents: 1 added, 0 changed, 0 withdrawn" in done.stdout


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    report = document("report.md")
    Archive(tmp_path / "archive").keep(BODY.encode())
    return write(tmp_path / "new", make_finding(report, count(report, 8)))


def test_a_set_as_written_is_whole(whole: Path, tmp_path: Path) -> None:
    assert list(verify_set(whole, Archive(tmp_path / "archive"))) == []
    done = call(["verify", str(whole), "--archive", str(tmp_path / "archive")], {})
    assert (done.returncode, done.stdout) == (0, f"{whole}: whole\n")


def test_a_changed_byte_is_found_with_its_file_and_line(whole: Path) -> None:
    claims = whole / "claims.jsonl"
    claims.write_text(claims.read_text().replace('"value":8', '"value":9'))
    faults = list(verify_set(whole))
    assert {fault.file for fault in faults} == {"claims.jsonl"}
    assert [fault.line for fault in faults if fault.line] == [1]
    done = call(["verify", str(whole)], {})
    assert "claims.jsonl: is not what it was: its digest differs from that in SHA256SUMS" in done.stdout
    assert "claims.jsonl, line 1: says something else than row 1 of csv/claims.csv, which is whole" in done.stdout
    assert done.returncode == 4


def test_a_line_outside_its_schema_is_found_with_its_number_and_field(whole: Path) -> None:
    claims = whole / "claims.jsonl"
    claims.write_text(claims.read_text().replace('"confidence":0.9', '"confidence":9'))
    assert [(f.line, f.what) for f in verify_set(whole) if f.line] == [
        (1, "confidence: 9 is greater than the maximum of 1")
    ]


@pytest.mark.parametrize(
    ("file", "what"), [("links.jsonl", "is missing"), ("extra.txt", "is not listed in SHA256SUMS")]
)
def test_a_file_too_few_or_too_many_is_found(whole: Path, file: str, what: str) -> None:
    path = whole / file
    if path.exists():
        path.unlink()
    else:
        path.write_text("x")
    assert (file, what) in {(fault.file, fault.what) for fault in verify_set(whole)}


def test_a_link_to_a_claim_that_is_gone_is_found(whole: Path) -> None:
    (whole / "claims.jsonl").write_text("")
    assert any("rests on a claim that is not in the set" in fault.what for fault in verify_set(whole))


def test_a_manifest_that_points_outside_is_not_followed(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("{}")
    manifest = json.loads((whole / "datapackage.json").read_text())
    manifest["resources"][0]["path"] = "../../secret.jsonl"
    (whole / "datapackage.json").write_text(json.dumps(manifest))
    assert any("names a file outside the set" in fault.what for fault in verify_set(whole))


def test_a_quote_that_the_archived_document_does_not_hold_is_found(tmp_path: Path) -> None:
    report = document("report.md")
    archive = Archive(tmp_path / "archive")
    archive.keep(BODY.encode())
    claim = make_claim(ClaimType.CHIP_COUNT, H800, 8, document=report, quote="Larch-7B was trained on A100.")
    faults = list(verify_set(write(tmp_path / "new", make_finding(report, claim)), archive))
    assert [fault.what for fault in faults] == ["its words do not stand there in report.md as it is read now"]


def test_a_document_that_the_archive_lacks_is_told(whole: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (fault,) = verify_set(whole, Archive(tmp_path / "empty"))
    assert fault.what.startswith("report.md: the archive")


def test_diff_between_two_runs_with_a_document_changed_one_removed_and_one_added_says_exactly_that(
    tmp_path: Path,
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    words = "# {0}\n\n{0} is a language model. {0} was trained on {1} NVIDIA A100 40GB GPUs.\n"
    for name, model, count in (("same", "Falcon-7B", 384), ("changed", "Falcon-40B", 512), ("removed", "MPT-7B", 440)):
        (reports / f"{name}.md").write_text(words.format(model, count))
    settings = {"CHIPTRAIL_HOME": str(tmp_path / "home"), "COLUMNS": "300"}
    run = ["run", str(reports), "--plain", "--jobs", "0", "--out"]
    assert call([*run, str(tmp_path / "old")], settings).returncode == 0
    (reports / "changed.md").write_text(words.format("Falcon-40B", 1024))
    (reports / "removed.md").unlink()
    (reports / "added.md").write_text(words.format("OPT-175B", 992))
    assert call([*run, str(tmp_path / "new")], settings).returncode == 0
    done = call(["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--json"], settings)
    assert done.returncode == 5
    changes = [Change.model_validate(change) for change in json.loads(done.stdout)]
    assert told(changes, "document") == {
        ("changed", "changed.md", "document changed"),
        ("withdrawn", "removed.md", "document gone"),
        ("added", "added.md", "document added"),
    }
    assert told(changes, "link") == {
        ("changed", "Falcon-40B trained on A100 40GB", "document changed"),
        ("withdrawn", "MPT-7B trained on A100 40GB", "document gone"),
        ("added", "OPT-175B trained on A100 40GB", "document added"),
    }
    counts = {about.split()[-1]: (operation, cause) for operation, about, cause in told(changes, "claim")}
    assert {value: counts[value] for value in ("512", "1,024", "440", "992")} == {
        "512": ("withdrawn", "document changed"),
        "1,024": ("added", "document changed"),
        "440": ("withdrawn", "document gone"),
        "992": ("added", "document added"),
    }
    assert {cause for _, _, cause in told(changes, "claim")} == {"document changed", "document gone", "document added"}
    assert not any("Falcon-7B" in change.about for change in changes)
    tombstones = [json.loads(line) for line in (tmp_path / "new" / "withdrawn.jsonl").read_text().splitlines()]
    assert {(line["subject"]["id"], line["cause"]) for line in tombstones} == {
        ("falcon-40b", "document-changed"),
        ("mpt-7b", "document-gone"),
    }


def test_a_merge_is_told_as_what_it_is(tmp_path: Path) -> None:
    one, other = document("one.md", "one"), document("other.md", "other")
    later = Subject(kind="model", id="larch-v2", name="Larch-V2")
    findings = (
        make_finding(one, make_claim(document=one)),
        make_finding(other, make_claim(document=other, subject=later)),
    )
    old = write(tmp_path / "old", *findings)
    with Store(f"sqlite:///{tmp_path}/old/base.sqlite") as store:
        log = IdentityLog(store, registry.load())
        log.merge("larch-v2", "larch-7b", because="one", reviewer="ana", time=NOON)
        write_set(tmp_path / "new", store.records(), store.statements(), VERSIONS, identities=log.load())
    changes = compare_sets(old, tmp_path / "new")
    assert {(c.kind, c.operation, c.cause.value) for c in changes} == {
        ("claim", "changed", "decided who is who"),
        ("link", "changed", "decided who is who"),
        ("link", "withdrawn", "decided who is who"),
    }
    identities = [json.loads(line) for line in (tmp_path / "new" / "identities.jsonl").read_text().splitlines()]
    merged = {line["id"]: line["merged"] for line in identities if line["merged"]}
    assert merged == {"larch-v2": {"into": "larch-7b", "because": "one"}}
    assert list(verify_set(tmp_path / "new")) == []

"""The list of public reports to watch."""

from pathlib import Path

import pytest

from corpus.source import SourceError, SourceKind, load_sources
from registry import load
from registry.tables import fold

ENTRY = """
[[source]]
id = "a-report"
title = "A report"
developer = "DeepSeek"
address = "https://example.org/report.pdf"
kind = "pdf"
group = "china"
"""


def test_many_public_reports_are_watched_and_chinese_developers_are_well_represented() -> None:
    sources = load_sources()
    chinese = {d.name for d in load().developers if d.country == "CN"}
    assert len(sources) >= 80
    assert sum(source.developer in chinese for source in sources) >= 35
    assert sum(source.language == "zh" for source in sources) >= 5
    assert {SourceKind.ARXIV, SourceKind.GITHUB, SourceKind.HUGGINGFACE, SourceKind.PAGE} <= {s.kind for s in sources}


def test_every_developer_of_a_source_is_in_the_registry() -> None:
    known = {fold(s.text) for developer in load().developers for s in developer.spellings()}
    assert not [source.id for source in load_sources() if fold(source.developer) not in known]


def test_arxiv_sources_give_the_address_of_the_paper_itself() -> None:
    papers = [source for source in load_sources() if source.kind is SourceKind.ARXIV]
    for paper in papers:
        assert paper.address == f"https://arxiv.org/pdf/{paper.id.removeprefix('arxiv-').replace('-', '.')}"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("group =", "grup =", r"list\.toml, entry 1 \(a-report\): (group|grup): "),
        ("[[source]]", "[[sources]]", "unknown key 'sources'"),
        ("https://", "http://", "address: .*https"),
        ("https://", "https://me:secret@", "address: .*without a user name"),
        ('"pdf"', '"scroll"', "kind: "),
        ('id = "a-report"', 'id = "A Report"', "id: "),
        ('title = "A report"', "title = A report", "cannot be read"),
    ],
)
def test_a_faulty_entry_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "list.toml"
    path.write_text(ENTRY.replace(old, new), encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        load_sources(path)


def test_one_address_stands_in_the_list_once(tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    path.write_text(ENTRY + ENTRY.replace("a-report", "same-report"), encoding="utf-8")
    with pytest.raises(
        SourceError, match=r"entry 2 \(same-report\): https://example\.org/report\.pdf stands in .*entry 1"
    ):
        load_sources(path)

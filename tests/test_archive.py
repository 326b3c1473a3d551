"""The archive keeps bytes under their digest, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.archive import Archive, ArchiveError, digest
from corpus.identity import identify_work, normalise_address


@given(data=st.binary(max_size=2000))
def test_what_was_kept_is_read_back(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    archive = Archive(tmp_path_factory.mktemp("archive"))
    assert archive.read(archive.keep(data)) == data


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    assert archive.keep(b"larch") == archive.keep(b"larch")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [digest(b"larch")]


def test_a_damaged_copy_is_not_handed_out(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = archive.keep(b"larch")
    archive.path(kept).write_bytes(b"birch")
    with pytest.raises(ArchiveError, match="damaged"):
        archive.read(kept)


def test_a_torn_copy_is_replaced_when_the_bytes_come_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = archive.keep(b"larch")
    archive.path(kept).write_bytes(b"lar")
    assert archive.read(archive.keep(b"larch")) == b"larch"


def test_only_a_digest_names_a_place_in_it(tmp_path: Path) -> None:
    for name in ("../etc/passwd", "AB" * 32, "ab"):
        with pytest.raises(ValueError, match="not a SHA-256"):
            Archive(tmp_path).path(name)


@pytest.mark.parametrize(
    ("address", "name", "work"),
    [
        ("https://arxiv.org/abs/2412.19437v2", "2412.19437v2", "arxiv:2412.19437"),
        ("http://export.arxiv.org/pdf/2412.19437.pdf", "2412.19437.pdf", "arxiv:2412.19437"),
        ("https://arxiv.org/abs/cs/0501001", "0501001", "arxiv:cs/0501001"),
        ("file:papers/2412.19437v1.pdf", "2412.19437v1.pdf", "arxiv:2412.19437"),
        ("file:papers/report.pdf", "report.pdf", None),
        ("https://doi.org/10.1038/S41586-021-03819-2", "x", "doi:10.1038/s41586-021-03819-2"),
        ("https://raw.githubusercontent.com/o/r/0a1b2c/docs/card.md", "card.md", "https://github.com/o/r/docs/card.md"),
        ("https://github.com/o/r/blob/main/docs/card.md", "card.md", "https://github.com/o/r/docs/card.md"),
        ("https://huggingface.co/o/m/raw/0a1b/README.md", "README.md", "https://huggingface.co/o/m/README.md"),
        ("http://www.Example.org:80/a/?utm_source=x&b=1#top", "a", "https://example.org/a?b=1"),
    ],
)
def test_versions_of_one_work_share_its_name(address: str, name: str, work: str | None) -> None:
    assert identify_work(address, name) == work


@given(st.from_regex(r"https?://[a-z]{1,8}\.org(/[a-z0-9]{1,5}){0,3}/?(\?[a-z]=[a-z0-9])?(#[a-z])?", fullmatch=True))
def test_a_normal_address_is_left_as_it_is(address: str) -> None:
    once = normalise_address(address)
    assert normalise_address(once) == once

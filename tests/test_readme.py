"""The documentation and the program are one thing: what one names the other has."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from extractors.claim import Claim
from flows.command import cli
from flows.commands.single import read_single

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def commands(group: click.Group = cli, before: str = "") -> dict[str, click.Command]:
    """Every command by the words that call it."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
        else:
            found[f"{before}{name}"] = command
    return found


def long_options(command: click.Command) -> set[str]:
    """The options of a command that begin with two dashes."""
    names = (name for given in command.params for name in (*given.opts, *given.secondary_opts))
    return {name for name in names if name.startswith("--")}


def slugs(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_its_part_of_the_readme_with_its_options_and_no_others(name: str) -> None:
    part = re.search(rf"^### `chiptrail {name}\b.*?(?=^##)", README, re.MULTILINE | re.DOTALL)
    assert part is not None
    assert set(re.findall(r"--[a-z][a-z-]+", part[0])) == long_options(commands()[name])


def test_the_readme_describes_no_command_that_is_gone() -> None:
    assert set(re.findall(r"^### `chiptrail ([a-z]+(?: [a-z]+)*)", README, re.MULTILINE)) == set(commands())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z]+)`", text)) | set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE))
    assert named <= TARGETS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_resolves(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in slugs(target), link


def test_the_first_lines_of_the_readme_show_how_to_run_and_test() -> None:
    first = README.splitlines()[:6]
    assert any(line.startswith("make run") for line in first)
    assert any(line.startswith("make test") for line in first)


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "claims.md"], ids=lambda page: page.name)
def test_the_claim_that_is_shown_is_one_that_is_read(page: Path) -> None:
    block = re.search(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    shown = json.loads(block[1])
    assert set(shown) <= set(Claim.model_fields)
    (evidence,) = shown["evidence"]
    finding, _ = read_single(str(ROOT / "corpus" / "samples" / evidence["document"]), 64)
    read = [claim.model_dump(mode="json") for claim in finding.claims]
    same = ("type", "subject", "chip", "value", "unit", "printed", "stage", "attribution", "modality", "status")
    (found,) = [claim for claim in read if all(claim[key] == shown[key] for key in same)]
    assert evidence["quote"] in [e["quote"] for e in found["evidence"]]
    assert evidence["end"] - evidence["start"] == len(evidence["quote"])

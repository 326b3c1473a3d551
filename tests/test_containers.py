"""The files for containers name what is there; nothing is built here."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from flows.command import cli

ROOT = Path(__file__).parents[1]
RECIPE = (ROOT / "Dockerfile").read_text()
COMPOSED: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSED["services"]


def copied() -> set[str]:
    """What the recipe copies from the checkout."""
    return {name for line in re.findall(r"^COPY (.+)$", RECIPE, re.M) for name in shlex.split(line)[:-1]}


def test_what_the_image_copies_is_there_and_gets_past_the_list_of_what_is_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied() == allowed
    for name in copied():
        assert (ROOT / name).exists(), name


def test_the_image_has_every_room() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    assert set(settings["importlinter"]["root_packages"]) <= copied()


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert re.findall(r"^USER (\S+)$", RECIPE, re.M) == ["10001"]


@pytest.mark.parametrize("name", [n for n, s in SERVICES.items() if s.get("command", [""])[0] == "chiptrail"])
def test_a_service_calls_a_command_that_exists_with_options_that_it_has(name: str) -> None:
    _, command, *words = SERVICES[name]["command"]
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    assert found.make_context(command, [*words]).params


def test_services_wait_only_for_such_as_say_when_they_are_ready() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[name]


def test_volumes_and_files_of_services_are_there() -> None:
    for service in SERVICES.values():
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (ROOT / source).is_file() if source.startswith(".") else source in COMPOSED["volumes"]


def test_ports_are_opened_to_this_machine_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_evidence_and_prefect_have_databases_of_their_own() -> None:
    evidence = SERVICES["worker"]["environment"]["CHIPTRAIL_BASE"].rsplit("/", 1)[1]
    prefect = SERVICES["prefect"]["environment"]["PREFECT_SERVER_DATABASE_CONNECTION_URL"].rsplit("/", 1)[1]
    assert evidence != prefect
    assert f"CREATE DATABASE {prefect};" in (ROOT / "containers" / "databases.sql").read_text()


def test_no_password_stands_in_the_files() -> None:
    for password in re.findall(r"PASSWORD\S*: *(\S+)|://\w+:([^@\n]+)@", (ROOT / "compose.yaml").read_text()):
        assert "".join(password).startswith("${POSTGRES_PASSWORD:?")

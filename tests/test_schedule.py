"""Runs on a schedule: a deployment fires on a real Prefect server again and again, and leaves an account each time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from calls import call
from rude_server import answer
from rude_server import serve as hearing
from services import PATIENCE, find_port, make_environment, prefect_server, started, wait_for
from specimens import make_claim

from extractors.text import Outcome
from flows.plan import Plan, Summary

ROOT = Path(__file__).parents[1]
SILENCE = 10
"""Seconds without a good run until the alarm; less Prefect does not allow."""
CARD = "# Falcon-7B\n\nFalcon-7B was trained on 384 NVIDIA A100 40GB GPUs.\n"


@pytest.mark.skipif(
    version("sqlalchemy").startswith("2.1"),
    reason="on SQLAlchemy 2.1 the scheduler of Prefect 3.8 fails, and nothing is ever due",
)
def test_a_deployment_fires_again_and_again_with_accounts_of_its_runs_and_alarms_of_failures_and_of_silence(
    tmp_path: Path,
) -> None:
    port = find_port()
    entry = '[[source]]\nid = "{0}"\ntitle = "T"\ndeveloper = "D"\ngroup = "own"\nkind = "file"\naddress = "{1}"\n'
    (tmp_path / "card.md").write_text(CARD)
    (tmp_path / "list.toml").write_text(entry.format("card", "card.md") + entry.format("gone", "gone.md"))
    environment = make_environment(tmp_path, port) | {
        "CHIPTRAIL_SOURCES": str(tmp_path / "list.toml"),
        "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT1S",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
        "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    }
    serve = (sys.executable, "-c", "from flows.command import main; main()", "serve", "--every", "5")

    def ask(what: str) -> list[dict[str, Any]]:
        answer = requests.post(f"http://127.0.0.1:{port}/api/{what}/filter", json={}, timeout=10)
        answer.raise_for_status()
        return list(answer.json())

    def completed() -> list[dict[str, Any]]:
        done = [run for run in ask("flow_runs") if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED")]
        return done if len(done) >= 3 else []

    def ends() -> dict[int, datetime]:
        """When the good runs ended, by the events that they emitted."""
        wanted = {"filter": {"event": {"name": ["chiptrail.run-completed"]}}}
        answer = requests.post(f"http://127.0.0.1:{port}/api/events/filter", json=wanted, timeout=10)
        events = answer.json()["events"]
        return {event["payload"]["run"]: datetime.fromisoformat(event["occurred"]) for event in events}

    with hearing() as hook, prefect_server(port, environment, tmp_path / "server.log") as server:

        def heard(kind: str) -> list[Any]:
            return [said[kind] for _, body in hook.sent if kind in (said := json.loads(body))]

        hook.pages["/alarm"] = answer(200, b"")
        alarm = [sys.executable, str(ROOT / "docs" / "alarm.py"), hook["/alarm"], "--hours", str(SILENCE / 3600)]
        subprocess.run(alarm, env=environment, check=True, timeout=PATIENCE)
        assert wait_for(lambda: heard("silent"), server) == [{"last": None}]
        words = (*serve, "--out", str(tmp_path / "set"), "--jobs", "1")
        with started(*words, environment=environment, log=tmp_path / "serve.log") as serving:
            runs = wait_for(completed, serving)
            (changed,) = wait_for(lambda: heard("changed"), serving)
            accounts = ask("artifacts")
            (deployment,) = ask("deployments")
            lines = [json.loads(line) for line in (tmp_path / "set" / "documents.jsonl").read_text().splitlines()]
            (tmp_path / "card.md").unlink()
            failed = wait_for(lambda: heard("failed"), serving)[0]
            ended = ends()

            def silences() -> list[Any]:
                return [silent["last"] for silent in heard("silent") if silent["last"]]

            wait_for(lambda: max(ended) in [last["run"] for last in silences()], serving)
    assert changed == {"run": 1, "added": 1, "changed": 0, "withdrawn": 0}
    assert "no document could be read; the artifact run-summary says why" in failed["why"]
    assert len(ended) >= 3
    for last in silences():
        assert datetime.fromisoformat(last["ended"]) == ended[last["run"]]
        following = [end for run, end in ended.items() if run > last["run"]]
        assert all((end - ended[last["run"]]).total_seconds() >= SILENCE for end in following)
    assert {(run["state_type"], run["state"]["message"]) for run in runs} == {("COMPLETED", None)}
    assert {run["deployment_id"] for run in runs} == {deployment["id"]}
    assert deployment["global_concurrency_limit"]["limit"] == 1
    told = [account["data"] for account in accounts if account["key"] == "run-summary"]
    assert len({re.search(r"# Run (\d+)", words)[1] for words in told}) >= 2  # type: ignore[index]
    for words in told:
        assert "| read | 1 |" in words
        assert "there is no such file" in words
    assert ["| added | Falcon-7B | trained on |" in words for words in told].count(True) == 1
    assert ["| unchanged | 1 |" in words for words in told].count(True) == len(told) - 1
    assert sorted(line["outcome"] for line in lines) == ["failed", "read"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["serve", "--out", "set"], "Say when: --cron or --every."),
        (["serve", "--out", "set", "--cron", "0 6 * * *", "--every", "9"], "Say when: --cron or --every."),
        (["serve", "--out", "set", "--cron", "0 6 * * *"], "Set PREFECT_API_URL to a Prefect server"),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    done = call(words, {"CHIPTRAIL_HOME": str(tmp_path)})
    assert said in done.stderr
    assert done.returncode == 2


def test_the_account_of_a_run_takes_nothing_in_a_document_for_markup() -> None:
    from flows.schedule import tell

    summary = Summary(run=3, outcomes=Counter({Outcome.FAILED: 1}), lines={"claims": 0})
    evil = "https://x.example/|a|\n# Big\n<script>alert(1)</script>[b](javascript:c)"
    summary.failures.append((evil, Outcome.FAILED, "it is `odd`"))
    told = tell(summary)
    assert "<script" not in told
    assert "[b](" not in told
    assert "\n# Big" not in told
    assert told.splitlines()[-1].count(" | ") == 2


def test_the_account_of_a_run_tells_what_came_what_changed_and_what_was_left_as_it_was() -> None:
    from evidence.carrying import Cause
    from evidence.links import derive_links
    from evidence.store import Derived
    from flows.schedule import tell

    (link,) = derive_links([make_claim()])
    summary = Summary(run=4, outcomes=Counter({Outcome.READ: 9}), lines={"claims": 7}, written=False)
    summary.causes.update({Cause.NEW: 1, Cause.UNCHANGED: 8})
    summary.came.append(("file:reports/new.md", Cause.NEW))
    summary.links = Derived(added=(link,), withdrawn=(link,))
    told = tell(summary)
    for line in (
        "| unchanged | 8 |",
        "| as they were | lines |",
        "| file:reports/new.md | new |",
        "| added | Larch-7B | trained on | NVIDIA H800 |",
        "| withdrawn | Larch-7B | trained on | NVIDIA H800 |",
    ):
        assert line in told
    assert "Not read" not in told


def test_the_deployment_file_names_a_flow_that_takes_its_parameters() -> None:
    from flows.schedule import watch_sources

    (deployment,) = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    path, name = deployment["entrypoint"].split(":")
    assert (ROOT / path).is_file()
    assert watch_sources.fn.__name__ == name
    plan = Plan.model_validate(deployment["parameters"]["plan"])
    assert plan.sources
    assert deployment["concurrency_limit"]["limit"] == 1

"""One evidence set, whichever database keeps the base."""

from __future__ import annotations

import shutil
from pathlib import Path

from bases import make_base
from test_flow import NOON, content, run

import registry
from evidence.identity_log import IdentityLog
from evidence.store import Store
from flows.plan import Plan

SAMPLES = Path(__file__).parents[1] / "corpus" / "samples"
GIVEN = ("llama-3.1-card.md", "glm-130b-zh.md", "gpt-4-note.md", "pangu-alpha-zh.html", "palm-news.html")


def test_postgresql_and_sqlite_give_the_same_evidence_set_byte_for_byte(tmp_path: Path) -> None:
    """With all that a base can hold: several runs, withdrawn claims, a merge, contested claims, a failed document."""
    sets = {}
    for kind in ("postgresql", "sqlite"):  # the first skips the test where there is no server
        folder = tmp_path / kind
        reports = folder / "reports"
        reports.mkdir(parents=True)
        for name in GIVEN:
            shutil.copy(SAMPLES / name, reports)
        (reports / "empty.md").touch()
        base = make_base(kind, folder)
        plan = Plan(names=(str(reports),), out=folder / "set", base=base, archive=folder / "archive", jobs=0)
        run(plan)
        (reports / "palm-news.html").unlink()
        card = reports / "llama-3.1-card.md"
        card.write_text(card.read_text().replace("1.46M", "1.47M"))
        with Store(base) as store:
            log = IdentityLog(store, registry.load())
            log.merge("llama-3.1", "llama-3.1-405b", because="one", reviewer="ana", time=NOON)
        run(plan)
        sets[kind] = content(folder / "set")
    assert sets["sqlite"] == sets["postgresql"]
    assert b'"cause":"document-gone"' in sets["sqlite"]["withdrawn.jsonl"]
    assert b'"merged_from":["llama-3.1"]' in sets["sqlite"]["identities.jsonl"]

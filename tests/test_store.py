"""The evidence base: statements with a life, outcomes, links; SQLite here, and PostgreSQL where one is named."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy
from specimens import H20, make_claim, make_document, make_finding

from evidence.finding import Finding
from evidence.history import find_tombstones
from evidence.keeping import Withdrawal
from evidence.store import Store, StoreError
from evidence.versions import Versions
from extractors.claim import Attribution, ClaimType
from extractors.text import Outcome

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
VERSIONS = Versions(package="0", rules="r", registry="k", text="t")
POSTGRESQL = os.environ.get("CHIPTRAIL_TEST_POSTGRESQL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/base.sqlite"
    if request.param == "postgresql":
        if not POSTGRESQL:
            pytest.skip("CHIPTRAIL_TEST_POSTGRESQL names no server")
        name = f"chiptrail_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
        engine = sqlalchemy.create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        url = sqlalchemy.make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    with Store(url) as opened:
        yield opened


def run(store: Store, *findings: Finding) -> int:
    number = store.begin_run(VERSIONS, NOON)
    for finding in findings:
        store.record(number, finding)
    store.derive_links()
    store.end_run(number, NOON)
    return number


def test_a_claim_comes_back_as_it_was_read(store: Store) -> None:
    claim = make_claim(ClaimType.CHIP_HOURS, value=2.788e6, printed="2.788M", lower=2787500.0, upper=2788500.0)
    run(store, make_finding(make_document(), claim))
    assert [s.claim for s in store.statements()] == [claim]


def test_reading_the_same_again_changes_nothing_that_is_exported(store: Store) -> None:
    finding = make_finding(make_document(), make_claim(), make_claim(ClaimType.CHIP_COUNT, value=2048))
    first = run(store, finding)
    before = list(store.statements(first)), store.links()
    second = run(store, finding)
    assert (list(store.statements(second)), store.links()) == before


def test_a_claim_no_longer_found_in_the_same_bytes_is_withdrawn_and_can_come_back(store: Store) -> None:
    document, kept, lost = make_document(), make_claim(), make_claim(chip=H20)
    run(store, make_finding(document, kept, lost))
    run(store, make_finding(document, kept))
    assert store.withdrawn() == {lost.id: Withdrawal.RULES_CHANGED}
    assert [s.claim.id for s in store.statements()] == [kept.id]
    assert [link.chip.id for link in store.links()] == ["nvidia-h800"]
    run(store, make_finding(document, kept, lost))
    assert store.withdrawn() == {}


def test_a_document_that_changed_withdraws_what_only_the_old_one_said(store: Store) -> None:
    old, new = make_document("old words"), make_document("new words")
    lost, fresh = make_claim(document=old), make_claim(chip=H20, document=new)
    run(store, make_finding(old, lost))
    run(store, make_finding(new, fresh))
    assert store.withdrawn() == {lost.id: Withdrawal.DOCUMENT_CHANGED}


def test_a_document_kept_in_another_place_still_speaks(store: Store) -> None:
    old, new = make_document("old words"), make_document("new words")
    run(store, *(make_finding(old, make_claim(document=old), place=place) for place in ("/a", "/b")))
    run(store, make_finding(new, place="/a"))
    assert store.withdrawn() == {}


def test_a_document_that_could_not_be_read_this_time_withdraws_nothing(store: Store) -> None:
    document = make_document()
    run(store, make_finding(document, make_claim()))
    run(store, make_finding(document, outcome=Outcome.FAILED))
    assert store.withdrawn() == {}
    assert len(list(store.statements())) == 1


def test_two_versions_of_a_work_make_one_claim_with_both_quotes(store: Store) -> None:
    first = make_document("v1", "v1.md", work="arxiv:2601.00001", retrieved=NOON)
    second = make_document("v2", "v2.md", work="arxiv:2601.00001", retrieved=NOON + timedelta(days=3))
    run(store, make_finding(first, make_claim(document=first)), make_finding(second, make_claim(document=second)))
    (statement,) = store.statements()
    assert [e.document for e in statement.claim.evidence] == ["v1.md", "v2.md"]
    assert (statement.first_seen, statement.last_seen) == (NOON, NOON + timedelta(days=3))


def test_getting_the_same_bytes_later_does_not_move_when_they_were_first_got(store: Store) -> None:
    run(store, make_finding(make_document(retrieved=NOON), make_claim()))
    run(store, make_finding(make_document(retrieved=NOON + timedelta(days=9)), make_claim()))
    (statement,) = store.statements()
    assert statement.last_seen == NOON


def test_a_run_speaks_of_its_own_documents_alone(store: Store) -> None:
    first, second = make_document("one", "one.md"), make_document("two", "two.md")
    run(store, make_finding(first, make_claim(document=first)))
    later = run(store, make_finding(second, make_claim(document=second)))
    assert [r.name for r in store.records(later)] == ["two.md"]
    assert [s.claim.evidence[0].document for s in store.statements(later)] == ["two.md"]
    assert [r.name for r in store.records()] == ["one.md", "two.md"]


def test_of_old_runs_only_what_no_later_one_says_is_remembered(store: Store) -> None:
    old, new, other = make_document("old"), make_document("new"), make_document("other", "other.md")
    missing = Finding("/gone", "file:gone", "gone", Outcome.FAILED, "there is no such file")
    first = run(store, make_finding(old, make_claim(document=old)), make_finding(other, place="/other"), missing)
    for _ in range(4):
        last = run(store, make_finding(new, make_claim(chip=H20, document=new)), missing)
    before = store.records(), store.records(last), list(store.statements()), list(find_tombstones(store, last))
    store.end_run(last, NOON, kept=2)
    assert (
        store.records(),
        store.records(last),
        list(store.statements()),
        list(find_tombstones(store, last)),
    ) == before
    assert [r.document.sha256 for r in store.records(first) if r.document] == [old.sha256, other.sha256]
    assert [len(store.records(run)) for run in range(first, last + 1)] == [2, 0, 2, 2, 2]


def test_what_gave_no_bytes_is_recorded_with_its_reason(store: Store) -> None:
    missing = Finding("https://x.org/a", "https://x.org/a", "a", Outcome.FAILED, "the server answered 404 Not Found")
    (record,) = store.records(run(store, missing))
    assert (record.outcome, record.reason, record.document) == (Outcome.FAILED, missing.reason, None)


def test_read_and_nothing_disclosed_is_not_the_same_as_read(store: Store) -> None:
    of_another = make_claim(attribution=Attribution.OTHER)
    (record,) = store.records(run(store, make_finding(make_document(), of_another)))
    assert record.outcome is Outcome.NOTHING_DISCLOSED


def test_two_writers_at_once_lose_nothing(store: Store) -> None:
    url = store.url.render_as_string(hide_password=False)
    faults: list[Exception] = []

    def write(half: int) -> None:
        try:
            with Store(url) as own:
                number = own.begin_run(VERSIONS, NOON)
                for i in range(20):
                    document = make_document(f"{half}/{i}", f"{half}-{i}.md")
                    own.record(number, make_finding(document, make_claim(document=document)))
                own.derive_links()
        except Exception as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write, args=(half,)) for half in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    assert len(list(store.statements())) == 40
    assert len(store.links()[0].supporting) == 40


@pytest.mark.parametrize("url", ["nonsense", "nodatabase://x", "sqlite:////proc/nowhere/base.sqlite"])
def test_a_base_that_cannot_be_opened_is_said_plainly(url: str) -> None:
    with pytest.raises(StoreError) as fault:
        Store(url)
    assert "\n" not in str(fault.value)


def test_a_file_that_is_no_base_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "base.sqlite").write_text("this is a text" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store(f"sqlite:///{tmp_path}/base.sqlite")

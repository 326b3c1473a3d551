"""One model has one id, in every spelling and language; merging and splitting ids is recorded and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bases import make_base
from calls import call
from hypothesis import given as given_steps
from hypothesis import strategies as st
from specimens import H20, make_claim, make_document, make_finding
from test_store import NOON, run

import registry
from evidence.decision_log import DecisionLog
from evidence.decisions import Action
from evidence.identities import Parted, describe_identities
from evidence.identity import Identities, IdentityDecision
from evidence.identity_log import IdentityError, IdentityLog
from evidence.links import Link, Role
from evidence.settled import settle_statements
from evidence.standing import Register
from evidence.statements import Statement
from evidence.store import Store
from extractors.claim import Claim, ClaimType, Subject
from registry.identity import identify_model, identify_organisation
from registry.tables import RegistryError

KNOWN = registry.load()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with Store(make_base(request.param, tmp_path)) as opened:
        yield opened


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("盘古α 13B", "PanGu-α-13B", "PanGu Alpha 13B"), "pangu-alpha-13b"),
        (("Llama3-8B", "LLaMA 3 8B", "Llama-3-8B"), "llama-3-8b"),
        (("Qwen2.5-7B", "Qwen 2.5 7B", "通义千问2.5-7B"), "qwen-2.5-7b"),
        (("混元大模型", "Hunyuan"), "hunyuan"),
        (("Larch-7B", "larch 7b", "Ｌａｒｃｈ－７Ｂ"), "larch-7b"),
    ],
)
def test_one_model_in_several_spellings_and_languages_has_one_id(names: tuple[str, ...], found: str) -> None:
    assert {identify_model(name, KNOWN) for name in names} == {found}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Llama 3 8B", "Llama 38B"),
        ("GPT-4", "GPT4All"),
        ("文心一言", "ERNIE"),
        ("Qwen2.5", "Qwen2"),
        ("DeepSeek-V2", "DeepSeek-V2-Lite"),
    ],
)
def test_names_that_are_alike_stay_two_models(one: str, other: str) -> None:
    assert identify_model(one, KNOWN) != identify_model(other, KNOWN)


@pytest.mark.parametrize("name", ["盘古α 200B", "GPT-4o", "AReaL-boba²", "Larch V2 70B", "悟道2.0"])
def test_an_id_is_its_own_name(name: str) -> None:
    found = identify_model(name, KNOWN)
    assert identify_model(found, KNOWN) == found


def test_a_developer_has_one_id_in_both_languages() -> None:
    assert identify_organisation("微软", KNOWN) == identify_organisation("Microsoft", KNOWN) == "microsoft"
    assert identify_organisation("Larch Labs", KNOWN) == "larch-labs"


def test_a_name_that_is_translated_twice_is_refused_with_its_entry(tmp_path: Path) -> None:
    for path in registry.catalogue.DATA.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    twice = (tmp_path / "translations.toml").read_text()
    entry = twice[twice.index("[[translation]]") :]
    (tmp_path / "translations.toml").write_text(twice + "\n" + entry)
    with pytest.raises(RegistryError, match=r"translations.toml, entry \d+ .*: written: 文心一言 is translated"):
        registry.load(tmp_path)


def test_a_merge_moves_claims_and_links_and_undoing_it_restores_them_exactly(store: Store) -> None:
    twice = given(store)
    log, before = IdentityLog(store, KNOWN), held(store)
    merged = log.merge("larch-v2-7b", "Larch-7B", because="one checkpoint", reviewer="ana", time=NOON)
    store.derive_links()
    assert {s.claim.subject.id for s in store.statements()} == {"larch-7b"}
    assert {s.claim.subject.name for s in store.statements()} == {"Larch-7B", "Larch-V2-7B"}
    (link,) = store.links()
    assert len(link.supporting) == 2
    assert {s.claim.id for s in store.statements()} == {claim.id for claim in twice}
    log.undo(merged.number, because="two checkpoints", reviewer="bo", time=NOON)
    store.derive_links()
    assert held(store) == before
    assert [(d.action, d.reviewer) for d in log.load().decisions] == [("merge", "ana"), ("undo", "bo")]


def test_a_merge_holds_for_what_later_runs_read(store: Store) -> None:
    given(store)
    IdentityLog(store, KNOWN).merge("larch-v2-7b", "larch-7b", because="one", reviewer="ana", time=NOON)
    later = make_document("a card", "card.md")
    run(store, make_finding(later, make_claim(chip=H20, document=later, subject=LATER)))
    assert {link.model.id for link in store.links()} == {"larch-7b"}
    assert {link.chip.id for link in store.links()} == {"nvidia-h800", "nvidia-h20"}


def test_what_reviewers_state_follows_a_merge_too(store: Store) -> None:
    first, second = make_document("one", "one.md"), make_document("two", "two.md")
    count = make_claim(ClaimType.CHIP_COUNT, value=2048, document=second, subject=LATER)
    run(store, make_finding(first, make_claim(document=first)), make_finding(second, count))
    DecisionLog(store).decide(count.id, Action.CORRECT, "bo", NOON, changes={"value": 2000})
    IdentityLog(store, KNOWN).merge("larch-v2-7b", "larch-7b", because="one", reviewer="ana", time=NOON)
    store.derive_links()
    (link,) = store.links()
    assert (link.model.id, [figure.value for figure in link.counts]) == ("larch-7b", [2000])
    assert {s.claim.subject.id for s in settle_statements(store)} == {"larch-7b"}


def test_one_name_for_two_models_can_be_split_by_work(store: Store) -> None:
    theirs = make_document("another Larch", "theirs.md", work="url:theirs")
    run(store, make_finding(make_document(), make_claim()), make_finding(theirs, make_claim(document=theirs)))
    log, before = IdentityLog(store, KNOWN), held(store)
    split = log.split("larch-7b", "larch-7b-of-others", work="url:theirs", because="theirs", reviewer="ana", time=NOON)
    store.derive_links()
    assert sorted(link.model.id for link in store.links()) == ["larch-7b", "larch-7b-of-others"]
    parted = {one.id: one.parted_from for one in describe_identities(store, KNOWN) if one.parted_from}
    assert parted == {"larch-7b-of-others": (Parted(of="larch-7b", work="url:theirs", because="theirs"),)}
    log.undo(split.number, because="no", reviewer="ana", time=NOON)
    store.derive_links()
    assert held(store) == before


def test_merges_in_a_row_can_be_taken_back_in_any_order(store: Store) -> None:
    given(store)
    third = make_document("a third", "third.md")
    run(store, make_finding(third, make_claim(document=third, subject=subject("Larch-3"))))
    log, before = IdentityLog(store, KNOWN), held(store)
    first = log.merge("larch-v2-7b", "larch-7b", because="one", reviewer="ana", time=NOON)
    second = log.merge("larch-7b", "larch-3", because="one", reviewer="ana", time=NOON)
    assert {s.claim.subject.id for s in store.statements()} == {"larch-3"}
    log.undo(first.number, because="no", reviewer="ana", time=NOON)
    assert {s.claim.subject.id for s in store.statements()} == {"larch-3", "larch-v2-7b"}
    log.undo(second.number, because="no", reviewer="ana", time=NOON)
    store.derive_links()
    assert held(store) == before


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("larch-7b", "Larch 7B", "are one already"),
        ("larch-7c", "larch-7b", "did you mean larch-7b"),
        ("larch-7b", "birch", "no model in the base is called 'birch'"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused(store: Store, one: str, other: str, said: str) -> None:
    given(store)
    with pytest.raises((IdentityError, LookupError), match=said):
        IdentityLog(store, KNOWN).merge(one, other, because="one", reviewer="ana", time=NOON)


def test_a_decision_needs_a_reason_and_an_undo_something_to_undo(store: Store) -> None:
    given(store)
    log = IdentityLog(store, KNOWN)
    with pytest.raises(IdentityError, match="needs a reason"):
        log.merge("larch-v2-7b", "larch-7b", because=" ", reviewer="ana", time=NOON)
    with pytest.raises(IdentityError, match="no merge or split that stands has the number 1"):
        log.undo(1, because="no", reviewer="ana", time=NOON)


def subject(name: str) -> Subject:
    return Subject(kind="model", id=identify_model(name, KNOWN), name=name)


LATER = subject("Larch-V2-7B")


def given(store: Store) -> list[Claim]:
    """Two reports in the base that call one model by two names."""
    first, second = make_document("one", "one.md"), make_document("two", "two.md")
    claims = [make_claim(document=first), make_claim(document=second, subject=LATER)]
    run(store, make_finding(first, claims[0]), make_finding(second, claims[1]))
    return claims


def held(store: Store) -> tuple[list[Statement], list[Link], list[str]]:
    return list(store.statements()), store.links(), store.subjects()


STEPS = st.lists(st.tuples(st.sampled_from(["merge", "split"]), *(st.sampled_from("abcd"),) * 2), max_size=8)


@given_steps(steps=STEPS, data=st.data())
def test_decisions_in_any_order_resolve_and_undoing_one_is_as_if_it_had_never_been(
    steps: list[tuple[str, str, str]], data: st.DataObject
) -> None:
    taken = [decide(number, *step) for number, step in enumerate(steps, 1)]
    known = Identities(tuple(taken))
    for name in "abcd":
        assert known.resolve(known.resolve(name)) in "abcd"
        assert known.resolve(name) not in known.merged()
    if taken:
        gone = data.draw(st.sampled_from(taken))
        undone = Identities((*taken, decide(len(taken) + 1, "undo", gone.name, gone.into, gone.number)))
        without = Identities(tuple(one for one in taken if one is not gone))
        assert {name: undone.resolve(name) for name in "abcd"} == {name: without.resolve(name) for name in "abcd"}


def decide(number: int, action: Any, name: str, into: str, undoes: int | None = None) -> IdentityDecision:
    return IdentityDecision(number, action, name, into, None, undoes, "because", "ana", NOON)


def test_the_command_merges_lists_and_takes_back(tmp_path: Path) -> None:
    base = f"sqlite:///{tmp_path}/base.sqlite"
    with Store(base) as opened:
        given(opened)
    settings = {"CHIPTRAIL_BASE": base, "COLUMNS": "200"}
    merge = ["identity", "merge", "Larch V2 7B", "larch-7b", "--because", "one checkpoint", "--reviewer", "ana"]
    assert call(merge, settings).stdout == "1 merge larch-v2-7b -> larch-7b\n"
    listed = {one["id"]: one for one in json.loads(call(["identity", "list", "--json"], settings).stdout)}
    assert listed["larch-7b"]["names"] == ["Larch-7B", "Larch-V2-7B"]
    assert listed["larch-7b"]["merged_from"] == ["larch-v2-7b"]
    assert listed["larch-v2-7b"]["merged"] == {"into": "larch-7b", "because": "one checkpoint"}
    assert call(["identity", "undo", "1", "--because", "two", "--reviewer", "bo"], settings).returncode == 0
    assert "(taken back), by ana: one checkpoint" in call(["identity", "log"], settings).stdout
    unknown = call(["identity", "list", "--unknown", "--json"], settings).stdout
    assert {one["id"]: one["alike"] for one in json.loads(unknown)} == {
        "larch-7b": ["larch-v2-7b"],
        "larch-v2-7b": ["larch-7b"],
    }
    again = call(["identity", "undo", "1", "--because", "two"], settings)
    assert (again.returncode, again.stderr) == (
        4,
        "chiptrail: no merge or split that stands has the number 1; see `identity log`\n",
    )


def test_a_models_release_is_found_whatever_the_spelling_of_its_version() -> None:
    for name in ("Qwen3-8B", "Qwen 3 8B"):
        model = identify_model(name, KNOWN)
        said = make_claim(chip=H20, subject=subject(name))
        days = Register(KNOWN, []).control(model, "nvidia-h20", Role.SERVED_ON, [said]).days
        assert [(day.of, day.when) for day in days if day.of == "release"] == [("release", "2025-04-29")]

"""The grammars in a spaCy pipeline: the same findings, laid over tokens, that survive processes, pickles and disks."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span

import registry
from extractors.mentions.chips import chip_grammar
from extractors.mentions.quantities import quantity_grammar
from extractors.spacy_pipeline import COMPONENTS, build_pipeline

ENGLISH = (
    "We introduce Larchwood-7B. Larchwood-7B was pre-trained on 2,048 H800 GPUs for 33 days with 14.8T tokens. "
    "We did not use any A100. Serving it requires 16 H20.\n\nLLaMA-65B used 2,048 A100-80GB."
)
CHINESE = "我们发布了松木模型。松木模型使用1,536张昇腾910预训练了两个月，未使用 H800。"


@pytest.fixture(scope="module")
def english() -> Language:
    return build_pipeline("en")


@pytest.fixture(scope="module")
def doc(english: Language) -> Doc:
    return english(ENGLISH)


def chip(doc: Doc, number: int = 0) -> Span:
    return doc.spans["chiptrail_chips"][number]


def test_the_components_find_what_the_grammars_find(doc: Doc) -> None:
    known = registry.load()
    chips = [s.kb_id_ for s in doc.spans["chiptrail_chips"]]
    assert chips == [m.id for m in chip_grammar(known).find(ENGLISH)]
    quantities = [(s.label_, s._.chiptrail_value, s._.chiptrail_unit) for s in doc.spans["chiptrail_quantities"]]
    assert quantities == [(q.kind, q.value, q.unit) for q in quantity_grammar(known).find(ENGLISH)]


def test_spans_carry_chip_kind_value_and_unit(doc: Doc) -> None:
    hours = next(s for s in doc.spans["chiptrail_quantities"] if s.label_ == "duration")
    assert (hours.text, hours._.chiptrail_kind, hours._.chiptrail_value, hours._.chiptrail_unit) == (
        "33 days",
        "duration",
        792.0,
        "hours",
    )
    assert (chip(doc).text, chip(doc)._.chiptrail_chip) == ("H800 GPUs", "nvidia-h800")


def test_a_token_that_holds_more_than_the_finding_is_taken_whole(english: Language) -> None:
    doc = english("It ran on 16xA100 today.")
    assert [s.text for s in doc.spans["chiptrail_chips"]] == ["16xA100"]
    assert [s._.chiptrail_value for s in doc.spans["chiptrail_quantities"]] == [16.0]


def test_models_are_found_and_names_can_be_added() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("chiptrail_models", config={"names": ["Larchwood"]})
    doc = nlp("Larchwood-7B beats LLaMA-65B.")
    assert [s._.chiptrail_model for s in doc.spans["chiptrail_models"]] == ["Larchwood-7B", "LLaMA-65B"]


def test_cues_judge_stage_modality_and_attribution(doc: Doc) -> None:
    judged = {
        s._.chiptrail_chip: (s._.chiptrail_stage, s._.chiptrail_modality, s._.chiptrail_attribution)
        for s in doc.spans["chiptrail_chips"]
        if s.label_ == "CHIP"
    }
    assert judged["nvidia-h800"] == ("pre-training", "asserted", "own")
    assert judged["nvidia-a100"][1] == "negated"
    assert judged["nvidia-h20"][:2] == ("inference", "requirement")
    assert judged["nvidia-a100-80gb"][2] == "other"
    assert "modality:negated" in {s.label_ for s in doc.spans["chiptrail_cues"]}


def test_chinese_text_is_read_on_characters() -> None:
    doc = build_pipeline("zh")(CHINESE)
    counts = [s for s in doc.spans["chiptrail_quantities"] if s.label_ == "chip_count"]
    assert [(s.text, s.kb_id_, s._.chiptrail_value) for s in counts] == [
        ("1,536张昇腾910", "huawei-ascend-910", 1536.0)
    ]
    assert [s._.chiptrail_modality for s in doc.spans["chiptrail_chips"] if s.kb_id_ == "nvidia-h800"] == ["negated"]


def test_several_processes_give_what_one_gives(english: Language) -> None:
    texts = [ENGLISH, "A run on 8 A100.", "", "No chips here."]

    def found(doc: Doc) -> list[tuple[str, str, float | None]]:
        return [(s.text, s.kb_id_, s._.chiptrail_value) for key in sorted(doc.spans) for s in doc.spans[key]]

    assert [found(d) for d in english.pipe(texts, n_process=2)] == [found(d) for d in english.pipe(texts)]


def test_a_pipeline_comes_back_from_a_pickle_and_from_disk(english: Language, doc: Doc, tmp_path: Path) -> None:
    english.to_disk(tmp_path)
    for copy in (pickle.loads(pickle.dumps(english)), spacy.load(tmp_path)):
        again = copy(ENGLISH)
        assert [s.kb_id_ for s in again.spans["chiptrail_chips"]] == [s.kb_id_ for s in doc.spans["chiptrail_chips"]]


def test_a_document_comes_back_with_its_spans_and_attributes(english: Language, doc: Doc) -> None:
    data = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (again,) = DocBin().from_bytes(data).get_docs(english.vocab)
    assert chip(again)._.chiptrail_chip == "nvidia-h800"


def test_each_factory_is_an_entry_point_of_the_distribution() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    offered = project["entry-points"]["spacy_factories"]
    assert set(offered) == set(COMPONENTS)
    for name, target in offered.items():
        module, function = target.split(":")
        assert module == "extractors.spacy_pipeline"
        assert Language.get_factory_meta(name).factory == name
        assert function in {f"make_{kind}_finder" for kind in ("chip", "quantity", "model", "cue")}


def test_a_group_may_have_another_name() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("chiptrail_chips", config={"spans_key": "sc"})
    doc = nlp("on H800")
    assert [s.text for s in doc.spans["sc"]] == ["H800"]

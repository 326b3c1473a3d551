"""Techniques that a document's own work uses: in prose, lists, tables, code and Chinese; never those of others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statements import LARCH, LARCH_ZH, LARCHES, own_facts

import registry
from extractors.claim import ClaimType, Stage
from extractors.lexicon import LexiconError, load_lexicon
from extractors.mentions.techniques import technique_grammar, technique_rows

GRAMMAR = technique_grammar(registry.load())


def techniques(body: str, opening: str = LARCH) -> set[str]:
    """The techniques that a card asserts of its own models."""
    return {str(value) for _, _, value in own_facts(opening + body, ClaimType.TECHNIQUE)}


def owners(body: str, technique: str, opening: str = LARCHES) -> set[str]:
    """The models of which a card asserts a technique."""
    return {name for name, _, value in own_facts(opening + body, ClaimType.TECHNIQUE) if value == technique}


@pytest.mark.parametrize(
    ("sentence", "technique"),
    [
        ("We use grouped-query attention with eight key-value heads.", "grouped-query-attention"),
        ("Larch-7B is a sparse mixture-of-experts model.", "mixture-of-experts"),
        ("Its optimizer states are sharded with ZeRO-1.", "data-parallelism"),
        ("The model was trained with 8-way tensor parallelism.", "tensor-parallelism"),
        ("We overlap the all-to-all traffic with the attention of the next micro-batch.", "communication-overlap"),
        ("To save memory, activations are recomputed in the backward pass.", "activation-recomputation"),
        ("During fine-tuning, parameters are offloaded to CPU memory.", "offloading"),
        ("Its answers were distilled from a larger teacher.", "knowledge-distillation"),
        ("We serve it with speculative decoding.", "speculative-decoding"),
        ("We serve it with prefill-decode disaggregation.", "prefill-decode-disaggregation"),
        ("We initialised the experts by sparse upcycling.", "model-growth"),
        ("Every fifth layer is global, the others use sliding window attention.", "sparse-attention"),
        ("Most matrix products of the run were computed with FP8 training.", "fp8-training"),
        ("Training follows DiLoCo over three sites.", "low-communication-training"),
    ],
)  # fmt: skip
def test_a_sentence_on_the_own_model_states_a_technique(sentence: str, technique: str) -> None:
    assert technique in techniques(sentence + "\n")


@pytest.mark.parametrize(
    ("sentence", "technique"),
    [
        ("Larch-7B 采用混合专家架构，每层 64 个专家。", "mixture-of-experts"),
        ("训练使用 8 路张量并行。", "tensor-parallelism"),
        ("我们通过重计算节省显存。", "activation-recomputation"),
        ("训练中实现了通信与计算的重叠。", "communication-overlap"),
        ("微调支持Zero并行。", "data-parallelism"),
        ("模型采用分组查询注意力（GQA）。", "grouped-query-attention"),
        ("我们用合成数据扩充数学语料。", "synthetic-data"),
    ],
)
def test_chinese_says_it_too(sentence: str, technique: str) -> None:
    assert technique in techniques(sentence + "\n", LARCH_ZH)


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        ("without", "It was trained without tensor parallelism."),
        ("no need", "Thanks to its size there is no need for pipeline parallelism."),
        ("instead of", "We chose full attention instead of grouped-query attention."),
        ("unlike", "Unlike grouped-query attention, our layers keep all heads."),
        ("such as", "Others rely on methods such as LoRA."),
        ("prior work", "Previous work has explored knowledge distillation at length."),
        ("future", "In the future, we will add speculative decoding."),
        ("the reader", "Users are encouraged to try LoRA on their own data."),
        ("possible", "The cache could be compressed further by KV cache quantization."),
        ("another model", "DeepSeek-V2 uses multi-head latent attention."),
        ("a degree of one", "We trained it with TP=1 and PP=1 throughout."),
        ("a licence", "The licence covers distillation and other downstream use."),
        ("a data set", "For images we tested on GQA, TextVQA and VizWiz."),
        ("a smoothed curve", "Losses are smoothed with a sliding window of 50 steps."),
        ("tree search", "During search, pruning of weak branches saves time."),
        ("not in Chinese", "训练没有使用流水线并行。"),
        ("planned in Chinese", "未来我们将引入混合专家。"),
    ],
)
def test_a_technique_that_is_not_used_is_not_asserted(trap: str, sentence: str) -> None:
    assert techniques(sentence + "\n") == set(), trap


@pytest.mark.parametrize(
    "heading", ["Related work", "2 Background", "Future work", "Limitations", "Ablations", "Intended uses", "相关工作"]
)
def test_sections_on_others_and_on_the_future_state_nothing(heading: str) -> None:
    body = f"## {heading}\n\nModels use grouped-query attention for a smaller cache.\n"
    assert techniques(body) == set()


def test_an_elliptic_list_names_each_of_its_members() -> None:
    body = "We train it with data, tensor and pipeline parallelism.\n"
    assert techniques(body) == {"data-parallelism", "tensor-parallelism", "pipeline-parallelism"}


def test_a_pipeline_model_parallelism_is_no_tensor_parallelism() -> None:
    assert [m.id for m in GRAMMAR.find("pipeline model parallelism")] == ["pipeline-parallelism"]
    assert [m.id for m in GRAMMAR.find("优化器模型并行")] == ["data-parallelism"]


def test_codes_count_with_a_degree_or_in_a_row_or_once_introduced() -> None:
    assert techniques("The run used TP=8, PP16 and EP/DP.\n") >= {
        "tensor-parallelism",
        "pipeline-parallelism",
        "expert-parallelism",
        "data-parallelism",
    }
    assert techniques("The TP of our service is a product manager.\n") == set()
    introduced = "We use tensor parallelism (TP) in a server. TP needs a fast link.\n"
    assert techniques(introduced) == {"tensor-parallelism"}


def test_flags_of_a_script_count_and_its_comments_do_not() -> None:
    script = (
        "```\nsrun pretrain.py \\\n    --tensor-model-parallel-size 4 \\\n    --checkpoint-activations \\\n"
        "    --pipeline-model-parallel-size 1\n# --context-parallel-size 2\n```\n"
    )
    assert techniques("## Training\n\n" + script) == {"tensor-parallelism", "activation-recomputation"}


def test_a_list_takes_its_verb_from_the_line_that_leads_to_it() -> None:
    assert techniques("We trained it with:\n\n- FSDP\n- flash attention\n") == {"data-parallelism", "flash-attention"}


def test_a_table_with_labels_and_entries_is_read_by_its_cells() -> None:
    rows = "| Attention variant | grouped-query attention |\n| Tensor parallel size | 8 |\n"
    table = f"| Setting | Value |\n|---|---|\n{rows}"
    assert techniques(table) == {"grouped-query-attention", "tensor-parallelism"}


def test_a_column_of_yes_and_no_gives_the_technique_to_those_with_yes() -> None:
    table = "| Model | GQA |\n|---|---|\n| Larch-7B | no |\n| Larch-70B | yes |\n"
    assert owners(table, "grouped-query-attention") == {"Larch-70B"}


def test_a_column_of_scores_states_nothing() -> None:
    assert techniques("| Method | Score |\n|---|---|\n| LoRA | 61.2 |\n| Full | 63.0 |\n") == set()


def test_a_variant_is_told_from_the_family() -> None:
    body = "Larch-70B uses a mixture of experts in every layer.\n"
    assert owners(body, "mixture-of-experts") == {"Larch-70B"}


def test_what_is_said_of_experts_is_said_of_the_variant_that_has_them() -> None:
    body = (
        "## Larch\n\nLarch-70B is a mixture-of-experts model. It was trained with expert parallelism over 8 devices.\n"
    )
    assert owners(body, "expert-parallelism") == {"Larch-70B"}


def test_quantization_inside_an_account_of_fp8_training_is_no_compression() -> None:
    assert "quantization" not in techniques(
        "### FP8 training\n\nWe use fine-grained quantization of the activations.\n"
    )
    assert "quantization" in techniques("### Deployment\n\nWe use INT8 quantization of the weights.\n")


def test_an_address_and_a_table_of_contents_state_nothing() -> None:
    assert techniques("Code is at https://example.org/larch/flash-attention\n") == set()
    assert techniques("3.2 Mixture of experts . . . . . . . . . . . . 14\n") == set()


def test_a_document_without_own_models_states_no_technique() -> None:
    overview = "# How large models are trained\n\nTensor parallelism splits matrices. Teams use ZeRO to shard states.\n"
    assert techniques(overview, "") == set()


def test_serving_techniques_are_of_the_inference_stage() -> None:
    body = LARCH + "We use grouped-query attention. The release is quantized with GPTQ.\n"
    assert own_facts(body, ClaimType.TECHNIQUE, Stage.TRAINING) == {("Larch-7B", None, "grouped-query-attention")}
    assert own_facts(body, ClaimType.TECHNIQUE, Stage.INFERENCE) == {("Larch-7B", None, "quantization")}


def test_every_name_of_the_registry_is_found_in_a_sentence() -> None:
    for technique in registry.load().techniques:
        for spelling in technique.spellings():
            if not spelling.weak:
                assert technique.id in {m.id for m in GRAMMAR.find(f"It has {spelling.text} here.")}, spelling.text


@given(st.text(alphabet="aeT P=8混合专家-_ .moEQGD\n", max_size=60))
def test_mentions_stand_where_they_say(text: str) -> None:
    for mention in GRAMMAR.find(text):
        assert text[mention.start : mention.end] == mention.printed


def test_the_rows_of_the_lexicon_name_techniques_of_the_registry() -> None:
    ids = {technique.id for technique in registry.load().techniques}
    assert {row["technique"] for table in ("form", "member", "code", "veto") for row in technique_rows(table)} <= ids
    with pytest.raises(LexiconError, match="unknown table"):
        load_lexicon("techniques.toml", {"form": {"technique"}})


def test_examples_of_what_the_own_system_uses_are_used() -> None:
    assert techniques("Our system combines several techniques, e.g. LoRA [3] and FSDP [4].\n") == {
        "lora",
        "data-parallelism",
    }


def test_a_size_beside_the_family_gives_the_technique_to_the_variant() -> None:
    table = "| Model | Params | GQA |\n|---|---|---|\n| Larch | 7B | no |\n| Larch | 70B | yes |\n"
    assert owners(table, "grouped-query-attention") == {"Larch-70B"}
    assert owners("The 70B version uses grouped-query attention.\n", "grouped-query-attention") == {"Larch-70B"}


def test_more_than_is_no_comparison() -> None:
    assert techniques("Fine-tuning used more than 20 million synthetic examples.\n") == {"synthetic-data"}


def test_a_table_of_many_sizes_speaks_of_the_family() -> None:
    sizes = ["1B", "3B", "7B", "13B", "30B", "70B"]
    rows = "".join(f"| Larch-{size} | yes |\n" for size in sizes)
    assert owners(f"| Model | FSDP |\n|---|---|\n{rows}", "data-parallelism") == {"Larch"}

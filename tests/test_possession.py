"""Who has, buys, rents or plans which chips: an organisation, a verb and a named chip in one clause."""

from __future__ import annotations

import pytest
from statements import LARCH, claims_in

from extractors.claim import Attribution, Claim, ClaimType, Modality


def possessions(body: str, opening: str = "# News\n\n") -> list[Claim]:
    """The possessions that a page tells, contested ones too."""
    return [c for c in claims_in(opening + body) if c.type is ClaimType.POSSESSION]


def told(body: str, opening: str = "# News\n\n") -> set[tuple[str, str | None, float | str | None]]:
    """Organisation, chip and count of each."""
    return {(c.subject.name, c.chip.id if c.chip else None, c.value) for c in possessions(body, opening)}


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Microsoft bought 10,000 H100 GPUs last year.", ("Microsoft", "nvidia-h100", 10000)),
        ("Tencent has 5,000 H800 GPUs.", ("Tencent", "nvidia-h800", 5000)),
        ("ByteDance rented A100 GPUs from a cloud.", ("ByteDance", "nvidia-a100", None)),
        ("微软采购了 2000 张 H100。", ("微软", "nvidia-h100", 2000)),
        ("腾讯拥有 H800。", ("腾讯", "nvidia-h800", None)),
        ("腾讯部署了 1024 张昇腾 910B。", ("腾讯", "huawei-ascend-910b", 1024)),
        ("Meta has 70,000 GPUs.", ("Meta", "gpu", 70000)),
        ("It was more than Meta’s 70,000 GPUs.", ("Meta", "gpu", 70000)),
        ("Tencent has 5,000 Hopper GPUs.", ("Tencent", "nvidia-gpu", 5000)),
        ("Tencent, which operates over 10,000 H800 GPUs, said so.", ("Tencent", "nvidia-h800", 10000)),
    ],
)
def test_an_organisation_a_verb_and_a_chip_tell_a_possession(sentence: str, fact: tuple[str, str, int | None]) -> None:
    assert told(sentence + "\n") == {fact}


def test_organisations_named_together_each_have_them() -> None:
    assert told("Microsoft and OpenAI ordered H100 GPUs.\n") == {
        ("Microsoft", "nvidia-h100", None),
        ("OpenAI", "nvidia-h100", None),
    }


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("Tencent plans to buy 3,000 H20 GPUs.", Modality.PLANNED),
        ("腾讯计划采购 3000 张 H20。", Modality.PLANNED),
        ("Tencent plans to add 3,000 H20 GPUs.", Modality.PLANNED),
        ("Tencent is now installing 3,000 H20 GPUs.", Modality.PLANNED),
        ("It outstrips Tencent’s planned 3,000 H20 GPUs.", Modality.PLANNED),
        ("Reportedly Tencent bought 3,000 H20 GPUs.", Modality.REPORTED),
        ("据说腾讯囤积了 H20。", Modality.REPORTED),
        ("Tencent bought 3,000 H20 GPUs.", Modality.ASSERTED),
    ],
)
def test_plans_and_rumours_are_marked(sentence: str, modality: Modality) -> None:
    assert [c.modality for c in possessions(sentence + "\n")] == [modality]


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        ("a hypothesis", "If Tencent bought 10,000 H100 GPUs, power would run out."),
        ("a denial", "Tencent has not bought H100 GPUs."),
        ("a rule", "The rule prohibits that Tencent acquired H100 GPUs under a license."),
        ("a seller", "NVIDIA sold 10,000 H100 GPUs."),
        ("the maker itself", "NVIDIA has 10,000 H100 GPUs."),
        ("a price", "Microsoft rents H100 GPUs at a price of $2 per hour."),
        ("another clause", "Microsoft bought a studio, and the H100 came out."),
        ("customers", "Customers of Microsoft bought H100 GPUs."),
        ("no organisation", "The laboratory bought 16 H100 GPUs."),
        ("has, without a number", "Microsoft has published a guide to H100 GPUs."),
        ("a few unnamed chips", "Microsoft has 8 GPUs in a box."),
        ("a model of its name", "DeepSeek-V2 部署在单个节点的 8 张 H800 上。"),
        ("an ordinary word", "Training clusters contain 512 H100 GPUs."),
        ("a stage", "Stage Two has 64 H100 GPUs."),
        ("a date", "As of May, the largest cluster contains 512 H100 GPUs."),
        ("a share of a machine", "We used the Gannet supercomputer with 512 H100 GPUs."),
        ("a name that nobody lists, without a verb of getting", "Larkspur Cloud has 64 H100 GPUs."),
        ("a name that nobody lists, without a number", "Larkspur Cloud is installing H100 GPUs."),
    ],
)
def test_what_is_no_possession_tells_none(trap: str, sentence: str) -> None:
    assert told(sentence + "\n") == set(), trap


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("The Gannet supercomputer features 5,448 GH200 superchips.", ("Gannet", "nvidia-gh200", 5448)),
        ("This is the Gannet-AI cluster, equipped with 512 H100 GPUs.", ("Gannet-AI", "nvidia-h100", 512)),
        (
            "Gannet-AI is the largest supercomputer of Kent, featuring 512 H100 GPUs.",
            ("Gannet-AI", "nvidia-h100", 512),
        ),
        ("It was tested on Gannet, an Acme Cray supercomputer that has 168 H100 GPUs.", ("Gannet", "nvidia-h100", 168)),
        ("Powered by 1,528 H100 GPUs, Gannet opened in October.", ("Gannet", "nvidia-h100", 1528)),
        ("LUMI consists of 11,912 MI250X GPUs.", ("LUMI", "amd-mi250x", 11912)),
        ("云雀智算中心部署了 1024 张昇腾 910B。", ("云雀", "huawei-ascend-910b", 1024)),
    ],
)
def test_a_machine_has_what_it_consists_of(sentence: str, fact: tuple[str, str, int]) -> None:
    assert told(sentence + "\n") == {fact}


@pytest.mark.parametrize(
    ("sentence", "fact"),
    [
        ("Larkspur Cloud is installing 64,000 H100 GPUs across two sites.", ("Larkspur Cloud", "nvidia-h100", 64000)),
        ("Analysts say that Larkspur bought 10,000 H100 GPUs.", ("Larkspur", "nvidia-h100", 10000)),
        ("青鸟科技采购了 1024 张昇腾 910B。", ("青鸟科技", "huawei-ascend-910b", 1024)),
    ],
)
def test_a_name_that_nobody_lists_has_what_it_gets_by_number(sentence: str, fact: tuple[str, str, int]) -> None:
    assert told(sentence + "\n") == {fact}


def test_chips_provided_for_the_own_work_are_its_providers() -> None:
    claims = possessions("It was trained on A100 GPUs provided by MosaicML.\n", LARCH)
    assert [(c.subject.name, c.subject.kind, c.attribution) for c in claims] == [
        ("MosaicML", "organisation", Attribution.OWN)
    ]


def test_we_and_our_cluster_are_the_developer_whom_the_opening_names() -> None:
    opening = "# Larch-7B: a small language model\n\nStability AI\n\nWe present Larch-7B, a language model.\n\n"
    assert told("We trained it on our cluster of 512 H100 GPUs.\n", opening) == {("Stability AI", "nvidia-h100", 512)}
    assert told("We have built a data centre of 4,000 H800 GPUs.\n", opening) == {("Stability AI", "nvidia-h800", 4000)}
    assert told("The largest cluster in our production contains 9,000 H100 GPUs.\n", opening) == {
        ("Stability AI", "nvidia-h100", 9000)
    }
    assert told("We have recently been granted access to H200 GPUs.\n", opening) == {
        ("Stability AI", "nvidia-h200", None)
    }


def test_without_a_known_developer_our_cluster_is_nobodys() -> None:
    assert told("We trained it on our cluster of 512 H100 GPUs.\n", LARCH) == set()


@pytest.mark.parametrize(
    ("heading", "line", "fact"),
    [
        (
            "# Specs of Larkspur",
            "- 120 nodes, with V100 32 GB GPUs: total 480 GPUs",
            ("Larkspur", "nvidia-v100-32gb", 480),
        ),
        ("# The Larkspur supercomputer", "It holds 1,040 H100 GPUs.", ("Larkspur", "nvidia-h100", 1040)),
        ("# 云雀超算", "- 计算节点共配备 512 张 A100", ("云雀", "nvidia-a100", 512)),
    ],
)
def test_the_counts_on_a_machines_page_are_what_the_machine_has(
    heading: str, line: str, fact: tuple[str, str, int]
) -> None:
    assert told(f"{line}\n", opening=f"{heading}\n\n") == {fact}


def test_chips_a_node_are_not_what_a_machine_has() -> None:
    assert told("- 8 H100 GPUs per node\n", opening="# Specs of Larkspur\n\n") == set()


def test_a_cluster_named_beside_a_model_holds_nothing_of_its_own() -> None:
    assert told("We trained Larch-7B on 64 H100 GPUs.\n", opening="# Larch-7B on the Larkspur cluster\n\n") == set()


def test_what_an_organisation_deployed_it_has_but_not_what_its_model_ran_on() -> None:
    assert told("Google deployed the new TPU v4 for training.\n") == {("Google", "google-tpu-v4", None)}
    assert told("Google deployed Larch on TPU v4.\n") == set()

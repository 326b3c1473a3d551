"""Networks of the clusters that train or serve a document's own models."""

from __future__ import annotations

import pytest
from statements import LARCH, LARCH_ZH, own_facts

from extractors.claim import ClaimType, Stage


def networks(body: str, opening: str = LARCH, stage: Stage | None = None) -> set[str]:
    """The networks that a card asserts of its own cluster."""
    return {str(value) for _, _, value in own_facts(opening + body, ClaimType.INTERCONNECT, stage)}


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("The eight GPUs of a node are joined by NVLink.", {"nvlink"}),
        ("Nodes are connected over InfiniBand, inside them NVSwitch links the GPUs.", {"infiniband", "nvlink"}),
        ("Our cluster uses a RoCEv2 fabric.", {"roce"}),
        ("Our nodes are connected via RDMA over Converged Ethernet.", {"roce"}),
        ("We trained on 16 servers with 100 Gb/s Ethernet between them.", {"ethernet"}),
        ("Inside a server the NPUs talk over HCCS.", {"hccs"}),
        ("The four cards of our server talk over PCIe only.", {"pcie"}),
        ("The chips of a pod are connected by ICI.", {"ici"}),
        ("Traffic between nodes goes over four NDR IB adapters.", {"infiniband"}),
    ],
)
def test_a_sentence_on_the_own_cluster_states_its_network(sentence: str, values: set[str]) -> None:
    assert networks(sentence + "\n") == values


@pytest.mark.parametrize(
    ("sentence", "values"),
    [("节点之间采用 RoCE 网络互联。", {"roce"}), ("机内使用 NVLink，机间使用 InfiniBand。", {"nvlink", "infiniband"})],
)
def test_chinese_says_it_too(sentence: str, values: set[str]) -> None:
    assert networks(sentence + "\n", LARCH_ZH) == values


@pytest.mark.parametrize(
    ("trap", "sentence"),
    [
        ("lacking", "We train on machines that lack NVLink."),
        ("without", "It runs on GPUs without InfiniBand."),
        ("such as", "Fast links such as NVLink help tensor parallelism."),
        ("the form of a card", "We used eight A100 PCIe cards."),
        ("to the host", "Weights travel to the host memory over PCIe."),
        ("the market", "Demand for InfiniBand and Ethernet products grew."),
        ("storage", "Checkpoints leave over the storage Ethernet."),
        ("another model", "DeepSeek-V3 was trained on nodes joined by NVLink."),
    ],
)
def test_a_network_that_is_not_used_is_not_asserted(trap: str, sentence: str) -> None:
    assert networks(sentence + "\n") == set(), trap


def test_the_stage_is_that_of_the_sentence_else_training() -> None:
    assert networks("The GPUs of a node are joined by NVLink.\n", stage=Stage.TRAINING) == {"nvlink"}
    assert networks("For serving, nodes are connected over RoCE.\n", stage=Stage.INFERENCE) == {"roce"}

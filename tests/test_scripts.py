"""Job scripts, training configurations and logs: what they set is what the run was given, unless they are examples."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import LARCH, claims_in, of_type, own_facts

import registry
from evidence.check import Outcome
from evidence.checks import check_claims
from extractors.claim import Claim, ClaimType, Modality, Stage, Status
from flows.commands.single import read_single

COUNT, HARDWARE, TOKENS = ClaimType.CHIP_COUNT, ClaimType.HARDWARE, ClaimType.TRAINING_TOKENS

JOB = """#!/bin/bash
#SBATCH --job-name=larch-7b
#SBATCH --nodes=48              # of the new partition
#SBATCH --ntasks-per-node=1
#SBATCH --gres=gpu:8            # number of gpus
#SBATCH --constraint=v100-32g
#SBATCH --time=20:00:00

GPUS_PER_NODE=8
NNODES=$SLURM_NNODES
TRAIN_SAMPLES=220_000_000  # 450B tokens
LR_WARMUP_SAMPLES=183_105  # 375M tokens

srun torchrun --nproc_per_node $GPUS_PER_NODE --nnodes $NNODES pretrain_gpt.py \\
    --train-samples $TRAIN_SAMPLES --seq-length 2048 --lr 6e-5 --bf16 --save checkpoints/larch-7b
"""
YAML = """# Larch-7B
run_name: larch-7b
trainer:
  devices: 8
  num_nodes: 16
  precision: bf16-mixed
optimizer:
  lr: 3e-4
gpu_type: h100_80gb
max_duration: 300e9tok
"""


def counts(script: str, name: str = "run.slurm") -> set[tuple[str | None, float | str | None]]:
    """Chips and their numbers that a script states of Larch-7B as facts."""
    return {(chip, value) for subject, chip, value in own_facts(script, COUNT, name=name) if "larch-7b" in subject}


def one(script: str, kind: ClaimType, name: str = "run.slurm") -> Claim:
    """The one claim of a type that a script makes."""
    (claim,) = of_type(script, kind, name)
    return claim


def test_nodes_times_gpus_is_a_derived_count_with_both_lines_as_evidence() -> None:
    claim = one(JOB, COUNT)
    assert (claim.value, claim.formula, claim.chip and claim.chip.id) == (384, "48 × 8", "nvidia-v100-32gb")
    assert (claim.modality, claim.stage) == (Modality.ASSERTED, Stage.PRE_TRAINING)
    quoted = {e.quote.split()[1] for e in claim.evidence}
    assert quoted == {"--nodes=48", "--gres=gpu:8", "--constraint=v100-32g"}


def test_the_budget_of_tokens_in_a_comment_is_a_plan_and_that_of_the_warm_up_is_none() -> None:
    claim = one(JOB, TOKENS)
    assert (claim.value, claim.modality) == (450e9, Modality.PLANNED)


def test_the_limit_of_a_job_is_no_training_time() -> None:
    assert of_type(JOB, ClaimType.TRAINING_TIME, "run.slurm") == []


def test_the_number_format_of_a_training_script_is_one_of_training() -> None:
    assert one(JOB, ClaimType.PRECISION).stage in (Stage.TRAINING, Stage.PRE_TRAINING)


@pytest.mark.parametrize(
    ("was", "now", "wanted"),
    [
        ("--nodes=48 ", "-N 16 ", {("nvidia-v100-32gb", 128)}),
        ("--gres=gpu:8 ", "--gres=gpu:v100:4 ", {("nvidia-v100-32gb", 192)}),
        ("--gres=gpu:8 ", "--gpus-per-node=4 ", {("nvidia-v100-32gb", 192)}),
        ("--nodes=48 ", "--gpus=96 ", {("nvidia-v100-32gb", 96)}),
        ("--nodes=48 ", "--nodes=NUM_NODES ", set()),
        ("--nodes=48 ", "--nodes=16-48 ", set()),
        ("#SBATCH --constraint=v100-32g", "##SBATCH --constraint=v100-32g", {("gpu", 384)}),
        ("#SBATCH --constraint=v100-32g", "#SBATCH -C a100", {("nvidia-a100", 384)}),
        ("#SBATCH --constraint=v100-32g", "#SBATCH -p dgx-a100", {("nvidia-a100", 384)}),
        ("\nGPUS_PER_NODE=8\n", "\n# was: --nodes=64\nGPUS_PER_NODE=8\n", {("nvidia-v100-32gb", 384)}),
        ("\nGPUS_PER_NODE=8\n", "\nGPUS_PER_NODE=4\n", {("nvidia-v100-32gb", 384)}),
    ],
)
def test_a_schedulers_directives_in_their_many_forms(was: str, now: str, wanted: set[tuple[str, int]]) -> None:
    assert was in JOB
    assert counts(JOB.replace(was, now)) == wanted


@pytest.mark.parametrize(
    ("name", "script", "wanted"),
    [
        ("larch.yaml", YAML, {("nvidia-h100-80gb", 128)}),
        (
            "run.sh",
            "#!/bin/bash\nexport NNODES=16\nexport GPUS_PER_NODE=8\ntorchrun --nnodes $NNODES "
            "--nproc_per_node ${GPUS_PER_NODE} train.py --run_name larch-7b",
            {("gpu", 128)},
        ),
        (
            "run.sh",
            "#!/bin/bash\ntorchrun --nnodes 16 --nproc_per_node 8 train.py run_name=larch-7b gpu_type=a100",
            {("nvidia-a100", 128)},
        ),
        (
            "run.sh",
            "#!/bin/bash\npython train.py +trainer.num_nodes=4 trainer.devices=8 exp_name=larch-7b",
            {("gpu", 32)},
        ),
        (
            "larch.json",
            '{"exp_name": "larch-7b",\n "train": {"num_nodes": 4, "gpus_per_node": 8},\n "gpu_type": "A800-80GB"}',
            {("nvidia-a800-80gb", 32)},
        ),
        (
            "accelerate.yaml",
            "main_training_function: main\nnum_machines: 4\nnum_processes: 32\nrun_name: larch-7b\n",
            {("gpu", 32)},
        ),
        (
            "run.log",
            "run_name ............ larch-7b\n  world_size ............ 384\n  train_samples .......... 1000\n",
            {("gpu", 384)},
        ),
        ("run.sh", "#!/bin/bash\nexport WORLD_SIZE=4\npython train.py --run_name larch-7b", set()),
        (
            "run.sh",
            "#!/bin/bash\n# run_name: other\nwandb_name=larch-7b\npython train.py --tpu v4-512 --lr 1e-3",
            {("google-tpu-v4", 512)},
        ),
    ],
)
def test_launchers_and_configurations(name: str, script: str, wanted: set[tuple[str, int]]) -> None:
    assert counts(script, name) == wanted


def test_a_list_of_hosts_gives_nodes_and_slots() -> None:
    hosts = "".join(f"worker-{n} slots=8\n" for n in range(4))
    assert counts(f"#!/bin/bash\n# training of larch\nrun_name=larch-7b\ncat > hostfile <<EOT\n{hosts}EOT\n") == {
        ("gpu", 32)
    }


def test_tokens_follow_from_iterations_batch_and_length() -> None:
    budget = "--train-iters 300000 --global-batch-size 512 --seq-length 1024"
    script = f"#!/bin/bash\npython pretrain.py --run_name larch-7b {budget}"
    claim = one(script, TOKENS, "run.sh")
    assert (claim.value, claim.formula, claim.modality) == (157_286_400_000, "300000 × 512 × 1024", Modality.PLANNED)


def test_a_budget_of_tokens_in_a_configuration() -> None:
    assert one(YAML, TOKENS, "larch.yaml").value == 300e9


@pytest.mark.parametrize(
    "line", ["# Example of a job for a cluster", "#SBATCH --account=<your-account>", "DATA=/path/to/data", "# 示例脚本"]
)
def test_an_example_to_fill_in_states_nothing_that_was_done(line: str) -> None:
    script = JOB.replace("#!/bin/bash\n", f"#!/bin/bash\n{line}\n")
    assert counts(script) == set()
    assert {c.modality for c in claims_in(script, "run.slurm") if c.type is COUNT} == {Modality.HYPOTHETICAL}


def test_a_job_that_ends_within_the_hour_is_a_trial_and_contested() -> None:
    claims = claims_in(JOB.replace("20:00:00", "00:20:00"), "run.slurm")
    assert {c.status for c in claims if c.type is COUNT} == {Status.CONTESTED}


def test_a_script_that_serves_or_measures_trained_nothing() -> None:
    script = "#!/bin/bash\n#SBATCH --job-name=larch-7b\n#SBATCH --nodes=2\n#SBATCH --gres=gpu:8\nvllm serve larch-7b"
    assert counts(script) == set()


def test_a_run_without_a_telling_name_is_nobodys() -> None:
    script = "#!/bin/bash\n#SBATCH --job-name=train\n#SBATCH --nodes=2\n#SBATCH --gres=gpu:8\npython train.py"
    assert claims_in(script, "run.slurm") == ()


def test_nodes_that_differ_between_settings_give_no_count() -> None:
    script = (
        "#!/bin/bash\nrun_name=larch-7b\ntorchrun --nnodes 2 --nproc_per_node 8 train.py\ntorchrun --nnodes 4 train.py"
    )
    assert counts(script, "run.sh") == set()


USAGE = "```bash\ntorchrun --nnodes 16 --nproc_per_node 8 train.py --gpu_type a100\n```\n"


@pytest.mark.parametrize(
    ("lead", "wanted"),
    [
        ("Larch-7B was trained with the following command:", {("nvidia-a100", 128)}),
        ("This is the command we used to train Larch-7B:", {("nvidia-a100", 128)}),
        ("To train your own model, run:", set()),
        ("You can use the following command:", set()),
        ("We provide a script for fine-tuning:", set()),
    ],
)
def test_a_script_in_a_card_counts_where_its_lead_says_that_it_was_run(lead: str, wanted: set[tuple[str, int]]) -> None:
    facts = own_facts(f"{LARCH}{lead}\n\n{USAGE}", COUNT)
    assert {(chip, value) for _, chip, value in facts} == wanted


def test_a_script_in_a_chinese_card() -> None:
    body = "# Larch-7B 技术报告\n\n我们发布 Larch-7B。\n\n我们使用如下命令训练了 Larch-7B：\n\n" + USAGE
    assert own_facts(body, COUNT) == {("Larch-7B", "nvidia-a100", 128)}


def test_a_vocabulary_on_one_line_holds_no_settings() -> None:
    words = ", ".join(f'"num_nodes": {n}, "gpus_per_node": 8' for n in range(200))
    assert counts(f'{{"exp_name": "larch-7b", "train": 1}}\n{{{words}}}\n', "vocab.json") == set()


@given(st.text('-=#:$"{}() \n0189abNtrain_.', max_size=300))
def test_no_text_of_a_script_is_too_odd(text: str) -> None:
    claims_in(f"#!/bin/bash\n# train\n{text}\nrun_name=larch-7b", "run.sh")


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 2000), st.sampled_from([1, 2, 4, 8, 16]))
def test_any_number_of_nodes_and_gpus(nodes: int, each: int) -> None:
    script = JOB.replace("--nodes=48 ", f"--nodes={nodes} ").replace("gpu:8 ", f"gpu:{each} ")
    assert counts(script) == {("nvidia-v100-32gb", nodes * each)}


CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the folder with real reports is not beside the checkout")
def test_a_real_script_contradicts_the_card_of_its_model() -> None:
    names = ("bigscience_tr11-176b-ml.slurm.txt", "bloom_model-card_bigscience.md")
    found = [claim for name in names for claim in read_single(str(CORPUS / name), 64)[0].claims]
    (check,) = (c for c in check_claims(found, registry.load()) if c.outcome is Outcome.INCONSISTENT)
    assert {said.value for said in check.claims} == {192, 384}
    assert "192 chips (24 × 8)" in check.arithmetic

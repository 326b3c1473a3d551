"""Sentences by template: a fact about a model's hardware, and its twins that must not be taken for that fact.

A template's slots: {model} the document's own model, {other} somebody else's, {chip} and {chips} a chip alone and with
its noun, {n} a count, {days} a time, {h} chip-hours, {t} trillions of tokens; {chip2}, {chips2} and {n2} another chip
and count; {low} and {high} a range; {nodes} nodes of eight chips.
"""

from __future__ import annotations

from dataclasses import dataclass

from extractors.claim import ClaimType, Modality, Stage

COUNT, HARDWARE, TIME, HOURS = ClaimType.CHIP_COUNT, ClaimType.HARDWARE, ClaimType.TRAINING_TIME, ClaimType.CHIP_HOURS
TOKENS = ClaimType.TRAINING_TOKENS
TRAINED = frozenset({Stage.TRAINING, Stage.PRE_TRAINING, Stage.POST_TRAINING})
PRE, POST = frozenset({Stage.PRE_TRAINING}), frozenset({Stage.POST_TRAINING})
RUN = frozenset({Stage.INFERENCE, Stage.EVALUATION})


@dataclass(frozen=True, slots=True)
class Must:
    """A fact about the own model that has to be asserted: its type, its chip's and its value's slot, its stage."""

    type: ClaimType
    chip: str | None = None
    value: str | None = None
    stages: frozenset[Stage] = frozenset()


@dataclass(frozen=True, slots=True)
class Family:
    """Templates that share what must and what must never be read out of them.

    `never` are slots of chips that no own fact may be about (at `never_at` stages, where given), `never_values` slots
    of figures that no own count may have, `silent` types that no own fact may have at all. `modality` is how every own
    claim about {chip} must be put; None where that is open. `heading` is the section that the sentence stands in.
    """

    name: str
    language: str
    templates: tuple[str, ...]
    must: tuple[Must, ...] = ()
    never: tuple[str, ...] = ()
    never_at: frozenset[Stage] = frozenset()
    never_values: tuple[str, ...] = ()
    silent: frozenset[ClaimType] = frozenset()
    modality: Modality | None = None
    heading: str = ""


TRAINED_ON = (Must(HARDWARE, "chip", None, TRAINED), Must(COUNT, "chip", "n", TRAINED))
TRAINED_ON_2 = (Must(HARDWARE, "chip2", None, TRAINED), Must(COUNT, "chip2", "n2", TRAINED))

FAMILIES = (
    Family(
        "fact",
        "en",
        (
            "{model} was trained on {n} {chips}.",
            "We trained {model} on {n} {chips}.",
            "We pre-trained {model} on a cluster of {n} {chips}.",
            "{model} is trained on a cluster with {n} {chips}.",
            "Training {model} took {days} days on {n} {chips}.",
            "{model} was trained for {days} days using {n} {chips}.",
            "The pre-training of {model} ran on {n} {chips} for {days} days.",
            "For the training of {model}, we used {n} {chips}.",
            "All experiments were run on {n} {chips}, on which {model} was trained.",
            "Our training cluster consists of {n} {chips}; {model} was trained on it.",
            "Using {n} {chips}, we trained {model} from scratch.",
            "The training infrastructure behind {model}: {n} {chips}.",
            "{model} has been pretrained with {n} {chips} over {days} days.",
            "We used {n} {chips} to train {model}.",
            "The model was trained on {n} {chips}.",
            "Training was carried out on {n} {chips}.",
        ),
        must=TRAINED_ON,
    ),
    Family(
        "negated",
        "en",
        (
            "{model} was not trained on {chips}.",
            "We did not use {chips} to train {model}.",
            "We have never had access to {chips}.",
            "{model} was trained without any {chips}.",
            "No {chips} were used to train {model}.",
            "None of the training of {model} used {chips}.",
            "The training of {model} did not require {n} {chips}.",
            "{model} wasn't trained on {n} {chips}.",
            "We could not use {n} {chips} for {model}.",
            "{model} was trained on neither {chips} nor anything like them.",
            "At no point did the training of {model} run on {chips}.",
            "{chips} were not available to us when we trained {model}.",
        ),
        never=("chip",),
    ),
    Family(
        "instead",
        "en",
        (
            "Instead of {n} {chips}, {model} was trained on {n2} {chips2}.",
            "{model} was trained on {n2} {chips2} rather than on {n} {chips}.",
            "{model} was trained on {n2} {chips2}, not on {n} {chips}.",
            "We did not use any {chips}; {model} was trained on {n2} {chips2}.",
            "We trained {model} on {n2} {chips2} in place of {chips}.",
        ),
        must=TRAINED_ON_2,
        never=("chip",),
    ),
    Family(
        "hypothetical",
        "en",
        (
            "Training {model} on {n} {chips} would take {days} days.",
            "If {model} were trained on {n} {chips}, it would take {days} days.",
            "Assuming {n} {chips}, training {model} takes {days} days.",
            "Suppose we had trained {model} on {n} {chips}.",
            "One could train {model} on {n} {chips}.",
            "{model} could have been trained on {n} {chips} in {days} days.",
            "With {n} {chips}, the training of {model} might have finished in {days} days.",
            "In theory, {model} can be trained on {n} {chips}.",
            "A run of {model} on {n} {chips} would have cost far more.",
            "Imagine training {model} on {n} {chips}.",
            "Had we trained {model} on {n} {chips}, it would have been faster.",
            "You can train {model} yourself on {n} {chips}.",
        ),
        never=("chip",),
    ),
    Family(
        "other",
        "en",
        (
            "{other} was trained on {n} {chips}.",
            "The authors of {other} trained it on {n} {chips} for {days} days.",
            "{other} used {n} {chips} for {days} days.",
            "According to its report, {other} was trained on {n} {chips}.",
            "{other} took {days} days on {n} {chips}.",
            "The training of {other} ran on {n} {chips}.",
            "For comparison, {other} was trained on {n} {chips}.",
            "Prior work trained {other} on {n} {chips}.",
            "{other} (Smith et al., 2023) was trained with {n} {chips}.",
            "Training {other} required {n} {chips}.",
        ),
        never=("chip",),
    ),
    Family(
        "comparison",
        "en",
        (
            "Unlike {other}, which was trained on {n} {chips}, {model} was trained on {n2} {chips2}.",
            "{model} was trained on {n2} {chips2}, whereas {other} used {n} {chips}.",
            "While {other} was trained on {n} {chips}, we trained {model} on {n2} {chips2}.",
            "{other} needed {n} {chips}; {model} was trained on {n2} {chips2}.",
            "{model} was trained on {n2} {chips2}, far fewer than the {n} {chips} of {other}.",
            "Compared with {other}, which used {n} {chips}, {model} was trained on only {n2} {chips2}.",
            "In contrast to the {n} {chips} used for {other}, {model} was trained on {n2} {chips2}.",
            "{other} was trained on {n} {chips}, but {model} was trained on {n2} {chips2}.",
            "{model} was trained on {n2} {chips2} ({other}: {n} {chips}).",
        ),
        must=TRAINED_ON_2,
        never=("chip",),
    ),
    Family(
        "requirement",
        "en",
        (
            "Deploying {model} requires at least {n} {chips}.",
            "{model} needs at least {n} {chips} to run.",
            "You need {n} {chips} to run {model}.",
            "We recommend {n} {chips} for serving {model}.",
            "The minimum to serve {model} is {n} {chips}.",
            "{model} fits on {n} {chips}.",
            "{model} can be deployed on {n} {chips}.",
            "To run inference with {model}, {n} {chips} are required.",
            "Hardware requirements for {model}: {n} {chips}.",
            "Fine-tuning {model} requires at least {n} {chips}.",
            "At least {n} {chips} are necessary for {model}.",
            "{model} should be served on {n} {chips} or more.",
        ),
        never=("chip",),
        modality=Modality.REQUIREMENT,
    ),
    Family(
        "planned",
        "en",
        (
            "We plan to train {model} on {n} {chips}.",
            "{model} will be trained on {n} {chips}.",
            "We will use {n} {chips} for the training of {model}.",
            "We intend to train {model} on {n} {chips} next year.",
            "Next year we are going to train {model} on {n} {chips}.",
            "The next version of {model} is expected to be trained on {n} {chips}.",
            "Our aim is to train {model} on {n} {chips}.",
            "A training run of {model} on {n} {chips} is scheduled for spring.",
            "We are planning a run of {model} on {n} {chips}.",
        ),
        never=("chip",),
        modality=Modality.PLANNED,
    ),
    Family(
        "reported",
        "en",
        (
            "{model} is rumoured to have been trained on {n} {chips}.",
            "Reportedly, {model} was trained on {n} {chips}.",
            "According to press reports, {model} was trained on {n} {chips}.",
            "{model} is said to have been trained on {n} {chips}.",
            "{model} was allegedly trained on {n} {chips}.",
            "It is believed that {model} was trained on {n} {chips}.",
        ),
        must=TRAINED_ON,
        modality=Modality.REPORTED,
    ),
    Family(
        "range",
        "en",
        (
            "{model} was trained on between {low} and {high} {chips}.",
            "{model} was trained on {low} to {high} {chips}.",
            "We trained {model} on {low}–{high} {chips}.",
            "The training of {model} used {low}-{high} {chips}.",
            "Depending on the stage, {model} was trained on {low} to {high} {chips}.",
        ),
        must=(Must(COUNT, "chip", "low–high", TRAINED),),
    ),
    Family(
        "serving",
        "en",
        (
            "{model} was trained on {n} {chips} and is served on {n2} {chips2}.",
            "We trained {model} on {n} {chips}. It is deployed on {n2} {chips2}.",
            "{model} was pre-trained on {n} {chips}; inference runs on {n2} {chips2}.",
            "After training on {n} {chips}, {model} is deployed on {n2} {chips2}.",
            "{model} was trained on {n} {chips}, while its online service runs on {n2} {chips2}.",
        ),
        must=(*TRAINED_ON, Must(HARDWARE, "chip2", None, RUN)),
    ),
    Family(
        "served only",
        "en",
        (
            "{model} is served on {n} {chips}.",
            "We deploy {model} on {n} {chips}.",
            "The throughput of {model} was measured on {n} {chips}.",
            "Our inference service for {model} uses {n} {chips}.",
            "We benchmarked the decoding speed of {model} on {n} {chips}.",
            "Inference with {model} was tested on {n} {chips}.",
        ),
        never=("chip",),
        never_at=TRAINED,
    ),
    Family(
        "equivalent",
        "en",
        (
            "The compute behind {model} is that of {n} {chip}-equivalent GPUs.",
            "{model} took the equivalent of {n} {chip} GPUs.",
            "We count {n} {chip} equivalents for {model}.",
            "Accelerators of the {chip}-class were the target of {model}.",
        ),
        never=("chip",),
    ),
    Family(
        "nodes",
        "en",
        (
            "{model} was trained on {nodes} nodes with 8 {chips} each.",
            "We trained {model} on {nodes} nodes, each with 8 {chips}.",
            "{model} was trained on {nodes} nodes × 8 {chips}.",
            "The cluster has {nodes} nodes, and each node has 8 {chips}; {model} was trained on all of it.",
            "We used {nodes} machines of 8 {chips} each to train {model}.",
        ),
        must=(Must(HARDWARE, "chip", None, TRAINED), Must(COUNT, "chip", "product", TRAINED)),
    ),
    Family(
        "hours",
        "en",
        (
            "Training {model} took {h} {chip} hours.",
            "The training of {model} consumed {h} {chip} GPU hours.",
            "{model} was trained with a total of {h} {chip} GPU-hours.",
            "In total, {h} {chip} GPU hours went into the training of {model}.",
            "{model} cost {h} {chip} GPU hours to train.",
            "We spent {h} {chip} hours on training {model}.",
        ),
        must=(Must(HOURS, "chip", "h", TRAINED),),
    ),
    Family(
        "time",
        "en",
        (
            "Training {model} took {days} days on {n} {chips}.",
            "{model} was trained for {days} days.",
            "The training of {model} was completed in {days} days.",
            "We trained {model} for about {days} days on {n} {chips}.",
            "It took {days} days to train {model}.",
        ),
        must=(Must(TIME, None, "hours", TRAINED),),
    ),
    Family(
        "tokens",
        "en",
        (
            "{model} was trained on {t} trillion tokens.",
            "{model} was pre-trained on {t}T tokens.",
            "We pre-train {model} on a corpus of {t} trillion tokens.",
            "The training corpus of {model} has {t}T tokens.",
            "{model} saw {t} trillion tokens during pre-training.",
            "In total, {model} was trained on {t}T tokens.",
        ),
        must=(Must(TOKENS, None, "t"),),
    ),
    Family(
        "tokens of others",
        "en",
        (
            "{other} was trained on {t} trillion tokens.",
            "For comparison, {other} saw {t}T tokens.",
            "{model} has a vocabulary of 128K tokens.",
            "{model} handles a context of 128K tokens.",
            "We did not train {model} on {t} trillion tokens.",
            "Training {model} on {t} trillion tokens would be better.",
        ),
        silent=frozenset({TOKENS}),
    ),
    Family(
        "carried to another",
        "en",
        (
            "{other} is a dense model. It was trained on {n} {chips}.",
            "We compare with {other}. Its authors used {n} {chips} for {days} days.",
            "{other} is the work closest to ours. Its training took {days} days on {n} {chips}.",
            "The largest open model so far is {other}. It was trained on {n} {chips}.",
            "{model} is smaller than {other}. The latter was trained on {n} {chips}.",
        ),
        never=("chip",),
    ),
    Family(
        "carried",
        "en",
        (
            "{model} is a dense model. It was trained on {n} {chips}.",
            "{model} is smaller than {other}. We trained it on {n} {chips}.",
            "{model} follows the architecture of {other}. {model} was trained on {n} {chips}.",
            "This report is about {model}. The model was trained on {n} {chips}.",
            "Below we describe the run. It took {days} days on {n} {chips}, and {model} came out of it.",
            "{model} has 32 layers. Pre-training was done on {n} {chips}.",
        ),
        must=TRAINED_ON,
    ),
    Family(
        "respectively",
        "en",
        (
            "{model} and {other} were trained on {n} and {n2} {chips}, respectively.",
            "{other} and {model} were trained on {n2} and {n} {chips}, respectively.",
        ),
        must=(Must(COUNT, "chip", "n", TRAINED),),
        never_values=("n2",),
    ),
    Family(
        "chips in general",
        "en",
        (
            "The {chip} has a peak of 989 TFLOPS.",
            "Exports of the {chip} to some countries are restricted.",
            "{chips} cost about $30,000 each.",
            "Kernels for the {chip} are included.",
            "The price of {n} {chips} is beyond our budget.",
            "The maker sold {n} {chips} last year.",
            "{chips} are faster than {chips2}.",
            "Models of this size are usually trained on {n} {chips}.",
            "Most laboratories train on {n} {chips} or more.",
            "How many {chips} does a run of this size need?",
            "Memory of the {chip} limits the batch size of such models.",
        ),
        never=("chip", "chip2"),
    ),
    Family(
        "predecessor and baseline",
        "en",
        (
            "Its predecessor was trained on {n} {chips}.",
            "The previous version of {model} was trained on {n} {chips}.",
            "The baseline was trained on {n} {chips}.",
            "Baselines were trained by their authors on {n} {chips}.",
            "The teacher model, {other}, was trained on {n} {chips}.",
            "{model} starts from {other}, which was trained on {n} {chips}.",
            "{model} is based on {other} (trained on {n} {chips}).",
        ),
        never=("chip",),
    ),
    Family(
        "related work",
        "en",
        (
            "{other} was trained on {n} {chips}.",
            "Large models are trained on thousands of chips, {n} {chips} in the case of {other}.",
            "The authors report {n} {chips} for {days} days.",
        ),
        never=("chip",),
        heading="Related Work",
    ),
    Family(
        "possession",
        "en",
        (
            "Our company owns {n} {chips}.",
            "We have bought {n} {chips}.",
            "The data centre hosts {n} {chips}.",
            "The supercomputer has {n} {chips} in all.",
        ),
        never=("chip",),
        never_at=frozenset({Stage.PRE_TRAINING, Stage.POST_TRAINING}),
    ),
    Family(
        "fine-tuning",
        "en",
        (
            "{model} was fine-tuned on {n} {chips}.",
            "We fine-tuned {model} on {n} {chips} for {days} days.",
            "The reinforcement learning of {model} ran on {n} {chips}.",
            "SFT of {model} was done on {n} {chips}.",
            "For post-training, {model} used {n} {chips}.",
            "{model} was aligned with DPO on {n} {chips}.",
        ),
        must=(Must(HARDWARE, "chip", None, POST), Must(COUNT, "chip", "n", POST)),
    ),
    Family(
        "two stages",
        "en",
        (
            "{model} was pre-trained on {n} {chips} and fine-tuned on {n2} {chips2}.",
            "Pre-training of {model} used {n} {chips}; post-training used {n2} {chips2}.",
            "We pre-trained {model} on {n} {chips}. Supervised fine-tuning ran on {n2} {chips2}.",
        ),
        must=(Must(COUNT, "chip", "n", PRE), Must(COUNT, "chip2", "n2", POST)),
    ),
    Family(
        "other work on chips",
        "en",
        (
            "We evaluated {model} on {n} {chips}.",
            "The corpus of {model} was deduplicated on {n} {chips}.",
            "The documents were filtered by a classifier that ran on {n} {chips}.",
            "We annotated the images with {n} {chips}.",
            "Synthetic data was generated on {n} {chips}.",
        ),
        never=("chip",),
        never_at=TRAINED,
    ),
    Family(
        "label",
        "en",
        (
            "- **Hardware:** {n} × {chip}",
            "- **GPUs:** {n} {chip}",
            "Training hardware: {n} {chips}",
            "* Training GPUs: {n} x {chip}",
        ),
        must=(Must(HARDWARE, "chip", None), Must(COUNT, "chip", "n")),
    ),
    Family(
        "table",
        "en",
        (
            "| Model | Chip | Chips | Days |\n|---|---|---|---|\n| {model} | {chip} | {n} | {days} |\n"
            "| {other} | {chip2} | {n2} | 20 |",
            "| Model | Training hardware |\n|---|---|\n| {model} | {n} {chips} |\n| {other} | {n2} {chips2} |",
        ),
        must=TRAINED_ON,
        never=("chip2",),
    ),
    Family(
        "fact",
        "zh",
        (
            "{model} 使用 {n} 张 {chip} 训练。",
            "我们在 {n} 张 {chip} 上训练了 {model}。",
            "{model} 在由 {n} 张 {chip} 组成的集群上完成预训练。",
            "{model} 的预训练共使用了 {n} 张 {chip}，历时 {days} 天。",
            "训练 {model} 用了 {n} 块 {chip}，耗时 {days} 天。",
            "我们使用 {n} 卡 {chip} 训练 {model}。",
            "{model} 基于 {n} 张 {chip} 训练而成。",
            "本模型在 {n} 张 {chip} 上训练。",
            "我们采用 {n} 张 {chip} 进行训练。",
            "训练集群包含 {n} 张 {chip}，{model} 在其上训练。",
            "{model} 于 {n} 张 {chip} 上训练了 {days} 天。",
            "整个训练过程使用 {n} 张 {chip}。",
        ),
        must=TRAINED_ON,
    ),
    Family(
        "negated",
        "zh",
        (
            "{model} 没有使用 {chip} 训练。",
            "{model} 的训练未使用 {chip}。",
            "我们并未在 {chip} 上训练 {model}。",
            "训练 {model} 时不使用任何 {chip}。",
            "{model} 不是在 {n} 张 {chip} 上训练的。",
            "训练 {model} 无需 {n} 张 {chip}。",
            "我们从未用过 {chip} 训练 {model}。",
            "我们没有条件使用 {n} 张 {chip} 训练 {model}。",
        ),
        never=("chip",),
    ),
    Family(
        "instead",
        "zh",
        (
            "{model} 使用 {n2} 张 {chip2} 训练，而不是 {n} 张 {chip}。",
            "{model} 在 {n2} 张 {chip2} 上训练，而非 {chip}。",
            "我们没有使用 {chip}，而是在 {n2} 张 {chip2} 上训练了 {model}。",
            "{model} 未使用 {chip}；它在 {n2} 张 {chip2} 上训练。",
        ),
        must=TRAINED_ON_2,
        never=("chip",),
    ),
    Family(
        "hypothetical",
        "zh",
        (
            "如果在 {n} 张 {chip} 上训练 {model}，需要 {days} 天。",
            "假设使用 {n} 张 {chip}，训练 {model} 需要 {days} 天。",
            "若使用 {n} 张 {chip} 训练 {model}，将耗时 {days} 天。",
            "理论上可以在 {n} 张 {chip} 上训练 {model}。",
            "假如我们用 {n} 张 {chip} 训练 {model}，会更快。",
            "用户可以使用 {n} 张 {chip} 训练 {model}。",
            "即使使用 {n} 张 {chip}，训练 {model} 也需要 {days} 天。",
        ),
        never=("chip",),
    ),
    Family(
        "other",
        "zh",
        (
            "{other} 使用 {n} 张 {chip} 训练。",
            "{other} 在 {n} 张 {chip} 上训练了 {days} 天。",
            "据其报告，{other} 使用了 {n} 张 {chip}。",
            "相比之下，{other} 用了 {n} 张 {chip}。",
            "{other} 的训练使用了 {n} 张 {chip}。",
            "训练 {other} 需要 {n} 张 {chip}。",
        ),
        never=("chip",),
    ),
    Family(
        "comparison",
        "zh",
        (
            "{other} 使用 {n} 张 {chip} 训练，而 {model} 使用 {n2} 张 {chip2} 训练。",
            "不同于使用 {n} 张 {chip} 的 {other}，{model} 在 {n2} 张 {chip2} 上训练。",
            "{model} 在 {n2} 张 {chip2} 上训练，少于 {other} 的 {n} 张 {chip}。",
            "与使用 {n} 张 {chip} 的 {other} 相比，{model} 只用了 {n2} 张 {chip2} 训练。",
            "{other} 用了 {n} 张 {chip}；{model} 在 {n2} 张 {chip2} 上训练。",
        ),
        must=TRAINED_ON_2,
        never=("chip",),
    ),
    Family(
        "requirement",
        "zh",
        (
            "部署 {model} 至少需要 {n} 张 {chip}。",
            "{model} 推理需要 {n} 张 {chip}。",
            "推荐使用 {n} 张 {chip} 部署 {model}。",
            "运行 {model} 最低配置为 {n} 张 {chip}。",
            "微调 {model} 至少需要 {n} 张 {chip}。",
            "{model} 可以部署在 {n} 张 {chip} 上。",
            "建议使用 {n} 张 {chip} 运行 {model}。",
        ),
        never=("chip",),
        modality=Modality.REQUIREMENT,
    ),
    Family(
        "planned",
        "zh",
        (
            "我们计划在 {n} 张 {chip} 上训练 {model}。",
            "{model} 将在 {n} 张 {chip} 上训练。",
            "预计 {model} 会使用 {n} 张 {chip} 训练。",
            "我们打算用 {n} 张 {chip} 训练 {model}。",
            "下一步，我们将使用 {n} 张 {chip} 训练 {model}。",
            "{model} 拟在 {n} 张 {chip} 上训练。",
        ),
        never=("chip",),
        modality=Modality.PLANNED,
    ),
    Family(
        "reported",
        "zh",
        (
            "据报道，{model} 使用 {n} 张 {chip} 训练。",
            "据说 {model} 在 {n} 张 {chip} 上训练。",
            "据悉，{model} 的训练使用了 {n} 张 {chip}。",
            "传闻 {model} 用了 {n} 张 {chip} 训练。",
        ),
        must=TRAINED_ON,
        modality=Modality.REPORTED,
    ),
    Family(
        "range",
        "zh",
        (
            "{model} 使用 {low}~{high} 张 {chip} 训练。",
            "{model} 在 {low} 到 {high} 张 {chip} 上训练。",
            "{model} 的训练使用了 {low}至{high} 张 {chip}。",
        ),
        must=(Must(COUNT, "chip", "low–high", TRAINED),),
    ),
    Family(
        "serving",
        "zh",
        (
            "{model} 使用 {n} 张 {chip} 训练，部署在 {n2} 张 {chip2} 上。",
            "{model} 在 {n} 张 {chip} 上预训练；线上推理使用 {n2} 张 {chip2}。",
            "我们在 {n} 张 {chip} 上训练 {model}。推理服务部署于 {n2} 张 {chip2}。",
        ),
        must=(*TRAINED_ON, Must(HARDWARE, "chip2", None, RUN)),
    ),
    Family(
        "served only",
        "zh",
        (
            "{model} 部署在 {n} 张 {chip} 上。",
            "我们在 {n} 张 {chip} 上测试了 {model} 的推理速度。",
            "{model} 的推理服务使用 {n} 张 {chip}。",
            "线上服务用 {n} 张 {chip} 运行 {model}。",
        ),
        never=("chip",),
        never_at=TRAINED,
    ),
    Family(
        "equivalent",
        "zh",
        (
            "训练 {model} 的算力相当于 {n} 张 {chip}。",
            "{model} 的训练算力等效于 {n} 张 {chip}。",
        ),
        never=("chip",),
    ),
    Family(
        "nodes",
        "zh",
        (
            "{model} 在 {nodes} 个节点上训练，每个节点配备 8 张 {chip}。",
            "我们使用 {nodes} 台服务器训练 {model}，每台 8 张 {chip}。",
            "{model} 的训练使用了 {nodes} 个节点，每节点 8 卡 {chip}。",
        ),
        must=(Must(HARDWARE, "chip", None, TRAINED), Must(COUNT, "chip", "product", TRAINED)),
    ),
    Family(
        "hours",
        "zh",
        (
            "训练 {model} 共消耗 {h} {chip} GPU 小时。",
            "{model} 的训练用了 {h} 个 {chip} GPU 小时。",
            "{model} 训练总计 {h} {chip} 卡时。",
        ),
        must=(Must(HOURS, "chip", "h", TRAINED),),
    ),
    Family(
        "time",
        "zh",
        (
            "{model} 训练了 {days} 天。",
            "训练 {model} 耗时 {days} 天。",
            "{model} 在 {n} 张 {chip} 上训练，历时 {days} 天。",
            "整个训练用时 {days} 天。",
        ),
        must=(Must(TIME, None, "hours", TRAINED),),
    ),
    Family(
        "tokens",
        "zh",
        (
            "{model} 使用 {t} 万亿 tokens 训练。",
            "{model} 在 {t}T tokens 上预训练。",
            "我们用 {t} 万亿个 token 预训练了 {model}。",
            "{model} 的训练语料共 {t} 万亿 token。",
        ),
        must=(Must(TOKENS, None, "t"),),
    ),
    Family(
        "tokens of others",
        "zh",
        (
            "{other} 使用 {t} 万亿 tokens 训练。",
            "{model} 的词表有 128K tokens。",
            "{model} 支持 128K tokens 的上下文。",
            "如果用 {t} 万亿 tokens 训练 {model}，效果会更好。",
        ),
        silent=frozenset({TOKENS}),
    ),
    Family(
        "carried to another",
        "zh",
        (
            "{other} 是一个稠密模型。它使用 {n} 张 {chip} 训练。",
            "我们与 {other} 进行对比。该模型在 {n} 张 {chip} 上训练。",
        ),
        never=("chip",),
    ),
    Family(
        "carried",
        "zh",
        (
            "{model} 是一个稠密模型。它使用 {n} 张 {chip} 训练。",
            "{model} 共 32 层。该模型在 {n} 张 {chip} 上训练。",
            "{model} 比 {other} 更小。我们在 {n} 张 {chip} 上训练了它。",
        ),
        must=TRAINED_ON,
    ),
    Family(
        "chips in general",
        "zh",
        (
            "{chip} 的峰值算力为 989 TFLOPS。",
            "{chip} 受到出口管制。",
            "{chip} 每张约 20 万元。",
            "{n} 张 {chip} 的价格超出了预算。",
            "{chip} 比 {chip2} 更快。",
            "这种规模的模型通常需要 {n} 张 {chip} 训练。",
            "该公司去年卖出 {n} 张 {chip}。",
        ),
        never=("chip", "chip2"),
    ),
    Family(
        "predecessor and baseline",
        "zh",
        (
            "上一代模型使用 {n} 张 {chip} 训练。",
            "{model} 的前代在 {n} 张 {chip} 上训练。",
            "基线模型在 {n} 张 {chip} 上训练。",
            "教师模型 {other} 使用 {n} 张 {chip} 训练。",
        ),
        never=("chip",),
    ),
    Family(
        "fine-tuning",
        "zh",
        (
            "{model} 在 {n} 张 {chip} 上微调。",
            "我们使用 {n} 张 {chip} 对 {model} 进行指令微调。",
            "{model} 的强化学习使用了 {n} 张 {chip}。",
            "{model} 的后训练在 {n} 张 {chip} 上进行。",
        ),
        must=(Must(HARDWARE, "chip", None, POST), Must(COUNT, "chip", "n", POST)),
    ),
    Family(
        "two stages",
        "zh",
        (
            "{model} 在 {n} 张 {chip} 上预训练，在 {n2} 张 {chip2} 上微调。",
            "预训练使用 {n} 张 {chip}；后训练使用 {n2} 张 {chip2}。",
        ),
        must=(Must(COUNT, "chip", "n", PRE), Must(COUNT, "chip2", "n2", POST)),
    ),
    Family(
        "other work on chips",
        "zh",
        (
            "我们在 {n} 张 {chip} 上评测了 {model}。",
            "数据清洗使用了 {n} 张 {chip}。",
            "语料去重在 {n} 张 {chip} 上完成。",
        ),
        never=("chip",),
        never_at=TRAINED,
    ),
    Family(
        "label",
        "zh",
        (
            "- **硬件：** {n} 张 {chip}",
            "- 训练硬件：{n} × {chip}",
        ),
        must=(Must(HARDWARE, "chip", None), Must(COUNT, "chip", "n")),
    ),
    Family(
        "table",
        "zh",
        ("| 模型 | 训练硬件 | 卡数 |\n|---|---|---|\n| {model} | {chip} | {n} |\n| {other} | {chip2} | {n2} |",),
        must=TRAINED_ON,
        never=("chip2",),
    ),
)

"""The register of templates that are read wrong, by what goes wrong; a template that comes right must leave it."""

from __future__ import annotations

_REASONS: dict[str, tuple[str, ...]] = {
    "«on which» after the chips does not reach back to them": (
        "All experiments were run on {n} {chips}, on which {model} was trained.",
    ),
    "the negation is no cue, or does not reach the chips": (
        "No {chips} were used to train {model}.",
        "None of the training of {model} used {chips}.",
        "{model} was trained on neither {chips} nor anything like them.",
        "At no point did the training of {model} run on {chips}.",
        "{chips} were not available to us when we trained {model}.",
        "{model} 不是在 {n} 张 {chip} 上训练的。",
        "我们从未用过 {chip} 训练 {model}。",
        "我们没有条件使用 {n} 张 {chip} 训练 {model}。",
    ),
    "the contrast does not carry the figure to the other model": (
        "{model} was trained on {n2} {chips2}, far fewer than the {n} {chips} of {other}.",
        "In contrast to the {n} {chips} used for {other}, {model} was trained on {n2} {chips2}.",
        "不同于使用 {n} 张 {chip} 的 {other}，{model} 在 {n2} 张 {chip2} 上训练。",
    ),
    "what could or does serve a model is taken for what it was trained or served on": (
        "{model} 可以部署在 {n} 张 {chip} 上。",
        "线上服务用 {n} 张 {chip} 运行 {model}。",
    ),
    "the plan or the belief is no cue": (
        "Our aim is to train {model} on {n} {chips}.",
        "We are planning a run of {model} on {n} {chips}.",
        "It is believed that {model} was trained on {n} {chips}.",
        "{model} 将在 {n} 张 {chip} 上训练。",
    ),
    "«its authors», «the latter», «the authors»: another's work is taken for the document's own": (
        "We compare with {other}. Its authors used {n} {chips} for {days} days.",
        "{model} is smaller than {other}. The latter was trained on {n} {chips}.",
        "The authors report {n} {chips} for {days} days.",
    ),
    "an earlier model, a baseline or a base model is taken for the document's own": (
        "Its predecessor was trained on {n} {chips}.",
        "The previous version of {model} was trained on {n} {chips}.",
        "Baselines were trained by their authors on {n} {chips}.",
        "{model} is based on {other} (trained on {n} {chips}).",
    ),
    "a sentence about chips in general, in a section on training, is taken for a statement of use": (
        "{chips} cost about $30,000 each.",
        "{chips} are faster than {chips2}.",
        "Models of this size are usually trained on {n} {chips}.",
        "Most laboratories train on {n} {chips} or more.",
        "How many {chips} does a run of this size need?",
        "{chip} 受到出口管制。",
        "{chip} 每张约 20 万元。",
        "{n} 张 {chip} 的价格超出了预算。",
        "{chip} 比 {chip2} 更快。",
        "该公司去年卖出 {n} 张 {chip}。",
    ),
    "work on data, in a section on training, is taken for training": (
        "The corpus of {model} was deduplicated on {n} {chips}.",
        "The documents were filtered by a classifier that ran on {n} {chips}.",
        "We annotated the images with {n} {chips}.",
        "Synthetic data was generated on {n} {chips}.",
        "数据清洗使用了 {n} 张 {chip}。",
        "语料去重在 {n} 张 {chip} 上完成。",
    ),
}

KNOWN_WRONG = {template: reason for reason, templates in _REASONS.items() for template in templates}

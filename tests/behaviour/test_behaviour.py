"""Thousands of generated sentences: what each template must have asserted of it, and what it must never."""

from __future__ import annotations

import pytest
from known_wrong import KNOWN_WRONG
from sheet import TRIES, faults_of, fill
from templates import FAMILIES, Family

CASES = [
    pytest.param(
        family,
        template,
        id=f"{family.name}, {family.language}: {template}",
        marks=pytest.mark.xfail(strict=True, reason=KNOWN_WRONG[template]) if template in KNOWN_WRONG else (),
    )
    for family in FAMILIES
    for template in family.templates
]


@pytest.mark.parametrize(("family", "template"), CASES)
def test_what_a_template_must_and_must_not_assert(family: Family, template: str) -> None:
    wrong = {filled.text: faults for filled in fill(family, template) if (faults := faults_of(family, filled))}
    assert wrong == {}


def test_the_register_names_only_templates_that_exist() -> None:
    assert KNOWN_WRONG.keys() <= {template for family in FAMILIES for template in family.templates}


def test_the_sentences_of_a_template_are_always_the_same() -> None:
    family = FAMILIES[0]
    once, again = (list(fill(family, family.templates[0])) for _ in range(2))
    assert once == again
    assert len({filled.text for filled in once}) > TRIES // 2


def test_each_fact_has_its_twins_in_both_languages() -> None:
    twins = {"negated", "hypothetical", "other", "requirement", "comparison", "planned", "range"}
    for language in ("en", "zh"):
        assert twins <= {family.name for family in FAMILIES if family.language == language}

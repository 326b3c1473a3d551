"""Who says so: the grade of a source by rules that are data, independent sources counted, one fact over many works."""

from __future__ import annotations

from pathlib import Path

import pytest
from specimens import make_claim, make_document

import registry
from corpus.document import Document
from evidence.facts import Fact, gather_facts
from evidence.links import derive_links
from evidence.provenance import Provenance, ProvenanceError, Voice, load_rules
from extractors.claim import Attribution, Claim, ClaimType, Modality, Subject

KNOWN = registry.load()
DEEPSEEK = Subject(kind="model", id="deepseek-v3", name="DeepSeek-V3")


def hear(address: str, *, developer: str | None = None, subject: Subject = DEEPSEEK, **rest: object) -> Voice:
    document = make_document(address=address, work=address, developer=developer)
    return Provenance(KNOWN, [document]).hear(make_claim(document=document, subject=subject, **rest))


@pytest.mark.parametrize(
    ("address", "attribution", "grade"),
    [
        ("https://github.com/deepseek-ai/DeepSeek-V3/README.md", Attribution.OWN, "primary"),
        ("https://huggingface.co/deepseek-ai/DeepSeek-V3/README.md", Attribution.OTHER, "primary"),
        ("https://arxiv.org/abs/2412.19437", Attribution.OWN, "primary"),
        ("https://arxiv.org/abs/2501.00001", Attribution.OTHER, "secondary"),
        ("https://huggingface.co/Qwen/Qwen3-8B/README.md", Attribution.OTHER, "secondary"),
        ("https://www.reuters.com/technology/some-story", Attribution.OWN, "secondary"),
        ("https://old.reddit.com/r/x/comments/1", Attribution.OWN, "rumour"),
        ("file:reports/notes.md", Attribution.OWN, "primary"),
    ],
)
def test_a_source_is_graded_by_who_publishes_it(address: str, attribution: Attribution, grade: str) -> None:
    assert hear(address, attribution=attribution).grade == grade


def test_hearsay_is_a_rumour_whoever_prints_it() -> None:
    voice = hear("https://github.com/deepseek-ai/DeepSeek-V3/README.md", modality=Modality.REPORTED)
    assert (voice.grade, voice.because) == ("rumour", "told as hearsay")


def test_a_labs_paper_card_and_blog_are_one_source() -> None:
    voices = [
        hear("https://arxiv.org/abs/2412.19437", developer="DeepSeek"),
        hear("https://huggingface.co/deepseek-ai/DeepSeek-V3/README.md"),
        hear("https://api-docs.deepseek.com/news/news1226"),
        hear("file:reports/deepseek-v3.pdf"),
    ]
    assert {voice.source for voice in voices} == {"deepseek"}


def test_two_papers_of_others_are_two_sources_and_two_pages_of_one_host_one() -> None:
    papers = {hear(f"https://arxiv.org/abs/2501.0000{i}", attribution=Attribution.OTHER).source for i in (1, 2)}
    pages = {hear(f"https://blog.example.org/{i}", attribution=Attribution.OTHER).source for i in (1, 2)}
    assert (len(papers), pages) == (2, {"blog.example.org"})


def test_a_file_of_no_known_work_is_named_by_its_name() -> None:
    document = make_document("survey", "survey.pdf")
    (link,) = derive_links(
        [make_claim(document=document, attribution=Attribution.OTHER)], Provenance(KNOWN, [document])
    )
    assert link.reasons == ("secondary: said by a document on other work", "1 claim of one source: survey.pdf")


def test_a_link_says_its_grade_its_sources_and_what_speaks_against_it() -> None:
    paper = make_document("paper", "paper.pdf", work="arxiv:2601.00001")
    card = make_document("card", "card.md", work="url:card")
    other = make_document("other", "other.pdf", work="arxiv:2601.00002")
    (link,) = derive_links(
        [
            make_claim(ClaimType.CHIP_COUNT, value=2048, document=paper),
            make_claim(ClaimType.CHIP_COUNT, value=2000, document=card),
            make_claim(ClaimType.TRAINING_TIME, value=720, document=card),
            make_claim(document=other, attribution=Attribution.OTHER),
            make_claim(document=other, attribution=Attribution.OTHER, modality=Modality.NEGATED),
        ],
        Provenance(KNOWN, [paper, card, other]),
    )
    assert (link.grade, link.sources) == ("primary", 2)
    assert [figure.value for figure in link.periods] == [720]
    assert link.reasons == (
        "primary: said by a document that presents the model as its own work",
        "4 claims of 2 independent sources: arxiv:2601.00002, whoever made larch-7b",
        "1 claim denies it",
        "counts differ: 2,048, 2,000",
    )


def facts(*claims: Claim, documents: tuple[Document, ...]) -> tuple[Fact, ...]:
    works: dict[str, list[str]] = {}
    for document in documents:
        works.setdefault(document.work or "", []).append(document.sha256)
    versions = {document.sha256: (document.work or "", works[document.work or ""]) for document in documents}
    return gather_facts(claims, versions, Provenance(KNOWN, documents))


def test_versions_of_a_paper_a_card_and_a_blog_make_one_fact_with_all_evidence() -> None:
    first = make_document("v1", "v1.pdf", work="arxiv:2601.00001")
    second = make_document("v2", "v2.pdf", work="arxiv:2601.00001")
    card = make_document("card", "card.md", work="url:card")
    both = make_claim(ClaimType.CHIP_COUNT, value=2048, document=first)
    both = both.model_copy(
        update={"evidence": (*both.evidence, *make_claim(document=second).evidence)},
    )
    mine = make_claim(ClaimType.CHIP_COUNT, value=2048, document=card, printed="2,048 H800")
    (fact,) = facts(both, mine, documents=(first, second, card))
    assert fact.claims == tuple(sorted((both.id, mine.id)))
    assert {t.work: len(t.says) for t in fact.tellings} == {"arxiv:2601.00001": 2, "url:card": 1}
    assert (fact.sources, fact.printed) == (1, ("2,048 H800",))


def test_what_only_one_version_of_a_work_says_shows() -> None:
    first = make_document("v1", "v1.pdf", work="arxiv:2601.00001")
    second = make_document("v2", "v2.pdf", work="arxiv:2601.00001")
    claims = [
        make_claim(ClaimType.CHIP_COUNT, value=value, document=document)
        for value, document in ((2000, first), (2048, second))
    ]
    found = {fact.value: fact.tellings[0] for fact in facts(*claims, documents=(first, second))}
    assert (found[2000].says, found[2000].silent) == ((first.sha256,), (second.sha256,))
    assert (found[2048].says, found[2048].silent) == ((second.sha256,), (first.sha256,))


def test_an_estimate_and_a_statement_are_two_facts() -> None:
    document = make_document()
    claims = [
        make_claim(ClaimType.CHIP_COUNT, value=8, document=document, modality=modality)
        for modality in (Modality.ASSERTED, Modality.ESTIMATED, Modality.HYPOTHETICAL)
    ]
    assert sorted(fact.basis for fact in facts(*claims, documents=(document,))) == ["estimated", "reported"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[rule]]\nid = "a"\ngrade = "best"\nbecause = "x"\n', "rule.1.grade: Input should be"),
        ('[[rule]]\nid = "a"\ngrade = "rumour"\nbecause = "x"\ncolour = 1\n', "rule.1.colour: unknown key"),
        ('[[rule]]\nid = "a"\ngrade = "rumour"\nbecause = "x"\nmodality = ["reported"]\n', "must hold always"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_their_entry(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "provenance.toml").write_text(text)
    with pytest.raises(ProvenanceError, match=rf"provenance.toml: .*{said}"):
        load_rules(tmp_path / "provenance.toml")

"""Numbers as they are printed: each form has a value, the precision of its print and a place in the text."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from extractors.mentions.numbers import find_numbers


def values(text: str) -> list[float]:
    return [n.value for n in find_numbers(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,536", 1536),
        ("12,288,000", 12_288_000),
        ("1\u2009536", 1536),
        ("1\u202f536", 1536),
        ("1 536 GPUs", 1536),
        ("1_536", 1536),
        ("0.75", 0.75),
        ("2.788M", 2_788_000),
        ("14.8 trillion", 14.8e12),
        ("8 thousand", 8000),
        ("16K", 16_000),
        ("405B", 405e9),
        ("1.4T", 1.4e12),
        ("1.4t tokens", 1.4e12),
        ("110m parameters", 110e6),
        ("2.5 bn", 2.5e9),
        ("3.8×10^25", 3.8e25),
        ("3.8 x 10^{25}", 3.8e25),
        ("3.8 · 10**25", 3.8e25),
        ("3.8e25", 3.8e25),
        ("3.8E+25", 3.8e25),
        ("3.8×10²⁵", 3.8e25),
        ("10^25", 1e25),
        ("10 ^ 25", 1e25),
        ("6×10^-4", 6e-4),
        ("2^35 tokens", 2**35),
        ("2½ days", 2.5),
        ("2 1/2 days", 2.5),
        ("two and a half months", 2.5),
        ("half a day", 0.5),
        ("half a million", 500_000),
        ("a dozen", 12),
        ("two dozen", 24),
        ("twenty-four", 24),
        ("Thirty-two", 32),
        ("one hundred and twenty-eight", 128),
        ("two thousand forty-eight", 2048),
        ("a hundred thousand", 100_000),
        ("a single", 1),
        ("10万亿", 1e13),
        ("3.5 千亿", 3.5e11),
        ("15万", 150_000),
        ("3百万", 3e6),
        ("1.2億", 1.2e8),
        ("两个", 2),
        ("三百二十张", 320),
        ("一千五百三十六张", 1536),
        ("十二天", 12),
        ("两个半月", 2.5),
        ("3个半月", 3.5),
        ("半个月", 0.5),
        ("双卡", 2),
        ("单张", 1),
        ("三十亿参数", 3e9),
        ("两万亿 tokens", 2e12),
    ],
)
def test_every_form_of_a_number_has_its_value(text: str, value: float) -> None:
    found = find_numbers(text)
    assert len(found) == 1
    assert found[0].value == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("2.788M", 2_787_500, 2_788_500),
        ("3.8×10^25", 3.75e25, 3.85e25),
        ("56.3", 56.25, 56.35),
        ("14.8 trillion", 14.75e12, 14.85e12),
        ("33 ± 2", 31, 35),
        ("2000~3000", 2000, 3000),
    ],
)
def test_a_print_says_how_precise_its_number_is(text: str, lower: float, upper: float) -> None:
    (number,) = find_numbers(text)
    assert (number.lower, number.upper) == (pytest.approx(lower), pytest.approx(upper))


def test_a_count_is_exact() -> None:
    (number,) = find_numbers("2,048")
    assert (number.lower, number.upper) == (None, None)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2000~3000", 2000, 3000),
        ("6,000–8,000", 6000, 8000),
        ("6,000 to 8,000", 6000, 8000),
        ("between 6,000 and 8,000", 6000, 8000),
        ("7-15M", 7e6, 15e6),
        ("$7M-$15M", 7e6, 15e6),
        ("2 to 3 trillion", 2e12, 3e12),
        ("6–8 thousand", 6000, 8000),
        ("100-200万", 1e6, 2e6),
        ("2到3个", 2, 3),
        ("两三天", 2, 3),
        ("38%~43%", 38, 43),
    ],
)
def test_a_range_is_one_number_with_bounds(text: str, low: float, high: float) -> None:
    (number,) = find_numbers(text)
    assert number.qualifier == "range"
    assert (number.lower, number.upper) == (low, high)


@pytest.mark.parametrize(
    "text",
    [
        "8 and 16",
        "in 2019-2021",
        "on 2024-05-17",
        "from 35% to 63%",
        "1-64",
        "from 8 down to 2",
    ],
)
def test_two_numbers_are_not_always_a_range(text: str) -> None:
    assert all(n.qualifier != "range" for n in find_numbers(text))


@pytest.mark.parametrize(
    ("text", "qualifier"),
    [
        ("over 1,000", "at_least"),
        ("at least 32", "at_least"),
        ("no less than 5", "at_least"),
        ("10,000+", "at_least"),
        ("15+ trillion", "at_least"),
        ("8 or more", "at_least"),
        ("至少 32", "at_least"),
        ("超过 1000", "at_least"),
        ("二十多天", "at_least"),
        ("上千张", "at_least"),
        ("up to 512", "at_most"),
        ("no more than 6", "at_most"),
        ("less than $450", "at_most"),
        ("不超过 64", "at_most"),
        ("5 天以内", None),
        ("~33 days", "about"),
        ("roughly 900", "about"),
        ("约 9", "about"),
        ("9 天左右", "about"),
        ("近千张", "about"),
        ("万卡", "about"),
        ("moreover 3", None),
        ("图上 5", None),
    ],
)
def test_the_words_beside_a_number_qualify_it(text: str, qualifier: str | None) -> None:
    (number,) = find_numbers(text)
    assert number.qualifier == qualifier


@pytest.mark.parametrize(
    "text",
    [
        "H800",
        "RH20T",
        "V100R001C1",
        "GPT-3",
        "Qwen-72B",
        "A100-80GB",
        "v2",
        "fp8",
        "bf16",
        "GSM8K",
        "[12]",
        "[3, 5–7]",
        "GPUs.3 We",
        "torch 2.1.0",
        "数千张",
        "几百张",
        "第三天",
        "二〇二四年",
        "十几天",
        "百亿参数",
        "output",
        "someone",
        "often",
        "224^2",
    ],
)
def test_digits_inside_names_citations_and_versions_are_no_numbers(text: str) -> None:
    assert values(text) == []


def test_the_experts_of_a_mixture_are_not_multiplied_into_a_size() -> None:
    assert values("16x3.8B") == [16]


def test_a_flattened_exponent_is_never_taken_for_a_number() -> None:
    assert 1025 not in values("3.8×1025 FLOPs")


def test_tonnes_and_metres_are_no_multipliers() -> None:
    assert values("5 t of CO2 over 6 m") == [5, 6]


def test_kilowatt_hours_keep_their_thousand() -> None:
    assert values("500千瓦时") == [500]
    assert values("5兆瓦时") == [5]


def test_a_chinese_character_may_stand_right_before_a_number() -> None:
    assert values("使用2048张") == [2048]


PRINTED = st.one_of(
    st.integers(1, 10**6).map(lambda n: (f"{n:,}", float(n))),
    st.tuples(
        st.integers(1, 999), st.integers(0, 9), st.sampled_from([("K", 1e3), ("M", 1e6), ("B", 1e9), ("T", 1e12)])
    ).map(lambda t: (f"{t[0]}.{t[1]}{t[2][0]}", float(f"{t[0]}.{t[1]}") * t[2][1])),
    st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(3, 26)).map(
        lambda t: (f"{t[0]}.{t[1]}×10^{t[2]}", float(f"{t[0]}.{t[1]}e{t[2]}"))
    ),
    st.tuples(st.integers(1, 999), st.sampled_from([("万", 1e4), ("亿", 1e8), ("万亿", 1e12)])).map(
        lambda t: (f"{t[0]}{t[1][0]}", t[0] * t[1][1])
    ),
)
WORDS = st.lists(
    st.sampled_from(["we", "ran", "the", "model", "on chips", "for", "训练", "使用", "模型", ",", ".", "(", ")"]),
    max_size=12,
).map(" ".join)


@given(before=WORDS, printed=PRINTED, after=WORDS)
def test_a_planted_number_comes_back_with_its_place_and_value(
    before: str, printed: tuple[str, float], after: str
) -> None:
    figure, value = printed
    text = f"{before} | {figure} | {after}"
    start = len(before) + 3
    found = [n for n in find_numbers(text) if n.start == start]
    assert [n.printed for n in found] == [figure]
    assert found[0].value == pytest.approx(value, rel=1e-9)


ODD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("0123456789.,^×x*-–~%$()[]{}±½²⁵KMBTkmbt \u2009\u202f\u00a0万亿千百两半个月天张卡"),
    ),
    max_size=80,
)


@given(ODD)
@example("1,111,111,111,111,111,111,111")
@example("9" * 400)
@example("1e999 10^99999 2^9999 1e-400")
@example("一" * 60 + "个")
@example("½ ²⁵ ^5 **3 .5. ..5")
def test_no_text_breaks_the_reading_of_numbers_and_spans_slice_to_what_was_printed(text: str) -> None:
    found = find_numbers(text)
    for number in found:
        assert text[number.start : number.end] == number.printed
        assert number.value == number.value
        assert number.lower is None or number.upper is None or number.lower <= number.upper
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "piece",
    ["1 111 ", "1,111,", "1.1.", "9", "一", "twenty ", "10^", "1 × ", "[1,", "2-", "$", "1e", "两三", "hundred "],
)
def test_reading_takes_time_in_proportion_to_the_text(piece: str) -> None:
    def seconds(times: int) -> float:
        text = piece * times
        best = 9.0
        for _ in range(3):
            begin = time.process_time()
            find_numbers(text)
            best = min(best, time.process_time() - begin)
        return best

    assert seconds(16_000) < 16 * max(seconds(2_000), 0.01)

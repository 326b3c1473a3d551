"""The registry: what its data files hold, what the loader refuses, and how chips are found by name."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import Registry, RegistryError, load
from registry.catalogue import DATA
from registry.chips import Chip, performance_density, tpp
from registry.lookup import UnknownNameError, find_chip, lay_out, select_chips
from registry.tables import fold

EVAL = Path(__file__).parents[2] / "shared" / "eval"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load()


@pytest.fixture
def spoil(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """Copies the data and replaces one passage of one file."""

    def copy(name: str, old: str, new: str) -> Path:
        shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return copy


@pytest.mark.parametrize(
    ("written", "chip_id"),
    [
        ("h20", "nvidia-h20"),
        ("NVIDIA H800", "nvidia-h800"),
        ("A100-SXM4-80GB", "nvidia-a100-sxm4-80gb"),
        ("A100 80GB", "nvidia-a100-80gb"),
        ("80GB A100", "nvidia-a100-80gb"),
        ("英伟达A100", "nvidia-a100"),
        ("Tesla V100", "nvidia-v100"),
        ("V100-SXM2-32GB", "nvidia-v100-sxm2-32gb"),
        ("昇腾910", "huawei-ascend-910"),
        ("昇腾 910B", "huawei-ascend-910b"),
        ("Ascend910", "huawei-ascend-910"),
        ("华为昇腾", "huawei-ascend"),
        ("TPUv4", "google-tpu-v4"),
        ("Cloud TPU v3", "google-tpu-v3"),
        ("寒武纪", "cambricon-mlu"),
        ("海光DCU", "hygon-dcu"),
        ("昆仑芯", "kunlunxin-kunlun"),
        ("Trainium2", "aws-trainium2"),
        ("MI250X", "amd-mi250x"),
        ("Gaudi 2", "intel-gaudi2"),
        ("RTX A6000", "nvidia-rtx-a6000"),
        ("GTX 1080Ti", "nvidia-gtx-1080-ti"),
        ("CS-2", "cerebras-wse2"),
        ("显卡", "gpu"),
        ("加速卡", "accelerator"),
        ("nvidia-l40s", "nvidia-l40s"),
    ],
)
def test_a_chip_is_found_by_the_spellings_of_papers(registry: Registry, written: str, chip_id: str) -> None:
    assert find_chip(registry, written).id == chip_id


def test_an_unknown_chip_gets_suggestions(registry: Registry) -> None:
    with pytest.raises(UnknownNameError, match=r"no chip is called 'h8000'; did you mean .*nvidia-h800"):
        find_chip(registry, "h8000")


def test_chips_are_selected_by_their_maker(registry: Registry) -> None:
    chosen = select_chips(registry, "华为")
    assert {"huawei-ascend-910", "huawei-ascend-910b-b3"} <= {chip.id for chip in chosen}
    assert {chip.vendor for chip in chosen} == {"huawei"}
    with pytest.raises(UnknownNameError, match="no maker is called 'nvidea'; did you mean nvidia"):
        select_chips(registry, "nvidea")


def test_words_for_unnamed_chips_are_not_listed_as_chips(registry: Registry) -> None:
    assert registry.chip("gpu").generic
    assert "gpu" not in {chip.id for chip in select_chips(registry)}


def test_a_family_can_mean_each_of_its_parts(registry: Registry) -> None:
    assert [chip.id for chip in registry.parts("nvidia-h20")] == ["nvidia-h20-96gb", "nvidia-h20-141gb"]
    assert registry.lineage("nvidia-a100-sxm4-80gb") == ("nvidia-a100-sxm4-80gb", "nvidia-a100-80gb", "nvidia-a100")
    assert {"nvidia-a100-pcie-40gb", "nvidia-a100-sxm4-80gb"} <= {chip.id for chip in registry.parts("nvidia-a100")}


def test_a_card_gives_the_range_of_a_family_and_the_machines_that_carry_it(registry: Registry) -> None:
    card = lay_out(registry, registry.chip("huawei-ascend-910b"))
    assert card.tpp == (4480, 6400)
    assert card.performance_density is None
    assert "huawei-atlas-800t-a2" in {system.id for system in card.systems}
    assert [family.id for family in card.families] == ["huawei-ascend"]


def test_tpp_is_the_largest_throughput_times_bits() -> None:
    chip = Chip(
        id="x", name="X", level="part", kind="gpu", sources="s", confidence="high", process_nm=7, die_area_mm2=100,
        bf16_dense_tflops=100, int8_dense_tops=250, fp8_dense_tflops=150,
    )  # fmt: skip
    assert tpp(chip) == 2000
    assert performance_density(chip) == 20


def test_planar_transistors_have_no_performance_density(registry: Registry) -> None:
    assert performance_density(registry.chip("nvidia-titan-x-maxwell")) is None


def test_published_totals_are_reproduced_from_throughput(registry: Registry) -> None:
    published = {
        "nvidia-h100-sxm5-80gb": 15831,
        "nvidia-h20-96gb": 2368,
        "nvidia-l20": 1912,
        "nvidia-a100-sxm4-80gb": 4992,
    }
    for chip_id, total in published.items():
        figures = {k: v for k, v in registry.chip(chip_id).figures().items() if k.endswith(("_tflops", "_tops"))}
        bare = Chip(id="x", name="X", level="part", kind="gpu", sources="s", confidence="high", **figures)
        assert tpp(bare) == pytest.approx(total, rel=0.001)


def test_every_id_is_lower_case_words_joined_by_hyphens_with_the_maker_first(registry: Registry) -> None:
    for chip in registry.chips:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", chip.id), chip.id
        assert chip.vendor is None or chip.id.startswith(f"{chip.vendor}-"), chip.id


def test_a_machine_says_how_many_chips_it_holds(registry: Registry) -> None:
    systems = {system.id: system for system in registry.systems}
    assert [(f.chip, f.per_unit) for f in systems["aws-p4d"].chips] == [("nvidia-a100-40gb", 8)]
    assert systems["nvidia-dgx-2"].chips[0].per_unit == 16
    assert {f.chip for f in systems["jean-zay"].chips} == {"nvidia-v100", "nvidia-a100-80gb", "nvidia-h100-80gb"}
    assert systems["pengcheng-cloudbrain-2"].chips[0].total == 4096


def test_chinese_names_of_developers_and_models_are_known(registry: Registry) -> None:
    developers = {s.text: d.id for d in registry.developers for s in d.spellings()}
    assert developers["月之暗面"] == "moonshot"
    assert developers["鹏城实验室"] == "pengcheng"
    models = {s.text: m.id for m in registry.models for s in m.spellings()}
    assert models["通义千问"] == "qwen"
    assert models["书生·浦语"] == "internlm-models"


def test_words_with_other_meanings_are_weak_spellings(registry: Registry) -> None:
    weak = {s.text for row in (*registry.chips, *registry.models, *registry.systems) for s in row.spellings() if s.weak}
    assert {"A10", "L4", "Yi", "Ring", "Falcon", "Frontier", "Aurora", "M2"} <= weak


@given(st.text(alphabet="ABCxyz0189 -_", max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_sets_aside_width_case_spaces_and_hyphens() -> None:
    assert fold("Ａ100-SXM4 80GB") == fold("a100 sxm4-80gb") == "a100sxm480gb"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("chips.csv", "tdp_w", "watts", r"chips\.csv, line \d+ \(.+\): watts: unknown key"),
        ("chips.csv", "nvidia-l20,", "nvidia-l40,", r"\(nvidia-l40\): id: is taken by chips\.csv, line \d+"),
        ("chips.csv", "L20 PCIe;", "L40S;L20 PCIe;", r"chips\.csv, line \d+ .*: alias 'L40S' is claimed by"),
        ("chips.csv", ",4000,", ",-4000,", r"\(nvidia-h20-96gb\): memory_bandwidth_gb_s: -4000 is impossible"),
        ("chips.csv", ",4000,", ",inf,", r"\(nvidia-h20-96gb\): memory_bandwidth_gb_s: inf is impossible"),
        ("chips.csv", ",2368,", ",2400,", r"\(nvidia-h20-96gb\): tpp: 2400 is not the largest .* 2368"),
        ("chips.csv", ",2.91,", ",3.2,", r"\(nvidia-h20-96gb\): performance_density: 3\.2 is not .* 2\.91"),
        ("chips.csv", ",part,nvidia-h20,", ",part,nvidia-h21,", r"family: no chip has the id 'nvidia-h21'"),
        ("chips.csv", "H20 96GB,nvidia,", "H20 96GB,nvidea,", r"vendor: no vendor has the id 'nvidea'"),
        ("chips.csv", "2023-11-09", "9 November 2023", r"announced: string should match pattern"),
        ("systems.toml", 'chip = "amd-mi250x"', 'chip = "amd-mi9"', r"systems\.toml, entry \d+ \(lumi\): chips: no"),
        ("systems.toml", "total = 11912", "total = 12000", r"\(lumi\): chips: per_unit × units is 11912, total says"),
        ("systems.toml", '"DGX-2H"', '"H800"', r"\(nvidia-dgx-2\): alias 'H800' is claimed by the chip nvidia-h800"),
        ("developers.toml", "country =", "nation =", r"developers\.toml, entry 1 \(huawei\): (nation|country): "),
        ("models.toml", 'developer = "baidu"', 'developer = "bidu"', r"\(ernie\): developer: no developer has the id"),
        ("models.toml", '"悟道"', '"盘古"', r"\(wudao\): alias '盘古' is claimed by pangu too"),
        ("releases.csv", "DeepSeek-V3,deepseek", "DeepSeek-V3,deepsek", r"\(deepseek-v3\): family: no model has"),
        ("techniques.toml", "[[technique]]", "[[techniques]]", r"techniques\.toml: unknown key 'techniques'"),
        ("techniques.toml", "[[technique]]", "[[technique", r"techniques\.toml: is not valid TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_file_and_row(
    spoil: Callable[[str, str, str], Path], name: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(RegistryError, match=message):
        load(spoil(name, old, new))


def test_a_row_with_a_missing_cell_is_refused(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "releases.csv").open("a", encoding="utf-8") as file:
        file.write("half-a-row,Half\n")
    with pytest.raises(RegistryError, match=r"\(half-a-row\): has not as many cells as there are columns"):
        load(tmp_path)


def test_a_stated_total_may_differ_when_the_row_says_why(registry: Registry) -> None:
    chip = registry.chip("hygon-z100")
    assert tpp(chip) == 691
    assert "fp64" in chip.tpp_reason


@pytest.mark.skipif(not EVAL.exists(), reason="the folder with the gold facts is not beside the checkout")
def test_techniques_have_the_ids_of_the_reading_accuracy_scheme(registry: Registry) -> None:
    with (EVAL / "techniques.csv").open(encoding="utf-8") as file:
        assert {row["id"] for row in csv.DictReader(file)} == {technique.id for technique in registry.techniques}


@pytest.mark.skipif(not EVAL.exists(), reason="the folder with the gold facts is not beside the checkout")
def test_the_chips_of_the_gold_facts_are_in_the_registry(registry: Registry) -> None:
    named = {
        claim["chip"]
        for path in (EVAL / "gold").glob("*.json")
        for claim in json.loads(path.read_text(encoding="utf-8"))["claims"]
        if claim.get("chip")
    }
    known = [set(chip.id.split("-")) for chip in registry.chips]
    assert named
    assert not [chip for chip in named if not any(set(chip.split("-")) <= parts for parts in known)]


def test_the_page_on_the_registry_names_every_data_file() -> None:
    page = (Path(__file__).parents[1] / "docs" / "registry.md").read_text(encoding="utf-8")
    assert not [path.name for path in DATA.iterdir() if f"`{path.name}`" not in page]

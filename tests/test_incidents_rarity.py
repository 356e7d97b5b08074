"""The table of how common three characters in a row are: what it weighs, and that it can be built anew."""

from __future__ import annotations

import gzip
import json
import random
import tracemalloc
from pathlib import Path

import pytest

from monitor.incidents import build_rarity, rarity, texts
from monitor.incidents.rarity import (
    FEW,
    LEAST,
    LOOKED_AT,
    SLOTS,
    TABLE,
    TRIGRAMS,
    alike,
    build,
    normal,
    rarest,
    weight,
    weights,
    within,
)

FOLDER = build_rarity.shared()


@pytest.mark.shared
@pytest.mark.skipif(FOLDER is None, reason="set XINSHAO_SHARED to the folder with data/background.jsonl.gz")
def test_the_shipped_table_is_what_the_script_builds() -> None:
    assert FOLDER is not None
    assert gzip.decompress(build_rarity.table(FOLDER)) == gzip.decompress(TABLE.read_bytes())


def test_without_the_data_the_table_stays_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = TABLE.read_bytes()
    monkeypatch.setenv("XINSHAO_SHARED", str(tmp_path))
    assert build_rarity.main() == 1
    assert "skipped" in capsys.readouterr().err
    assert TABLE.read_bytes() == before


def test_rows_that_the_incidents_name_are_left_out(tmp_path: Path) -> None:
    row = {"title": None, "text": "望江台的瓦工没拿到钱"}
    rows = [{"id": f"r{number}", **row} for number in range(LEAST + 1)]
    with gzip.open(tmp_path / "background.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps({"id": "b", "title": "", "text": "今天天气不错"}) + "\n")
    with gzip.open(tmp_path / "unlabelled.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("")
    (tmp_path / "labelled.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (tmp_path / "incidents.json").write_text(json.dumps({"incidents": [["r0", "r1"]]}), "utf-8")
    few = gzip.decompress(build_rarity.table(tmp_path))
    (tmp_path / "incidents.json").write_text(json.dumps({"incidents": []}), "utf-8")
    assert not any(few[1:])
    assert any(gzip.decompress(build_rarity.table(tmp_path))[1:])


def test_what_few_posts_hold_is_not_in_a_table() -> None:
    common, rare = ["拖欠工资三个月"] * LEAST, ["望江台瓦工"] * (LEAST - 1)
    table = gzip.decompress(build(common + rare))
    assert len(table) == SLOTS + 1
    assert sum(byte > 0 for byte in table[1:]) == 5  # the trigrams of the common one


def test_a_name_weighs_more_than_what_everybody_says() -> None:
    assert weight("望禾苑") == rarest() > weight("拖欠工")
    assert alike("望禾苑欠薪", "望禾苑拖着不给") > alike("老板拖欠工资", "拖欠工资没人管")
    assert within("", "任何") == 0.0


def test_what_is_remembered_of_texts_stays_under_256_megabytes_whatever_comes() -> None:
    """A year of posts had filled 600 MB, a few hundred kB a day, under a limit of 1 GB (docs/xinshao.service)."""
    chance, some = random.Random(3), 40
    long = ["".join(map(chr, chance.choices(range(0x4E00, 0x8E00), k=2 * LOOKED_AT))) for _ in range(some)]
    whole = 0
    for cache in (weights, texts._shingles):
        cache.cache_clear()
        tracemalloc.start()
        for text in long:
            cache(text)
        whole += tracemalloc.get_traced_memory()[0] // some * (cache.cache_info().maxsize or 1 << 30)
        tracemalloc.stop()
        cache.cache_clear()
    assert whole + (TRIGRAMS + texts._Ranks.MOST) * 250 < 256 << 20, f"{whole >> 20} MB"  # 250: a key with its number


def test_a_flood_of_long_posts_fills_no_memory() -> None:
    """512 posts of 20,000 characters had taken 1.9 GB, though the test above said `whatever comes`."""
    chance = random.Random(4)
    long = ["".join(map(chr, chance.choices(range(0x4E00, 0x8E00), k=20_000))) for _ in range(12)]
    tracemalloc.start()
    for text in long:
        alike(normal(text), normal(long[0]))
        texts.jaccard(normal(text), normal(long[0]))
        texts.text_key(normal(text))
        texts.heading(text)
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < 24 << 20, f"{taken >> 20} MB"
    sizes = [cache.cache_info().maxsize for cache in (rarity._long_normal, texts._long_shingles)]
    assert sizes == [FEW, 4]

"""The manual stands where the work is, and begins with what the reader does."""

from __future__ import annotations

from pathlib import Path

import pytest
import webhouse


@pytest.mark.parametrize(
    ("name", "first"),
    [("zhou", "duty"), ("jian", "handler"), ("lin", "leader"), ("ruan", "admin"), ("shen", "auditor")],
)
def test_the_readers_own_chapter_comes_first_and_the_rules_are_never_missing(
    tmp_path: Path, name: str, first: str
) -> None:
    browser = webhouse.build(tmp_path).browser(name)
    page = browser.get("/manual").text
    chapters = [
        page.index(f'<section class="card" id="{one}"') for one in ("duty", "handler", "leader", "admin", "auditor")
    ]
    own = page.index(f'<section class="card" id="{first}"')
    assert own == min(chapters)
    assert "对事不对人" in page
    assert 'href="/manual"' in browser.get("/board").text


def test_the_keys_the_manual_names_are_those_of_the_queue(tmp_path: Path) -> None:
    house = webhouse.build(tmp_path)
    house.holds()
    browser = house.browser("zhou")
    queue, manual = browser.get("/queue").text, browser.get("/manual").text
    for key, word in (("1", "属实立案"), ("2", "不是"), ("3", "已解决"), ("4", "争议"), ("5", "稍后")):
        assert f"<kbd>{key}</kbd>{word}" in queue
        assert f"<kbd>{key}</kbd> {word}" in manual


def test_who_is_not_signed_in_reads_nothing_of_it(tmp_path: Path) -> None:
    answer = webhouse.build(tmp_path).browser().get("/manual")
    assert answer.status_code in (303, 401, 403)


def test_the_public_page_says_who_how_long_and_what_it_came_to(tmp_path: Path) -> None:
    """个人信息保护法 17, 35; nobody has to sign in for it, and it names no case."""
    house = webhouse.build(tmp_path)
    house.opens()
    page = house.browser().get("/about").text
    promised = ("谁在处理，怎么联系", "12333", "销号后 90 日只留遮蔽后的文字", "把握大的线索先建档")
    worker = ("不必先发帖", "根治欠薪线索反映平台", "也不会要求您删帖", "劳动保障监察查处两年内的欠薪", "不用说明理由")
    for words in (*promised, *worker, "做得怎样", "立案 1 件"):
        assert words in page, words
    assert "立案、核实、销号" not in page, "the machine does open cases, marked 未核实"
    assert "QX-" not in page

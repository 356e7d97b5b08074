"""`xinshao facts` and `xinshao mask` as filters: JSON lines in, JSON lines out, one bad line among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import monitor.demo
from monitor.commands import understanding
from monitor.facts import read
from monitor.model import Post

COUNTY = str(Path(monitor.demo.__file__).with_name("county.yaml"))


def run(command: list[str], rows: list[dict[str, Any] | str]) -> tuple[int, list[dict[str, Any]]]:
    app = typer.Typer()
    understanding.register(app)
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows)
    result = CliRunner().invoke(app, command, input=lines.encode())
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def test_facts_answers_line_by_line_in_order() -> None:
    rows: list[dict[str, Any] | str] = [
        {"id": "a", "text": "我们18个人被拖欠工资32万6"},
        "{broken",
        {"id": "c", "text": 5},
        {"id": "d", "title": "锦禾苑三期", "text": "三个月没发工资", "unknown": {"x": 1}},
    ]
    status, answers = run(["facts", "--county", COUNTY], rows)
    assert status == 1
    assert [answer.get("id") for answer in answers] == ["a", None, "c", "d"]
    assert ["error" in answer for answer in answers] == [False, True, True, False]
    assert set(answers[0]) >= {"id", "facts", "spans", "missing"}
    assert set(answers[0]["facts"]) == {
        "workers", "amount_yuan", "months", "employer", "project", "place", "sector", "traits",
    }  # fmt: skip
    assert answers[3]["facts"]["project"] == "锦禾苑三期"
    assert answers[3]["facts"]["place"]["in_area"] is True
    assert set(answers[3]["facts"]["place"]) >= {"text", "code", "name", "level", "in_area"}


def test_area_decides_whether_a_place_lies_in_it() -> None:
    post = {"id": "1", "text": "河南省新乡市卫滨区一工地拖欠工资"}
    inside = run(["facts", "--area", "410703"], [post])[1][0]["facts"]["place"]
    beside = run(["facts", "--area", "410702"], [post])[1][0]["facts"]["place"]
    unsaid = run(["facts"], [post])[1][0]["facts"]["place"]
    assert [place["in_area"] for place in (inside, beside, unsaid)] == [True, False, None]
    assert inside["code"] == "410703"


def test_area_must_be_a_code() -> None:
    assert run(["facts", "--area", "新乡"], [{"id": "1", "text": "x"}])[0] == 2


def test_mask_gives_the_post_without_personal_data() -> None:
    post = {"id": "1", "title": "我叫周小满", "text": "电话13900000000", "author": "小满在工地", "extra": "13900000000"}
    status, (answer,) = run(["mask"], [post])
    assert status == 0
    assert (answer["title"], answer["text"]) == ("我叫周**", "电话139********")
    assert {(span["field"], span["kind"]) for span in answer["spans"]} == {("title", "name"), ("text", "mobile")}
    assert "13900000000" not in json.dumps(answer)
    assert "小满" not in json.dumps(answer, ensure_ascii=False)


@pytest.mark.parametrize(
    "said", ["23个工人3个月工资", "23个工人三个月工资", "23名木工2个多月工钱", "23位师傅4个半月工资"]
)
def test_months_of_wages_are_no_further_workers(said: str) -> None:
    assert read(Post(id="a", text=f"甲木建工拖欠我们{said}，一共46万元")).workers == 23

"""Every reason that the machine can write has a Chinese sentence, found by reading the code that writes it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from monitor.channels.wording import money as message_money
from monitor.channels.wording import words as message_words
from monitor.collect.answer import Why
from monitor.collect.words import explain
from monitor.digest.words import money as paper_money
from monitor.ledger.standing import catalogue as ledger_words
from monitor.model import Act, IncidentState, Level, Occasion, Verification
from monitor.names import money, names
from monitor.reasons import in_words
from monitor.web.desk import words as desk_words

ROOT = Path(__file__).parent.parent / "monitor"
CODE = [
    *ROOT.glob("ledger*.py"), *ROOT.glob("pipeline/[!b]*.py"), *ROOT.glob("incidents/*.py"),
    ROOT / "facts" / "place.py", ROOT / "collect" / "health.py",
]  # fmt: skip
WRITERS = {"Change": 2, "Placement": 1, "Alarm": 2, "Spread": 2, "Matter": 2}  # call -> which argument is the reason
FETCHED = re.compile(r"7: |7 \(|7：")  # a class of collect.answer.Why and what was seen: told by collect/reasons.yaml
WORDS = re.compile(r"[A-Za-z]{3,}")


def literal(node: ast.expr) -> str | None:
    """A string of the code, each of its values as a sample."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else sample(ast.unparse(part)) for part in node.values
        )
    return None


def sample(value: str) -> str:
    """What could stand in the place of `{value}`: a name where it is one, a span, a figure otherwise."""
    if re.search(r"employer|project|named|\bname\b|disagree", value):
        return "甲木建工"
    if "_said" in value:
        return "3.0 days"
    if "kind" in value:
        return "open"
    if value == "{words}":
        return "its longest pause lately was"
    return "0.97" if ":.2" in value or "score" in value else "2027-01-20" if "date()" in value else "7"


def branches(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from branches(node.body)
        yield from branches(node.orelse)
    elif isinstance(node, ast.Tuple):
        yield from (one for element in node.elts for one in branches(element))
    else:
        yield node


def written(path: Path) -> Iterator[str]:
    """Reasons that a file writes: `reason=` of a call, `reason = ...`, and `return score, "why"` of a comparison."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            given += [one.value for one in node.keywords if one.arg == "reason"]
            if name in WRITERS and len(node.args) > WRITERS[name]:
                given.append(node.args[WRITERS[name]])
        elif isinstance(node, ast.Assign) and "reason" in ast.unparse(node.targets[0]):
            given.append(node.value)
        elif isinstance(node, ast.Return) and path.name == "place.py":
            given += [node.value] if isinstance(node.value, ast.Tuple | ast.IfExp) else []
        for one in given:
            yield from (text for branch in branches(one) if (text := literal(branch)) and " " in text)


FOUND = sorted({(path.name, text) for path in CODE for text in written(path) if not FETCHED.match(text)})


def test_the_code_is_really_read() -> None:
    assert len(FOUND) > 25
    assert ("place.py", "linked by a person") in FOUND


@pytest.mark.parametrize(("file", "reason"), FOUND)
def test_every_reason_has_a_chinese_sentence(file: str, reason: str) -> None:
    assert not WORDS.search(in_words(reason)), f"{file}: no sentence in reasons.yaml for {reason!r}"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("mail server 10.1.1.2:465: Error connecting to 10.1.1.2 on port 465: [Errno 111] Connect call failed",
         "连不上邮件服务器 10.1.1.2:465：连接被拒绝（服务没有开，或端口不对）"),
        ("mail server mx.a:25: Timed out waiting for server ready message", "邮件服务器 mx.a:25：没有应答"),
        ("mail server mx.a:25: SMTP STARTTLS extension not supported by server.",
         "邮件服务器 mx.a:25：对方不支持 STARTTLS 加密（见 XINSHAO_SMTP_TLS）"),
        ("550 5.1.1 no such user", "邮件服务器答复 550 5.1.1 no such user"),
        ("no robot '值班群' is configured", "没有设置机器人“值班群”（XINSHAO_ROBOTS）"),
        ("no answer within 40 s: outcome unknown", "40 秒没有应答，是否送达不明"),
    ],
)  # fmt: skip
def test_why_a_mail_did_not_arrive_is_told_in_words(said: str, told: str) -> None:
    assert in_words(said) == told


def test_every_class_of_a_fetch_has_a_chinese_sentence() -> None:
    for why in Why:
        assert re.search("[一-龥]", explain(f"{why}: whatever was seen")), why


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("alert, score 0.99; same employer 己光电子厂", "达到直接预警线，分数 0.99；同一用人单位：己光电子厂"),
        ("yellow:10-29人; red:正在发生", "10-29人；正在发生"),
        (
            "nothing new for 3.0 days; its entry promises something every 40 min",
            "已有 3.0 天 没有新内容；约定每 40 分钟 至少一条",
        ),
        ("已电话联系住建局; same 项目", "已电话联系住建局；same 项目"),
        ("same project {0.__class__}", "同一项目：{0.__class__}"),
        ("", ""),
    ],
)
def test_a_machines_reason_is_told_and_a_persons_stays(reason: str, told: str) -> None:
    assert in_words(reason) == told


@pytest.mark.parametrize(
    ("group", "members"),
    [("acts", Act), ("states", IncidentState), ("verification", Verification), ("levels", Level)],
)
def test_every_member_has_one_word_and_every_face_says_it(group: str, members: type[StrEnum]) -> None:
    assert set(names()[group]) == {one.value for one in members}
    for said in (desk_words(), ledger_words(), message_words()):
        found = said.get("verifications" if group == "verification" and "verifications" in said else group)
        if found is not None and isinstance(found[next(iter(members)).value], str):
            assert found == names()[group]


@pytest.mark.parametrize(
    ("yuan", "told"),
    [(0, "0元"), (860, "860元"), (9_999.5, "9,999.5元"), (10_000, "1万元"), (326_000, "32.6万元"),
     (126_664.02, "12.67万元"), (1_266_640_200, "12.67亿元")],
)  # fmt: skip
def test_money_is_written_the_same_everywhere_but_for_a_gap(yuan: float, told: str) -> None:
    assert money(yuan) == told
    assert message_money(yuan).replace(" ", "") == told
    assert paper_money(yuan) == told


def test_every_occasion_has_a_word_in_mails() -> None:
    assert [one for one in Occasion if one.value not in message_words()["occasions"]] == []

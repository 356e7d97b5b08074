"""One debt from the first post to the look-back and back again: over the commands and over real HTTP on loopback.

The web application is served by its real server, people have real accounts and sessions, every form carries the token
of its page, and the links are the ones that stand in the mails. Only the clock is the test's.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
import re
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
import uvicorn
from click.testing import Result
from pipelinehouse import COUNTY, feeds_yaml
from typer.testing import CliRunner

from monitor import config
from monitor.channels import Channels
from monitor.commands import ledgering, recording, serving, users
from monitor.outbox import deliver_due
from monitor.pipeline import clock
from monitor.pipeline.house import House, assemble
from monitor.service import Service
from monitor.store import incidents
from monitor.text import SHANGHAI
from monitor.web import create_app

PASSWORD = "柳溪镇的桥修了三年还没修好"
PEOPLE = (("jian", "handler", "housing"), ("ren", "handler", "hrss"), ("zhou", "duty", None), ("wu", "duty", None))
DEBT = (
    "我们{n}个木工在柳溪镇锦禾苑三期干了四个月，甲木建工拖欠我们工资{amount}万元，打电话不接，到现在一分钱没给，"
    "求有关部门管管。"
)
INCIDENT = "QX-2026-0001"
ACTS = f"/incidents/{INCIDENT}/acts"


@dataclass
class Person:
    """One signed-in browser. Every form takes the token from the page it stands on."""

    client: httpx.Client

    def page(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    def _hidden(self, name: str, page: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found, name
        return found[1]

    def sign_in(self, name: str) -> None:
        token = self._hidden("token", self.page("/signin"))
        form = {"name": name, "password": PASSWORD, "token": token, "next": "/"}
        assert self.client.post("/signin", data=form).status_code == 303

    def act(self, name: str, *, status: int = 303, **given: Any) -> str:
        page = self.page(f"/incidents/{INCIDENT}")
        form = {"csrf": self._hidden("csrf", page), "version": self._hidden("version", page), "reason": "按规定办理"}
        answer = self.client.post(f"{ACTS}/{name}", data={**form, **given})
        assert answer.status_code == status, (name, answer.status_code)
        return answer.text

    def files(self, name: str, body: bytes, **given: str) -> httpx.Response:
        form = {"csrf": self._hidden("csrf", self.page(f"/incidents/{INCIDENT}")), **given}
        slip = {"file": (name, body, "application/pdf")}
        return self.client.post(f"/incidents/{INCIDENT}/files", data=form, files=slip)


@dataclass
class Town:
    """The installation, its clock, and everybody's mail."""

    home: Path
    address: str
    house: House
    now: datetime = datetime(2026, 3, 10, 10, 0, tzinfo=SHANGHAI)  # a Tuesday; no campaign runs
    read: set[Path] = field(default_factory=set)
    clients: list[httpx.Client] = field(default_factory=list)

    def tick(self, **span: float) -> None:
        """Time passes, and the service's jobs run as they would."""
        self.now += timedelta(**span)
        self.house.ledger.escalate_due(self.now)

    def run(self, *words: str) -> Result:
        app = typer.Typer()
        for part in (serving, users, ledgering, recording):
            part.register(app)
        return CliRunner().invoke(app, list(words), input=f"{PASSWORD}\n", catch_exceptions=False)

    def brings(self, number: int, text: str) -> str:
        """A post, published a minute ago, through `xinshao import`."""
        post = {
            "id": f"t{number}", "text": text, "platform": "青禾论坛", "author": f"网友{number}",
            "url": f"https://bbs.qinghe.example/t/{number}",
            "published_at": (self.now - timedelta(minutes=1)).isoformat(),
        }  # fmt: skip
        path = self.home / f"posts{number}.jsonl"
        path.write_text(json.dumps(post, ensure_ascii=False), encoding="utf-8")
        done = self.run("import", str(path), "--feed", "县论坛")
        assert done.exit_code == 0, done.stdout
        return str(done.stdout)

    def mails(self) -> list[tuple[str, str, str]]:
        """(recipient, subject, text) of what was delivered since the last look."""
        asyncio.run(deliver_due(self.house.store, Channels.from_settings(self.house.config.settings), self.now))
        new = sorted(set((self.house.config.settings.home / "mail").glob("*.eml")) - self.read)
        self.read |= set(new)
        found = []
        for path in new:
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            body = message.get_body(("plain",))
            assert body is not None
            found.append((str(message["To"]), str(message["Subject"]), str(body.get_content())))
        return found

    def link(self, recipient: str) -> str:
        """The one-time link in the newest mail to somebody."""
        found = [re.search(r"/ack/[0-9a-f]{40}", text) for to, _, text in self.mails() if to == recipient]
        links = [match[0] for match in found if match]
        assert links, recipient
        return links[-1]

    def browser(self, name: str | None = None) -> Person:
        person = Person(httpx.Client(base_url=self.address, trust_env=False, timeout=30))
        self.clients.append(person.client)
        if name:
            person.sign_in(name)
        return person

    def row(self) -> dict[str, Any]:
        with self.house.store.read() as c:
            found = incidents.one(c, INCIDENT)
        assert found is not None
        return found


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    for key, value in {
        "HOME": str(tmp_path / "var"),
        "BASE_URL": address,
        "SECRET": "s" * 40,
        "QUIET_HOURS": "",
    }.items():
        monkeypatch.setenv(f"XINSHAO_{key}", value)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.yaml").write_text(feeds_yaml([{"name": "热线", "url": "https://x.example/rss"}]), "utf-8")
    (tmp_path / "county.yaml").write_text(COUNTY.read_text("utf-8"), "utf-8")
    house = assemble(config.load())
    town = Town(tmp_path, address, house)

    class Held(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return town.now

    monkeypatch.setattr(clock, "datetime", Held)
    app = create_app(house.store, house.ledger, house.config, now=lambda: town.now)
    port = int(address.rpartition(":")[2])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield town
    for client in town.clients:
        client.close()
    server.should_exit = True
    thread.join()
    house.close()


def test_a_debt_from_the_first_post_to_the_look_back_and_back_again(town: Town) -> None:
    assert {"remind", "duty", "digest", "deliver"} <= set(Service(town.house).jobs)  # as `tick` does
    for name, role, department in PEOPLE:
        words = ["--department", department] if department else []
        done = town.run("user", "add", name, "--role", role, "--password-stdin", *words)
        assert done.exit_code == 0, done.stdout

    # ---------------------------------------------------------- alert, and 签收 by the link in the mail
    assert "open=1" in town.brings(1, DEBT.format(n=23, amount=46))
    link = town.link("duty@housing.example.invalid")
    phone = town.browser()
    for _ in range(3):  # a scanner that follows links acknowledges nothing
        assert "打开本页不等于签收" in phone.page(link)
    assert town.row()["state"] == "assigned"
    seal = re.search(r'name="seal" value="([^"]+)"', phone.page(link))
    assert seal
    assert phone.client.post(link, data={"do": "acknowledge"}).status_code == 403  # without the seal of the page
    town.tick(minutes=20)
    assert phone.client.post(link, data={"seal": seal[1], "do": "acknowledge"}).status_code == 303
    assert town.row()["state"] == "acknowledged"
    assert phone.client.post(link, data={"seal": seal[1], "do": "acknowledge"}).status_code == 422  # used once

    # ---------------------------------------------------------- 退单 with a reason code, 裁定 by 治欠办
    jian, zhou = town.browser("jian"), town.browser("zhou")
    assert "退单理由代码" in jian.act("return", code="R9", suggest="hrss", status=422)
    jian.act("return", code="R6", suggest="hrss", reason="该班组受雇于装修公司，非在建工程")
    (returned,) = [text for to, subject, text in town.mails() if "退单" in subject and to.startswith("duty@qx")]
    assert "R6" in returned
    assert town.row()["lead"] == "housing"  # never ownerless
    town.tick(minutes=30)
    decided = town.run(
        "record", INCIDENT, "arbitrate", "lead=hrss", "final=true", "--reason", "属用工管理", "--by", "zhou"
    )
    assert json.loads(decided.stdout)["act"] == "arbitrate"
    moved = {to: text for to, subject, text in town.mails() if "改派" in subject}
    assert {"duty@hrss.example.invalid", "duty@housing.example.invalid"} <= set(moved)  # notice to both

    # ---------------------------------------------------------- accept, verify, pay
    assert jian.client.post(f"{ACTS}/accept", data={}).status_code == 403  # no token, no act
    ren = town.browser("ren")
    ren.act("accept")
    ren.act("contact", means="public_reply", reached="yes")
    ren.act("verify", verification="true", workers="23", yuan="460000", reason="考勤表与工资表相符")
    town.tick(days=1)
    ren = town.browser("ren")
    ren.act("pay", yuan="460000", workers="23", confirmed="23", reason="总包代发")
    ren.act("reply", url="https://bbs.qinghe.example/t/1#2", reason="局办签发")

    # ---------------------------------------------------------- close: refused without proof, and by one person alone
    assert "缺少凭证" in ren.act("close", code="C1", status=422)
    assert town.row()["state"] == "paid"
    assert ren.files("回单.exe", b"MZ", purpose="payment").status_code == 400
    assert ren.files("回单.pdf", b"%PDF-1.4 slip", purpose="payment", payment="0").status_code == 303
    ren.act("close", code="C1", reason="二十三人全部到手")
    ren.act("approve", approved="yes", status=403)
    zhou = town.browser("zhou")
    zhou.act("approve", approved="yes", reason="逐笔核对回单")
    assert (town.row()["state"], town.row()["close_code"]) == ("closed", "C1")
    assert any("已销号" in subject for _, subject, _ in town.mails())

    # ---------------------------------------------------------- 回头看 is asked for, and answered
    town.tick(days=7)
    asked = [to for to, subject, _ in town.mails() if "回头看" in subject]
    assert asked == ["duty@hrss.example.invalid"]
    ren = town.browser("ren")
    assert "该回头看的" in ren.page("/board")
    ren.act("look_back", day="7", recurred="no", reason="抽访六人，全部到手")
    assert "该回头看的" not in ren.page("/board")

    # ---------------------------------------------------------- a new post of the same debt opens it again
    town.tick(days=3)
    assert "join=1" in town.brings(2, DEBT.format(n=23, amount=46) + "说好的又没兑现")
    assert town.row()["state"] == "assigned"
    assert any("重新开办" in subject for _, subject, _ in town.mails())
    assert town.row()["closeout"]["payments"][0]["proofs"] == [1]  # what was paid stays on record

    # ---------------------------------------------------------- the chain verifies; a tampered row is found
    with town.house.store.read() as c:
        acts = [row["act"] for row in incidents.history(c, INCIDENT) if row["actor"] != "machine"]
    assert acts == [
        "acknowledge", "return", "arbitrate", "accept", "contact", "verify", "pay", "reply", "file", "close", "approve",
        "look_back",
    ]  # fmt: skip
    whole = town.run("ledger", "verify")
    assert (whole.exit_code, json.loads(whole.stdout)["whole"]) == (0, True)
    then = json.loads(town.run("ledger", "show", INCIDENT, "--at", "2026-03-10T10:25").stdout)
    assert then["incident"]["state"] == "acknowledged"
    with sqlite3.connect(town.house.config.settings.home / "xinshao.db") as plain:
        (seq,) = plain.execute("select seq from ledger where act = 'return'").fetchone()
        plain.execute("update ledger set reason = 'R1 与我无关' where seq = ?", (seq,))
    plain.close()
    broken = town.run("ledger", "verify")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["breaks"] == [
        {"seq": seq, "incident": INCIDENT, "problem": "was changed after it was written"}
    ]
    assert town.run("user", "add", "shen", "--role", "auditor", "--password-stdin").exit_code == 0
    assert "台账与写入时不一致" in town.browser("shen").page("/audit")

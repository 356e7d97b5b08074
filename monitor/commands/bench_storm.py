"""A storm: 10,000 alerting posts about 500 debts at once, from the text to the mail server. Invents the posts.

`storm` (xinshao bench storm): the posts go through classifier, facts, ledger and outbox as polled ones do, while the
outbox delivers to a mail server in a process of its own. The baseline is the classifier alone on the same posts. A post
an incident of which is mailed at once counts when the server has it; what is gathered for half an hour or put aside is
asked for afterwards, at its time.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.model import Post
    from monitor.pipeline.house import House

POSTS, DEBTS, AT_ONCE = 10_000, 500, 200
NOON = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai, a working day
FIRST, SECOND = "锦望青柳石云鹤松枫桂梅兰岚溪湖河江海岳峰岭谷泉", "禾舟安宁平和昌盛兴旺泰康福寿禄喜祥瑞丰裕华荣茂"
KINDS = ("嘉园", "花城", "产业园", "安置房", "中学", "医院", "大桥", "河堤")
TOLD = (
    "{site}工地拖欠我们{workers}个工人{months}个月工资，一共{amount}万元，找项目部一直推",
    "{firm}在{site}欠薪，{workers}名农民工{months}个月没发工资，合计{amount}万元，求关注",
    "我在{site}干活，{firm}欠我们{workers}人工资{amount}万元，拖了{months}个月还不给",
    "{site}的工人讨薪无门！{firm}拖欠{workers}人{months}个月血汗钱{amount}万元",
    "帮帮我们，{site}项目{firm}不发工资，{workers}个工人{months}个月，{amount}万元要不到",
)


def storm(posts: int = POSTS, debts: int = DEBTS) -> dict[str, Any]:
    """Posts a minute end to end and of the classifier alone, and what became of every alert."""
    written = list(invent(posts, debts))
    with tempfile.TemporaryDirectory() as folder, _receiver(Path(folder) / "mails") as port:
        home = Path(folder) / "home"
        with closing(_house(home, port)) as house:
            began = time.perf_counter()
            for start in range(0, len(written), AT_ONCE):
                house.chosen.classifier.assess([(post.title, post.text) for post in written[start : start + AT_ONCE]])
            alone = time.perf_counter() - began
            began, worked = time.perf_counter(), time.process_time()
            asyncio.run(_live(house, written))
            whole, worked = time.perf_counter() - began, time.process_time() - worked
            told = _told(house, Path(folder) / "mails")
    speed = {
        "posts_per_minute": round(60 * posts / whole), "seconds": round(whole, 1), "cpu_seconds": round(worked, 1),
    }  # fmt: skip
    baseline = {"classifier_alone_per_minute": round(60 * posts / alone), "ratio": round(alone / whole, 3)}
    return {"posts": posts, "debts": debts, **speed, **baseline, **told}


def invent(posts: int, debts: int, seed: int = 7) -> Iterator[Post]:
    """Alerting posts about `debts` debts in one minute, in an order of chance: of every level, none twice the same."""
    from monitor.model import Post

    pick = random.Random(seed)  # noqa: S311  invents cases, no secret
    names = [f"{a}{b}{KINDS[place % len(KINDS)]}" for place, (a, b) in enumerate((a, b) for a in FIRST for b in SECOND)]
    cases: list[dict[str, Any]] = [
        {
            "site": name, "firm": f"{pick.choice(SECOND)}{name[:2]}建筑公司", "months": pick.randint(2, 6),
            "workers": pick.choice((3, 6, 12, 25, 40, 120)),
        }
        for name in pick.sample(names, debts)
    ]  # fmt: skip
    order = [number % debts for number in range(posts)]
    pick.shuffle(order)
    for number, which in enumerate(order):
        case = cases[which]
        text = pick.choice(TOLD).format(**case, amount=case["workers"] * case["months"] // 2 + 1)
        yield Post(
            id=f"{number:016x}", text=f"{text}，第{number}个人留言", platform="青禾论坛", author=f"网友{number}",
            url=f"https://bbs.qinghe.example/t/{number}", published_at=NOON, fetched_at=NOON, feed="storm",
            native_id=str(number),
        )  # fmt: skip


async def _live(house: House, posts: Sequence[Post]) -> None:
    """Takes the posts in one thread while the outbox delivers, as the service does; ends when nothing is due."""
    from monitor.outbox import deliver_due

    taking = asyncio.create_task(asyncio.to_thread(_take, house, posts))
    while True:
        finished = taking.done()
        done = await deliver_due(house.store, house.channels, NOON + timedelta(seconds=1), 500)
        if finished and not done.sent:
            break
        await asyncio.sleep(0.05)
    await taking


def _take(house: House, posts: Sequence[Post]) -> None:
    for start in range(0, len(posts), AT_ONCE):
        house.intake.take(posts[start : start + AT_ONCE], NOON)


def _told(house: House, mails: Path) -> dict[str, Any]:
    """What every officer got, what waits and what the digest lists; nothing may be missing."""
    from sqlalchemy import func, select

    from monitor.outbox import deliver_due
    from monitor.routing.policy import Policy
    from monitor.store import incidents, outbox, schema

    storm_mails = _mails(mails)
    with house.store.read() as c:
        waiting = outbox.depth(c)
    asyncio.run(deliver_due(house.store, house.channels, NOON + timedelta(hours=1), 50_000))
    with house.store.read() as c:
        depth, rows = outbox.depth(c), outbox.recent(c, 100_000)
        placed = c.execute(select(func.count()).where(schema.posts.c.incident.is_not(None))).scalar_one()
        count, aside = incidents.count(c), len(outbox.put_aside(c, NOON - timedelta(days=1), NOON + timedelta(days=1)))
    below = Counter(row["recipient"] for row in rows if row["state"] == "sent" and row["level"] < 3)
    wire = Counter(one["id"] for one in _mails(mails))
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    return {
        "incidents": count, "posts_placed": placed, "mails_in_the_storm": len(storm_mails), "then_waiting": waiting,
        "states": depth, "listed_in_the_digest": aside, "budget": Policy().budget,
        "most_mails_below_red_to_one_officer": max(below.values(), default=0), "officers": len(below),
        "lost": len(sent - wire.keys()), "twice": sum(count > 1 for count in wire.values()),
        "red_that_waited": sum(row["state"] != "sent" and row["level"] == 3 for row in rows),
    }  # fmt: skip


def _house(home: Path, port: int) -> House:
    from monitor.config import Config, read_settings
    from monitor.model import Contact, County
    from monitor.pipeline.house import assemble
    from monitor.routing import load_matrix

    contacts = {one: (Contact(one, f"{one}@qinghe.example"),) for one in load_matrix().departments}
    county = County(code="990001", name="青禾县", towns=("青石镇", "柳溪镇"), contacts=contacts)
    settings = read_settings().model_copy(
        update={
            "home": home, "database_url": "", "duty_mail": "duty@qinghe.example", "smtp_host": "127.0.0.1",
            "smtp_port": port, "smtp_tls": "none", "mail_from": "xinshao@qinghe.example",
        }
    )  # fmt: skip
    return assemble(Config(settings=settings, feeds=(), county=county))


# ------------------------------------------------------------------ the mail server
@contextmanager
def _receiver(log: Path) -> Iterator[int]:
    """A mail server in a process of its own that writes down what it took."""
    context = get_context("spawn")
    ready, stop = context.Queue(), context.Event()
    process = context.Process(target=_receive, args=(str(log), ready, stop), daemon=True)
    process.start()
    try:
        yield ready.get(timeout=60)
    finally:
        stop.set()
        process.join(10)


def _receive(log: str, ready: Any, stop: Any) -> None:
    asyncio.run(_serve(log, ready, stop))


async def _serve(log: str, ready: Any, stop: Any) -> None:
    from email import message_from_bytes

    from aiosmtpd.smtp import SMTP

    class Taker:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  its name there
            mail = message_from_bytes(envelope.content)
            line = {"id": mail["Message-ID"], "to": envelope.rcpt_tos[0], "red": mail["Importance"] == "high"}
            with Path(log).open("a") as file:
                file.write(json.dumps(line) + "\n")
            return "250 taken"

    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Taker()), "127.0.0.1", 0)
    async with server:
        ready.put(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(stop.wait)


def _mails(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


if __name__ == "__main__":
    print(json.dumps(storm(), ensure_ascii=False, indent=1))

"""What the pipeline tests share: feeds of invented posts on a real loopback site, and an installation to poll them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor import config
from monitor.collect import Fetcher, Limits
from monitor.pipeline.house import House, assemble
from monitor.pipeline.poll import Polled, Poller

NOW = datetime.now(UTC)  # a fetched document carries the real time
COUNTY = Path(__file__).parent.parent / "docs" / "county.example.yaml"
OWED = (
    "我们{n}个木工在柳溪镇{project}干了四个月，{boss}拖欠我们工资{amount}万元，"
    "打电话不接，到现在一分钱没给，求有关部门管管。"
)
BOSSES = ("甲木建工", "丁岳路桥", "戊泉水务", "未央建设", "申禾劳务", "壬达新能源", "庚味火锅", "辛达速递")


def owed(number: int) -> str:
    """A post of its own debt: the eight numbers 0..7 name eight employers at eight projects."""
    project = f"锦程{'甲乙丙丁戊己庚辛'[number % 8]}苑{number // 8 + 1}期"
    return OWED.format(n=number + 3, project=project, boss=BOSSES[number % 8], amount=number + 2)


def json_feed(items: Iterable[Mapping[str, Any]]) -> bytes:
    """A JSON Feed of posts: id, content_text, and what else is given."""
    whole = [{"url": f"http://site.example/{item['id']}", **item} for item in items]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "青禾随拍", "items": whole}
    return json.dumps(feed, ensure_ascii=False).encode()


def installation(home: Path, entries: Sequence[Mapping[str, Any]]) -> House:
    """A house over feeds.yaml entries; what they leave out is filled in."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "feeds.yaml").write_text(feeds_yaml(entries), encoding="utf-8")
    over = COUNTY.read_text(encoding="utf-8").replace('["2026-11-01", "2027-02-05"]', '["2025-11-01", "2026-02-16"]')
    (home / "county.yaml").write_text(over, encoding="utf-8")  # a campaign would raise levels by the date of the run
    settings = config.Settings(home=home / "var", duty_mail="duty@office.example", quiet_hours="")
    return assemble(config.load(feeds=home / "feeds.yaml", county=home / "county.yaml", settings=settings))


def feeds_yaml(entries: Sequence[Mapping[str, Any]]) -> str:
    filled = [
        {
            "kind": "rss",
            "source": "青禾随拍",
            "purpose": "测试",
            "legal_basis": "测试",
            "allow": ["127.0.0.0/8"],
            **entry,
        }
        for entry in entries
    ]
    return json.dumps({"feeds": filled}, ensure_ascii=False)  # JSON is YAML


async def poll(house: House, *names: str, now: datetime = NOW) -> dict[str, Polled]:
    """Polls these feeds, or all of them, as one pass of the service would."""
    async with Fetcher(limits=Limits(deadline=5, robots_deadline=2, gap=0, patience=20, retries=0)) as fetcher:
        poller = Poller(house.store, house.intake, fetcher, house.config)
        found = await poller.poll_named(list(names or poller.feeds), now)
    return {one.feed: one for one in found}

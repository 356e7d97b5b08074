"""feeds.yaml -> what is watched. Knows every key of an entry and its limits, and what no entry may ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from importlib.metadata import entry_points
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from monitor import written
from monitor.errors import ConfigError, Fault
from monitor.model import Feed
from monitor.written import Strict, Text

FEED_KINDS = (
    "rss", "listing", "page", "discuz", "board", "sitemap", "weibo", "douyin", "vendor", "file", "mailbox", "push",
    "wechat",
)  # fmt: skip
FORBIDDEN_KEYS = {
    "cookie": "personal cookies are never used: take an official interface, a licensed vendor or an import",
    "cookies": "personal cookies are never used: take an official interface, a licensed vendor or an import",
    "sign": "signatures of a platform are never re-computed",
    "signature": "signatures of a platform are never re-computed",
    "captcha": "access limits are respected, never circumvented",
    "proxy_pool": "access limits are respected, never circumvented",
}
NOT_THERE = "go to the folder of the installation, name the file with --feeds, or begin one: xinshao init"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    """`90s`, `15m`, `2h`, `7d` -> timedelta."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[:-1].isdigit() and value[-1:] in UNITS:
        return timedelta(seconds=int(value[:-1]) * UNITS[value[-1]])
    raise ValueError("must be a number with a unit, like 90s, 15m, 2h or 7d")


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class FeedEntry(Strict):
    """One entry of feeds.yaml as written."""

    name: Text
    kind: str
    url: Text
    source: Text
    every: Duration = timedelta(minutes=15)
    minimum: int = Field(1, ge=0, le=1000)
    period: Duration = timedelta(days=7)
    purpose: Text
    legal_basis: Text
    owner: str = ""
    area: Annotated[str, Field(pattern=r"^\d{2,12}$")] | None = None
    selectors: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    follow: bool = False
    enabled: bool = True

    @field_validator("kind")
    @classmethod
    def _known_kind(cls, kind: str) -> str:
        if kind in FEED_KINDS:
            return kind
        plugged = [point.name for point in entry_points(group="xinshao.kinds")]  # parse.kinds loads them
        if kind not in plugged:
            raise ValueError(f"unknown kind {kind!r}; one of {', '.join((*FEED_KINDS, *plugged))}")
        return kind

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if not url.startswith(("http://", "https://", "file:", "imap://", "imaps://", "push:")):
            raise ValueError("must begin with http://, https://, file:, imap://, imaps:// or push:")
        return url

    @field_validator("every")
    @classmethod
    def _not_a_burden(cls, every: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= every <= timedelta(days=7):
            raise ValueError("must lie between 1s and 7d")
        return every

    @field_validator("allow")
    @classmethod
    def _networks(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            ip_network(network)
        return networks

    def feed(self) -> Feed:
        return Feed(**{name: getattr(self, name) for name in type(self).model_fields})


def read_feeds(path: Path) -> tuple[Feed, ...]:
    """The feeds of one file. ConfigError lists every fault, e.g. `feeds.yaml: feeds[3] (县论坛).every`."""
    document = written.document(path, absent=NOT_THERE) or {}
    faults: list[Fault] = []
    entries = document.get("feeds") if isinstance(document, Mapping) else None
    if not isinstance(entries, list) or not entries:
        raise ConfigError([Fault(f"{path.name}: feeds", "is missing or empty", "write a list under `feeds:`")])
    faults += [Fault(f"{path.name}: {key}", "unknown key", "only `feeds`") for key in document if key != "feeds"]
    feeds = []
    for number, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        where = f"{path.name}: feeds[{number}]" + (f" ({name})" if name else "")
        found = list(_forbidden(where, entry))
        try:
            feeds.append(FeedEntry.model_validate(entry).feed())
        except ValidationError as problem:
            found += written.faults(where, problem, joint=".", known=FORBIDDEN_KEYS)
        faults += found
    faults += _repeated(path.name, entries)
    if faults:
        raise ConfigError(faults)
    return tuple(feeds)


def _forbidden(where: str, entry: Any, prefix: str = "") -> Iterator[Fault]:
    if not isinstance(entry, Mapping):
        return
    for key, value in entry.items():
        name = str(key).lower()
        if name in FORBIDDEN_KEYS and prefix:  # at the top level it is already an unknown key
            yield Fault(f"{where}.{prefix}{key}", "is not allowed", FORBIDDEN_KEYS[name])
        if name in ("options", "headers"):
            yield from _forbidden(where, value, f"{prefix}{key}.")


def _repeated(file: str, entries: Iterable[Any]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for number, entry in enumerate(entries):
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name in seen:
            yield Fault(f"{file}: feeds[{number}] ({name}).name", f"also the name of feeds[{seen[name]}]", "rename one")
        elif isinstance(name, str):
            seen[name] = number

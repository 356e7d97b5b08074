"""The operator's files and environment -> one Config. Knows every key and its limits; knows no room that uses them.

Three sources: `feeds.yaml` (what is watched), `county.yaml` (who is responsible here), `XINSHAO_*` variables or `.env`
(where things are, and secrets). All faults are collected before anything is refused, each with its path and a remedy.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.metadata import entry_points
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from monitor import written
from monitor.backing import Account, AccountState, Deposit, Form, Funds
from monitor.errors import ConfigError, Fault
from monitor.model import Contact, County, Feed, RegisterRow
from monitor.text import SHANGHAI

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
NO_FEEDS = "go to the folder of the installation, name the file with --feeds, or begin one: xinshao init"
NO_COUNTY = "go to the folder of the installation, or name the file with --county"
LOW_DISK = 1 << 30  # bytes free where the data lie, below which somebody should make room


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an installation is told. `warnings` do not stop it; `xinshao check` and `doctor` show them."""

    settings: Settings
    feeds: tuple[Feed, ...]
    county: County
    warnings: tuple[Fault, ...] = ()
    files: tuple[Path, ...] = ()  # feeds.yaml and county.yaml, absolute, there or not; none where it was made without


@dataclass(frozen=True, slots=True)
class Unheeded:
    """What was changed under a running service and does not hold, each with the reason; empty where all of it holds.

    `files`: feeds.yaml, county.yaml; `model`: the one promoted here; `settings`: variables of .env, by their names.
    """

    files: str = ""
    model: str = ""
    settings: tuple[str, ...] = ()


# ------------------------------------------------------------------ environment
class Settings(BaseSettings):
    """`XINSHAO_*` variables, or the same names in `.env`. Secrets come only from here and are never printed."""

    model_config = SettingsConfigDict(env_prefix="XINSHAO_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("var")
    database_url: str = ""  # empty: SQLite in home
    county: Path | None = None  # county.yaml; without one, mail goes to duty_mail and nowhere else
    matrix: Path | None = None  # a responsibility matrix, or a folder of versions; without one, the packaged one
    heartbeat_url: str = ""  # called every minute while all is well: a watcher elsewhere misses it when not
    certificates: Path | None = None  # PEM file of an intranet's own authority, beside the public ones
    contact: str = ""  # how a webmaster reaches the office: part of the User-Agent
    duty_mail: str = ""  # the default receiver, so that nothing is ever undeliverable
    base_url: str = "http://127.0.0.1:8420"  # as the officers' browsers see the service
    secret: SecretStr | None = None  # signs links and author codes; made and kept in home when absent
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: SecretStr | None = None
    smtp_tls: Literal["none", "starttls", "tls"] = "starttls"
    mail_from: str = "xinshao@localhost.localdomain"
    bounce_address: str = ""  # envelope sender: bounce@host or bounce-*@host; empty: bounces are not asked for
    bounce_mailbox: str = ""  # imaps://user@host/INBOX, where that address ends up; empty: none is read
    bounce_password: SecretStr | None = None
    robots: dict[str, str] = Field(default_factory=dict)  # robot name -> apprise address
    digest_hour: int = Field(8, ge=0, le=23)
    quiet_hours: str = "22:00-07:00"  # blue and yellow wait for the morning; orange and red never; empty: none
    poll_seconds: int = Field(15, ge=1, le=3600)  # how often "what is due?" is asked
    tokens: dict[str, SecretStr] = Field(default_factory=dict)  # granted platform tokens by feed name

    @field_validator("quiet_hours")
    @classmethod
    def _hours(cls, hours: str) -> str:
        if hours and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", hours):
            raise ValueError("must be like 22:00-07:00 (Asia/Shanghai), or empty for none")
        return hours

    @field_validator("heartbeat_url")
    @classmethod
    def _watcher(cls, address: str) -> str:
        if address and not re.match(r"https?://[^/\s]+", address):
            raise ValueError("must begin with http:// or https://, or be empty for none")
        return address

    @property
    def quiet(self) -> tuple[time, time]:
        """From when to when; two equal times where there are no quiet hours."""
        start, _, end = (self.quiet_hours or "00:00-00:00").partition("-")
        return time.fromisoformat(start), time.fromisoformat(end)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.home / 'xinshao.db').absolute()}"

    def free(self) -> int:
        """Bytes left where the data of this installation lie."""
        return shutil.disk_usage(self.home).free

    def make_home(self) -> None:
        """Makes the folder of all state where it is missing: the words of posts are for this account only."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)

    def key(self) -> bytes:
        """The installation's secret, 32 bytes or more; made once with mode 0600 where none is configured."""
        if self.secret is not None and self.secret.get_secret_value():
            return self.secret.get_secret_value().encode()
        path = self.home / "secret.key"
        if not path.exists():
            self.make_home()
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
        return path.read_text().strip().encode()


# ------------------------------------------------------------------ feeds.yaml
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    """`90s`, `15m`, `2h`, `7d` -> timedelta."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and value[:-1].isdigit() and value[-1:] in UNITS:
        return timedelta(seconds=int(value[:-1]) * UNITS[value[-1]])
    raise ValueError("must be a number with a unit, like 90s, 15m, 2h or 7d")


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class FeedEntry(_Strict):
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
    document = written.document(path, absent=NO_FEEDS) or {}
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


# ------------------------------------------------------------------ county.yaml
class ContactEntry(_Strict):
    name: Text
    mail: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: str | None = None
    robot: str | None = None
    town: Text | None = None


class DepositEntry(_Strict):
    form: Form | None = None
    yuan: Annotated[float, Field(gt=0, le=1_000_000_000)] | None = None
    until: date | None = None
    where: Text | None = None


def _month(value: Any) -> Any:
    """`2026-09` -> its first day."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        return date.fromisoformat(f"{value}-01")
    raise ValueError("must be a month like 2026-09")


class AccountEntry(_Strict):
    state: AccountState
    bank: Text | None = None
    tail: Annotated[str, Field(pattern=r"^[0-9]{4}$")] | None = None
    paid: Annotated[date, BeforeValidator(_month)] | None = None


class FundsEntry(_Strict):
    """What the register says of the money behind a project; what is left out is not known, and not a no."""

    contractor: Text | None = None
    owner: Text | None = None
    deposit: DepositEntry | None = None
    account: AccountEntry | None = None
    real_name: bool | None = None
    board: bool | None = None
    source: Text | None = None
    as_of: date | None = None

    def funds(self) -> Funds:
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        lodged, account = self.deposit, self.account
        plain["deposit"] = Deposit(**lodged.model_dump()) if lodged else None
        return Funds(**{**plain, "account": Account(**account.model_dump()) if account else None})


class RegisterEntry(_Strict):
    kind: Literal["project", "employer", "place"]
    name: Text
    town: str | None = None
    aliases: tuple[str, ...] = ()
    sector: str | None = None
    gov_invested: bool = False
    soe: bool = False
    employers: tuple[str, ...] = ()
    owner_department: str | None = None
    funds: FundsEntry | None = None

    def row(self) -> RegisterRow:
        plain = {name: getattr(self, name) for name in type(self).model_fields}
        return RegisterRow(**{**plain, "funds": self.funds.funds() if self.funds else None})


class CountyEntry(_Strict):
    """county.yaml as written."""

    code: Annotated[str, Field(pattern=r"^\d{6,12}$")]
    name: Text
    province: str = ""
    city: str = ""
    towns: tuple[str, ...] = ()
    aliases: dict[str, str] = Field(default_factory=dict)
    register_: tuple[RegisterEntry, ...] = Field((), alias="register")
    contacts: dict[str, tuple[ContactEntry, ...]] = Field(default_factory=dict)
    lead_policy: Literal["industry_first", "hrss_first"] = "industry_first"
    campaigns: tuple[tuple[datetime, datetime], ...] = ()

    @field_validator("campaigns", mode="before")
    @classmethod
    def _dates(cls, value: Any) -> Any:
        """`- [2026-11-01, 2027-02-05]`: both days count, Asia/Shanghai."""
        periods = []
        for period in value or ():
            start, end = (datetime.fromisoformat(str(day)).replace(tzinfo=SHANGHAI) for day in period)
            if start >= end:
                raise ValueError(f"campaign ends before it starts: {period}")
            periods.append((start, end + timedelta(days=1)))
        return tuple(periods)

    def county(self) -> County:
        plain = {name: getattr(self, name) for name in type(self).model_fields if name not in ("register_", "contacts")}
        return County(
            **plain,
            register=tuple(row.row() for row in self.register_),
            contacts={
                department: tuple(Contact(**contact.model_dump()) for contact in contacts)
                for department, contacts in self.contacts.items()
            },
        )


def read_county(path: Path) -> County:
    """The county of one file. ConfigError lists every fault."""
    try:
        return CountyEntry.model_validate(written.document(path, absent=NO_COUNTY) or {}).county()
    except ValidationError as problem:
        raise ConfigError(written.faults(path.name, problem)) from problem


NOWHERE = County(code="000000", name="")  # an installation that has not been told where it is


# ------------------------------------------------------------------ all of it
def load(*, feeds: Path | None = None, county: Path | None = None, settings: Settings | None = None) -> Config:
    """Reads everything; raises one ConfigError with the faults of all files together."""
    faults: list[Fault] = []
    warnings: list[Fault] = []
    settings = settings or read_settings()
    watched: tuple[Feed, ...] = ()
    place = NOWHERE
    try:
        watched = read_feeds(feeds or Path("feeds.yaml"))
    except ConfigError as problem:
        faults += problem.faults
    county_path = county or settings.county or (Path("county.yaml") if Path("county.yaml").exists() else None)
    if county_path is None:
        warnings.append(Fault("county.yaml", "not found", "without it all mail goes to XINSHAO_DUTY_MAIL"))
    else:
        try:
            place = read_county(county_path)
        except ConfigError as problem:
            faults += problem.faults
    if faults:
        raise ConfigError(faults)
    if settings.duty_mail and not place.contacts:
        place = _with_duty_desk(place, settings.duty_mail)
    files = (feeds or Path("feeds.yaml"), county_path or Path("county.yaml"))
    return Config(settings, watched, place, tuple(warnings), tuple(file.absolute() for file in files))


def load_again(config: Config) -> Config:
    """Reads the files of a configuration once more, with the settings it has. ConfigError as `load`.

    A county.yaml that is gone is a fault, not a county without contacts; one that was never there may come.
    """
    feeds, county = config.files
    known = county.exists() or config.county.code != NOWHERE.code
    return load(feeds=feeds, county=county if known else None, settings=config.settings)


def read_settings(**values: Any) -> Settings:
    """Settings from the environment; ConfigError names each wrong variable."""
    try:
        return Settings(**values)
    except SettingsError as problem:  # a list or mapping that is no JSON; the message names the field, never the value
        field = re.search(r'field "(\w+)"', str(problem))
        name = f"XINSHAO_{field[1].upper()}" if field else ".env"
        raise ConfigError([Fault(name, "is not JSON", """write it like {"name": "value"}""")]) from problem
    except UnicodeDecodeError as problem:
        raise ConfigError([Fault(".env", f"is not UTF-8 at byte {problem.start}", "save it as UTF-8")]) from problem
    except ValidationError as problem:
        raise ConfigError(
            [Fault(f"XINSHAO_{'_'.join(str(p) for p in e['loc']).upper()}", e["msg"]) for e in problem.errors()]
        ) from problem


def _with_duty_desk(county: County, mail: str) -> County:
    values = {name: getattr(county, name) for name in County.__slots__}
    return County(**{**values, "contacts": {"qx_office": (Contact(name=mail, mail=mail),)}})

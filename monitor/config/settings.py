"""`XINSHAO_*` variables or `.env` -> Settings: where things are, and secrets. Knows each variable and its limits."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from monitor.errors import ConfigError, Fault

_ROLES = ("duty", "handler", "leader", "admin", "auditor")  # as web.access names them
LOW_DISK = 1 << 30  # bytes free where the data lie, below which somebody should make room
_WEB = re.compile(r"https?://[^/\s]+")


def quiet_hours(written: str) -> str:
    """As written, like 22:00-07:00, or empty; ValueError for anything else."""
    if written and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", written):
        raise ValueError("must be like 22:00-07:00 (Asia/Shanghai), or empty for none")
    return written


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
    second_factor: str = ""  # roles that must sign in with an app's code, too: "admin,leader"; empty: whoever wants to
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
        return quiet_hours(hours)

    @field_validator("second_factor")
    @classmethod
    def _roles(cls, roles: str) -> str:
        if unknown := {one.strip() for one in roles.split(",") if one.strip()} - set(_ROLES):
            raise ValueError(f"unknown role {min(unknown)!r}: any of {', '.join(_ROLES)}, with commas between them")
        return roles

    @field_validator("base_url")
    @classmethod
    def _reached(cls, address: str) -> str:
        if not _WEB.match(address):
            raise ValueError("must begin with http:// or https://: it is the address that links in mails lead to")
        return address

    @field_validator("heartbeat_url")
    @classmethod
    def _watcher(cls, address: str) -> str:
        if address and not _WEB.match(address):
            raise ValueError("must begin with http:// or https://, or be empty for none")
        return address

    @property
    def paired_roles(self) -> frozenset[str]:
        """The roles that must have a second factor."""
        return frozenset(one.strip() for one in self.second_factor.split(",") if one.strip())

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

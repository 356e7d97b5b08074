"""Ways to reach people: mail and group robots. Composing is pure, apart from sending; nothing here knows the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor import trusted
from monitor.channels.bounces import Bounces
from monitor.channels.face import Channel, ChannelDown
from monitor.channels.journal import Journal
from monitor.channels.mail import Folder, Smtp
from monitor.channels.robots import KINDS, Robots, Webhook
from monitor.config import Settings

__all__ = ["Channel", "ChannelDown", "Channels"]


@dataclass(frozen=True, slots=True)
class Channels:
    """The configured channels by name. `fallback`: the mail address that hears of what could not be delivered.

    `journal`: what left this machine, kept apart from the database; None: nothing is written down.
    """

    by_name: Mapping[str, Channel]
    fallback: str = ""
    journal: Journal | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> Channels:
        """Mail by SMTP, or as .eml files in home/mail where no server is named; robots and webhooks by their names."""
        secret = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
        bounces = Bounces(settings.bounce_address, settings.key()) if settings.bounce_address else None
        mail: Channel
        if settings.smtp_host:
            mail = Smtp(
                host=settings.smtp_host, port=settings.smtp_port, sender=settings.mail_from, base_url=settings.base_url,
                user=settings.smtp_user, password=secret, tls=settings.smtp_tls, bounces=bounces,
                context=trusted.context(settings.certificates),
            )  # fmt: skip
        else:
            mail = Folder(settings.home / "mail", settings.mail_from, settings.base_url)
        robots = Robots(settings.robots, settings.base_url)
        webhook = Webhook(settings.robots, settings.base_url, settings.key(), settings.certificates)
        by_name = {"mail": mail, **dict.fromkeys(KINDS, robots), "webhook": webhook}
        return cls(by_name, settings.duty_mail, Journal(settings.home / "sent"))

"""F54: a database put back from an older backup warns nobody a second time, and still warns of what is new."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ledgerhouse import KEY, NOON, by, county, joined, later, matrix, reading
from mailserver import MailServer, running
from sqlalchemy import delete

from monitor.channels import Channels
from monitor.channels.journal import Journal
from monitor.channels.mail import Smtp
from monitor.clocks import Calendar
from monitor.ledger import Ledger
from monitor.model import Change, Level, Notification, Occasion
from monitor.outbox import Delivered, deliver_due, queue
from monitor.routing.policy import Policy
from monitor.store import Store, open_store, outbox
from monitor.store.copies import backup, restore
from monitor.store.schema import done

SITES = ("甲木河堤", "石鼓岭泵站", "锦禾苑三期", "柳溪小学", "青石大桥", "望舟医院", "城东车站", "南山隧道")
Told = Counter[tuple[str, str]]  # recipient, Message-ID


def change(number: int, at: datetime, *, second: bool = False) -> Change:
    """An alerting post about the debt on one site; `second`: another person's post about the same."""
    text = f"{SITES[number]}工程拖欠我们{20 + number}个工人{number + 2}个月工资，找项目部一直推，位于青石镇"
    text += "，今天又去要还是不给" if second else ""
    name = f"p{number}{'b' if second else ''}"
    return joined(reading(name, text, author=name, url=f"https://bbs.qinghe.example/t/{name}", at=at), at)


class House:
    """One installation: a database that can be put back, a journal that stays, a real mail server."""

    def __init__(self, folder: Path, server: MailServer) -> None:
        self.folder, self.server = folder, server
        self.open()

    def open(self) -> None:
        """As after a start of the service."""
        self.store: Store = open_store(f"sqlite:///{self.folder / 'xinshao.db'}")
        self.ledger = Ledger(self.store, county(), matrix(), Calendar(), KEY, Policy(budget=1000))
        mail = Smtp("127.0.0.1", self.server.port, "x@qinghe.example", "http://h", tls="none")
        self.channels = Channels({"mail": mail}, "duty@qinghe.example", Journal(self.folder / "sent"))

    def poll(self, changes: Sequence[Change]) -> None:
        for one in changes:
            self.ledger.record(one)

    async def deliver(self, at: datetime) -> Delivered:
        return await deliver_due(self.store, self.channels, at, 5000)

    def told(self) -> Told:
        return Counter((to, str(mail["Message-ID"])) for to, mail in self.server.stored)


async def test_the_same_posts_polled_again_warn_nobody_and_new_ones_do(tmp_path: Path) -> None:
    async with running(MailServer()) as server:
        house = House(tmp_path, server)
        house.poll([change(0, NOON), change(1, NOON)])
        await house.deliver(later(minutes=1))
        backup(house.store, tmp_path / "backup.zip", later(minutes=2))

        day = [*(change(n, later(hours=n)) for n in range(2, 7)), change(0, later(hours=3), second=True)]
        house.poll(day)
        await house.deliver(later(hours=12))
        house.ledger.escalate_due(later(hours=13))
        await house.deliver(later(hours=13, minutes=1))
        house.store.close()
        before = house.told()
        assert len(before) > 20
        assert set(before.values()) == {1}

        assert restore(tmp_path / "backup.zip", tmp_path / "xinshao.db", later(hours=26))["held"] == 0
        house.open()
        again = [change(6 - n, later(hours=27)) for n in range(5)]  # the other way round: other numbers
        house.poll([*again, change(0, later(hours=27), second=True)])
        done = await house.deliver(later(hours=28))
        assert house.told() == before
        assert done.told_before > 20
        with house.store.read() as c:
            assert outbox.undelivered(c) == []  # nothing for a person to do
            assert outbox.depth(c).keys() == {"sent"}
            notes = [row["last_error"] for row in outbox.recent(c, 200) if row["last_error"]]
        assert "备份" in notes[0]

        house.poll([change(7, later(hours=29)), change(3, later(hours=29), second=True)])
        await house.deliver(later(hours=30))
        new = house.told() - before
        assert set(new.values()) == {1}
        told = Counter(str(mail["X-Xinshao-Incident"]) for _, mail in server.stored[sum(before.values()) :])
        assert len(told) == 2  # the new debt, and the second post of an old one
        house.store.close()


async def test_a_raised_level_is_told_even_when_every_post_was(tmp_path: Path) -> None:
    async with running(MailServer()) as server:
        house = House(tmp_path, server)
        backup(house.store, tmp_path / "backup.zip", NOON)
        house.poll([change(2, NOON)])
        await house.deliver(later(minutes=1))
        house.store.close()
        restore(tmp_path / "backup.zip", tmp_path / "xinshao.db", later(hours=1))
        house.open()
        house.poll([change(2, later(hours=1))])
        await house.deliver(later(hours=1))
        before = house.told()
        house.ledger.record(by("zhou", "regrade", "QX-2026-0101", later(hours=2), level="red"))
        await house.deliver(later(hours=2, minutes=1))
        assert {int(mail["Importance"] == "high") for _, mail in server.stored[before.total() :]} == {1}
        assert house.told().total() > before.total()
        house.store.close()


async def test_another_debt_under_an_old_number_is_told(tmp_path: Path) -> None:
    """A database put back by other means gives numbers anew: QX-2026-0001 is another debt now, and not the old one."""
    async with running(MailServer()) as server:
        house = House(tmp_path, server)
        backup(house.store, tmp_path / "backup.zip", NOON)
        house.poll([change(2, NOON)])
        await house.deliver(later(minutes=1))
        before = house.told()
        house.store.close()
        restore(tmp_path / "backup.zip", tmp_path / "xinshao.db", later(hours=1))
        house.open()
        house.store.unit(lambda c: c.execute(delete(done)))  # as if pg_restore had done it
        house.poll([change(5, later(hours=1))])
        await house.deliver(later(hours=1, minutes=1))
        assert house.told().total() == 2 * before.total()
        house.store.close()


async def test_a_copied_file_does_not_send_its_queue_again(tmp_path: Path) -> None:
    """A database file put back by hand, with yesterday's queue in it; and a message a person wants out once more."""
    async with running(MailServer()) as server:
        house = House(tmp_path, server)
        house.poll([change(2, NOON)])
        house.store.close()
        shutil.copy(tmp_path / "xinshao.db", tmp_path / "copy.db")
        house.open()
        await house.deliver(later(minutes=1))
        before = house.told()
        house.store.close()
        shutil.copy(tmp_path / "copy.db", tmp_path / "xinshao.db")
        house.open()
        done = await house.deliver(later(hours=20))
        assert (done.sent, done.told_before) == (0, before.total())
        assert house.told() == before
        house.store.unit(lambda c: outbox.returned(c, 1, "550 bounced"))
        house.store.unit(lambda c: outbox.release(c, [1], later(hours=21)))
        assert (await house.deliver(later(hours=21))).sent == 1
        assert house.told().most_common(1)[0][1] == 2  # one Message-ID, twice, because a person asked for it
        house.store.close()


async def test_without_the_journal_too_the_message_ids_are_the_same(tmp_path: Path) -> None:
    """The journal went with the disk: whoever reads the mails again can tell by their Message-IDs."""
    async with running(MailServer()) as server:
        for folder, order in ((tmp_path / "a", (2, 3, 4)), (tmp_path / "b", (4, 2, 3))):
            folder.mkdir()
            house = House(folder, server)
            house.poll([change(n, NOON) for n in order])
            await house.deliver(later(minutes=1))
            house.store.close()
    assert set(Counter((to, str(mail["Message-ID"])) for to, mail in server.stored).values()) == {2}


def test_a_split_gives_two_incidents_two_messages(tmp_path: Path) -> None:
    """The debt's first post moves to the new incident: its name is taken, and the message gets another."""
    store = open_store(f"sqlite:///{tmp_path / 'x.db'}")
    messages = [
        Notification(
            key=f"{number}:first:1:mail:a@qinghe.example", occasion=Occasion.FIRST, channel="mail", recipient="a@b.c",
            reason="x", level=Level.BLUE, incident=number, data={"about": "p1"},
        )
        for number in ("QX-2026-0001", "QX-2026-0002", "QX-2026-0003")
    ]  # fmt: skip
    store.unit(lambda c: queue(c, messages[:1], NOON))
    store.unit(lambda c: queue(c, messages[1:], NOON))
    with store.read() as c:
        assert len({row["message_id"] for row in outbox.recent(c)}) == 3
    store.close()


# ------------------------------------------------------------------ the files
def row(number: int) -> dict[str, object]:
    return {
        "message_id": f"<{number}@xinshao.local>", "channel": "mail", "recipient": "a@qinghe.example", "level": 1,
        "incident": "QX-2026-0001", "occasion": "first", "data": {"posts_told": ["p1", "p2"]}, "sent_at": None,
        "due_at": NOON,
    }  # fmt: skip


def test_the_journal_holds_no_name_and_survives_a_torn_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "sent")
    journal.note(row(1), NOON)
    (path,) = (tmp_path / "sent").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"qinghe" not in path.read_bytes()
    with path.open("ab") as file:
        file.write(b'{"id": "<2@xinsh\n')
    journal.note(row(3), NOON)
    assert [one.message_id for one in journal.entries(NOON)] == ["<1@xinshao.local>", "<3@xinshao.local>"]


def test_old_files_go_and_a_full_disk_stops_no_mail(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "sent")
    journal.note(row(1), NOON)
    assert journal.entries(NOON + timedelta(days=89))
    assert journal.entries(NOON + timedelta(days=91)) == []
    assert list((tmp_path / "sent").iterdir())
    journal.entries(NOON + timedelta(days=200))
    assert list((tmp_path / "sent").iterdir()) == []
    (tmp_path / "file").write_text("in the way")
    Journal(tmp_path / "file").note(row(1), NOON)

"""A mailbox of forwarded clues, read from a real IMAP conversation on loopback."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from collect_imap import Mailbox

from monitor.collect import Trouble, Why
from monitor.collect import mailbox as module
from monitor.collect.mailbox import Mail, read_mailbox
from monitor.model import Feed

NOW = datetime(2026, 1, 20, 9, 0, tzinfo=UTC)
LETTERS = {uid: f"Subject: clue {uid}\r\n\r\n青禾县的工资 {uid}".encode() for uid in (3, 5, 9)}


def read(
    box: Mailbox, cursor: str | None = None, *, folder: str = "INBOX", allow: tuple[str, ...] = ("127.0.0.1/32",)
) -> Mail:
    url = f"imap://clues%40example.cn@127.0.0.1:{box.port}/{folder}"
    feed = Feed(name="线索邮箱", kind="mailbox", url=url, source="邮箱", allow=allow)
    return read_mailbox(feed, "p", cursor, NOW, addresses=lambda host: [host])


def uids(mail: Mail) -> list[str]:
    return [document.url.rpartition("UID=")[2] for document in mail.documents]


def test_letters_come_once_in_order_and_stay_unread() -> None:
    with Mailbox(dict(LETTERS)) as box:
        first = read(box)
        assert (uids(first), first.cursor) == (["3", "5", "9"], "7:9")
        assert [document.body for document in first.documents] == list(LETTERS.values())
        assert first.documents[0].url == "imap://127.0.0.1/INBOX;UIDVALIDITY=7/;UID=3"
        assert first.documents[0].headers["content-type"] == "message/rfc822"
        assert read(box, first.cursor) == Mail((), "7:9")
        box.letters[12] = b"Subject: new\r\n\r\nx"
        assert uids(read(box, first.cursor)) == ["12"]
    assert not any("STORE" in said or "BODY[]" in said for said in box.said)
    assert any(said.startswith('EXAMINE "INBOX"') for said in box.said)
    assert 'LOGIN clues@example.cn "p"' in box.said


def test_a_rebuilt_mailbox_is_read_like_a_new_one() -> None:
    with Mailbox(dict(LETTERS), validity=8) as box:
        assert uids(read(box, "7:9")) == ["3", "5", "9"]
        assert uids(read(box, "nonsense")) == ["3", "5", "9"]


def test_a_new_mailbox_gives_its_latest_and_a_full_one_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_LETTERS", 4)
    monkeypatch.setattr(module, "LETTERS", 3)
    with Mailbox(dict.fromkeys(range(1, 11), b"Subject: x\r\n\r\nx")) as box:
        first = read(box)
        second = read(box, first.cursor)
        assert (uids(first), uids(second), second.cursor) == (["7", "8", "9"], ["10"], "7:10")


def test_a_letter_too_large_is_passed_over_and_named() -> None:
    with Mailbox({1: b"huge", 2: b"Subject: x\r\n\r\nx"}) as box:
        mail = read(box)
    assert (uids(mail), mail.cursor) == (["2"], "7:2")
    assert mail.passed_over == (f"UID 1: 99000000 bytes, larger than {module.SIZE}",)


def test_what_was_read_before_a_line_broke_counts_and_the_next_visit_goes_on_from_there() -> None:
    """Large letters over a slow line never came to an end: each visit was cut off, and began again at the first."""
    with Mailbox(dict(LETTERS), breaks=9) as box:
        first = read(box)
        assert (uids(first), first.cursor) == (["3", "5"], "7:5")
        with pytest.raises(Trouble) as caught:
            read(box, first.cursor)
        assert caught.value.why is Why.PROTOCOL
        box.breaks = None
        assert uids(read(box, first.cursor)) == ["9"]


def test_a_folder_may_have_a_chinese_name() -> None:
    with Mailbox(dict(LETTERS)) as box:
        read(box, folder="%E7%BA%BF%E7%B4%A2%26x")
    assert 'EXAMINE "&fr99Ig-&-x"' in box.said


@pytest.mark.parametrize(
    ("fault", "why", "permanent"),
    [
        ("login", Why.CREDENTIAL, True), ("folder", Why.GONE, True), ("close", Why.PROTOCOL, False),
        ("garbage", Why.PROTOCOL, False), ("hang", Why.TIMEOUT, False),
    ],
)  # fmt: skip
def test_what_goes_wrong_has_its_reason(fault: str, why: Why, permanent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.3)
    with Mailbox(dict(LETTERS), fault=fault) as box, pytest.raises(Trouble) as caught:
        read(box)
    assert (caught.value.why, caught.value.permanent) == (why, permanent)


def test_a_password_is_needed_and_never_sent_in_the_clear_over_a_network() -> None:
    feed = Feed(name="x", kind="mailbox", url="imap://u@mail.example.cn/INBOX", source="x")
    with pytest.raises(Trouble) as caught:
        read_mailbox(feed, None, None, NOW)
    assert caught.value.why is Why.CREDENTIAL
    with pytest.raises(Trouble) as caught:
        read_mailbox(feed, "p", None, NOW, addresses=lambda host: ["10.0.0.5"])
    assert caught.value.why is Why.ADDRESS


def test_nobody_there_is_a_failure_with_words() -> None:
    with Mailbox() as box:
        pass
    with pytest.raises(Trouble) as caught:
        read(box)
    assert caught.value.why is Why.CONNECT


# ------------------------------------------------------------------ a server that means ill
@pytest.mark.parametrize(
    ("drips", "why"),
    [
        (("SEARCH", b"x", 0.02), Why.TIMEOUT),  # within every time-out of a socket
        (("SEARCH", b"* 1 EXISTS\r\n" * 5_000, 0.0), Why.PROTOCOL),
        (("FETCH", b"* 1 FETCH (BODY[] {4000000000}\r\n" + b"x" * 100_000, 0.0), Why.PROTOCOL),
        (("LOGIN", b"* OK wait\r\n", 0.01), Why.TIMEOUT),
    ],
)
def test_a_server_without_end_is_left(
    drips: tuple[str, bytes, float], why: Why, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had kept a thread for good, or been given four gigabytes of memory."""
    monkeypatch.setattr(module, "LONGEST", 30.0 if why is Why.PROTOCOL else 0.5)
    monkeypatch.setattr(module, "SAID", 400_000)
    with Mailbox({1: b"Subject: x\r\n\r\nx"}, drips=drips) as box, pytest.raises(Trouble) as caught:
        read(box)
    assert caught.value.why is why


@pytest.mark.parametrize(
    "says",
    [
        {"SEARCH": b"* SEARCH " + b"9" * 5_000 + b"\r\n"},
        {"SEARCH": b"* SEARCH " + b"9" * 30 + b"\r\n"},
        {"SIZE": b"* 1 FETCH (RFC822.SIZE " + b"9" * 5_000 + b")\r\n"},
        {"EXAMINE": b"* OK [UIDVALIDITY " + b"9" * 5_000 + b"] x\r\n"},
        {"CAPABILITY": b"* CAPABILITY IMAP4rev1 \xff\xfe\r\n"},
        {"FETCH": b"* 1 FETCH (BODY[] {99999999999999999999999}\r\n)\r\n"},
        {"FETCH": b"* 1 FETCH (BODY[] {-5}\r\n)\r\n"},
        {"SEARCH": b"* BYE\r\n"},
        {"SIZE": b"* 1 FETCH (RFC822.SIZE \xc2\xb2)\r\n"},
    ],
)
def test_nonsense_of_a_server_is_a_trouble_or_nothing_read(says: dict[str, bytes]) -> None:
    with Mailbox({1: b"Subject: x\r\n\r\nx"}, says=says) as box:
        try:
            found = read(box).cursor.partition(":")[0]
        except Trouble as trouble:
            found = trouble.why
    assert found in ("7", "0", Why.PROTOCOL)


def test_a_visit_ends_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VISIT", 10)
    with Mailbox(dict.fromkeys(range(1, 6), b"Subject: x\r\n\r\nx")) as box:
        first = read(box)
        second = read(box, first.cursor)
    assert (uids(first), uids(second)) == (["1"], ["2"])

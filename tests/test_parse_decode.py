"""Bytes into text: constructed cases of every way in which Chinese pages lie about their charset."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Document
from monitor.parse.decode import decode, decode_bytes, known
from monitor.parse.faults import Unreadable

COMMON = "青禾县北河工地拖欠十二名工人工资，多次讨要未果。"
BEYOND = "工头朱镕堃、杜喆欠薪不付，包工头名叫㛃𬭎𠮷。"  # GBK-only, GB18030-only and four-byte characters
WORDS = (COMMON, BEYOND)


def page(text: str, meta: str | None = None) -> str:
    label = f'<meta http-equiv="Content-Type" content="text/html; charset={meta}">' if meta else ""
    return f"<!doctype html><html><head>{label}<title>求助</title></head><body><p>{text}</p></body></html>"


def header(charset: str | None) -> str:
    return f"text/html; charset={charset}" if charset else "text/html"


# actual charset -> (header, meta) pairs that real sites send with it, true and false
LABELS = {
    "gb18030": [
        (None, None), (None, "gb2312"), (None, "gbk"), (None, "GB18030"), (None, "utf-8"), ("utf-8", "gb2312"),
        ("utf-8", None), ("utf-8", "utf-8"), ("gbk", None), ("GB2312", "utf-8"), ("iso-8859-1", None),
        ("iso-8859-1", "gb2312"), ("windows-1252", None), ("us-ascii", None), ("x-gbk", None), ("cp936", None),
        ("no-such-charset", None), ("no-such-charset", "gbk"), ("base64", None), ("", ""), ("'gb2312'", None),
        ("utf-16", None), ("utf-7", None), ("zlib", "gbk"),
    ],
    "utf-8": [
        (None, None), (None, "utf-8"), (None, "gb2312"), (None, "gbk"), ("gbk", None), ("gb2312", "utf-8"),
        ("gb18030", "gb18030"), ("iso-8859-1", None), ("iso-8859-1", "gb2312"), ("big5", None), ("utf8", None),
        ("UTF-8", "GB2312"), ("no-such-charset", None), ("utf-16", None), ("shift_jis", None), ("euc-kr", None),
        ("windows-1252", "gbk"), ("utf-7", "gbk"),
    ],
}  # fmt: skip
TABLE = [
    pytest.param(page(text, meta).encode(actual), header(sent), text, id=f"{actual}-{sent}-{meta}-{place}")
    for actual, pairs in LABELS.items()
    for (sent, meta), (place, text) in product(pairs, enumerate(WORDS))
]
MARKS = [
    pytest.param(mark + page(text, "gb2312").encode(actual), header(sent), text, id=f"mark-{actual}-{sent}-{place}")
    for (actual, mark), sent, (place, text) in product(
        (
            ("utf-8", b"\xef\xbb\xbf"),
            ("utf-16-le", b"\xff\xfe"),
            ("utf-16-be", b"\xfe\xff"),
            ("utf-32-le", b"\xff\xfe\x00\x00"),
            ("gb18030", b"\x84\x31\x95\x33"),
        ),
        (None, "gbk", "utf-8"),
        enumerate(WORDS),
    )
]
UNMARKED = [
    pytest.param(page(text).encode(actual), header(sent), text, id=f"unmarked-{actual}-{sent}-{place}")
    for actual, sent, (place, text) in product(("utf-16-le", "utf-16-be"), (None, "utf-16", "gbk"), enumerate(WORDS))
]


@pytest.mark.parametrize(("body", "content_type", "text"), TABLE + MARKS + UNMARKED)
def test_the_words_are_right_whatever_the_label_says(body: bytes, content_type: str, text: str) -> None:
    found = decode_bytes(body, content_type)
    assert text in found.text
    assert "\ufffd" not in found.text


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) + len(MARKS) + len(UNMARKED) >= 100


@pytest.mark.parametrize("missing", [1, 2, 3])
@pytest.mark.parametrize("text", WORDS)
@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16-le"])
def test_a_text_cut_in_the_middle_of_a_character_loses_that_character_only(
    charset: str, text: str, missing: int
) -> None:
    whole = page(text).removesuffix("。</p></body></html>")
    mark = b"\xff\xfe" if charset == "utf-16-le" else b""
    found = decode_bytes(mark + whole.encode(charset)[:-missing], header(None))
    kept = found.text.rstrip("\ufffd")
    assert whole.startswith(kept)
    assert len(whole) - len(kept) <= (missing + 1) // 2 + 1


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
@pytest.mark.parametrize("label", [None, "utf-8", "gbk"])
def test_a_hole_inside_does_not_spoil_the_rest(charset: str, label: str | None) -> None:
    """Forums cut excerpts by bytes; what follows the broken character must stay readable."""
    cut = COMMON.encode(charset)[:-4] + b"...</p>" if charset == "gb18030" else COMMON.encode()[:-1] + b"...</p>"
    body = page(COMMON * 5, None).encode(charset).replace("</p>".encode(charset), cut + b"<p>")
    body += COMMON.encode(charset)
    found = decode_bytes(body, header(label))
    assert found.text.count(COMMON[:-3]) == 7
    assert found.text.count("\ufffd") <= 2


@pytest.mark.parametrize("charset", ["big5", "shift_jis", "euc-kr"])
def test_a_true_label_of_another_charset_is_believed(charset: str) -> None:
    text = {"big5": "積欠工資", "shift_jis": "賃金未払い", "euc-kr": "임금 체불"}[charset]
    assert text in decode_bytes(page(text * 3).encode(charset), header(charset)).text


def test_seven_bit_charsets_are_read_by_their_label() -> None:
    found = decode_bytes(b"<p>" + "拖欠工资".encode("hz") + b"</p>", "text/html; charset=hz-gb-2312")
    assert (found.charset, found.source) == ("hz", "header")
    assert "拖欠工资" in found.text


def test_bytes_that_are_no_text_are_named() -> None:
    for sign, what in ((b"%PDF-1.7 x", "PDF"), (b"PK\x03\x04x", "zip"), (b"\x89PNG\r\n", "PNG")):
        with pytest.raises(Unreadable, match=what):
            decode(Document(url="https://a.example/", fetched_at=datetime(2026, 1, 1, tzinfo=UTC), body=sign))


@pytest.mark.parametrize("body", [b"", b"  \r\n "])
def test_an_empty_body_is_a_fault(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(Document(url="https://a.example/", fetched_at=datetime(2026, 1, 1, tzinfo=UTC), body=body))
    assert caught.value.code == "empty"
    assert "为空" in caught.value.zh


def test_a_surrogate_does_not_leave_the_room() -> None:
    found = decode_bytes(b"\xff\xfe" + "a".encode("utf-16-le") + b"\x3d\xd8" + "b".encode("utf-16-le"))
    found.text.encode("utf-8")
    decode_bytes(b"<p>\xed\xa0\xbd ok</p>").text.encode("utf-8")


@pytest.mark.parametrize("label", ["gb2312", "GBK", "gb_2312-80", "csGB2312", "x-gbk", "ms936", "GB18030"])
def test_every_name_of_the_national_charset_means_its_largest_edition(label: str) -> None:
    assert known(label) == "gb18030"


def test_characters_that_the_newer_edition_named_are_named() -> None:
    assert "龴" in decode_bytes(page(COMMON).encode("gb18030").replace(b"</p>", b"\xfe\x59</p>"), header("gbk")).text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["", "text/html; charset=gbk", "a; charset=utf-16le", "a;charset=hz"]))
def test_any_bytes_give_text_that_can_be_stored(body: bytes, content_type: str) -> None:
    decode_bytes(body, content_type).text.encode("utf-8")


CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=8, max_size=80)


@settings(max_examples=150, deadline=None)
@given(CHINESE, st.sampled_from([None, "utf-8", "gb2312", "iso-8859-1", "nonsense"]), st.sampled_from([None, "gbk"]))
def test_any_chinese_text_survives_a_gbk_site(text: str, sent: str | None, meta: str | None) -> None:
    assert text in decode_bytes(page(text, meta).encode("gb18030"), header(sent)).text


@settings(max_examples=150, deadline=None)
@given(CHINESE, st.sampled_from([None, "gbk", "gb2312", "iso-8859-1", "big5"]), st.sampled_from([None, "gbk"]))
def test_any_chinese_text_survives_a_utf_8_site(text: str, sent: str | None, meta: str | None) -> None:
    assert text in decode_bytes(page(text, meta).encode(), header(sent)).text

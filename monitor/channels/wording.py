"""What a message says: the values of its templates, from a queued row. Pure; reads no store and knows no protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, select_autoescape

import monitor.channels.links as links
from monitor.model import RETALIATION
from monitor.names import money as written
from monitor.names import names
from monitor.reasons import in_words
from monitor.text import face

Row = Mapping[str, Any]
HERE = Path(__file__).parent
COLOURS = {"red": ("#c62828", "#ffffff"), "orange": ("#e67700", "#000000"), "yellow": ("#f2c200", "#000000")}
BLUE = ("#1565c0", "#ffffff")
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
LONGEST_EXCERPT = 400  # characters of one post in a message
SUBJECT = 120


@cache
def words() -> dict[str, Any]:
    """The fixed words of messages."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / "words.yaml").read_text(encoding="utf-8"))
    return {**loaded, "verification": names()["verification"]}


@cache
def templates() -> Environment:
    """The templates: .html escapes everything, .txt nothing."""
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=select_autoescape(["html"]), trim_blocks=False, lstrip_blocks=False)


def _told(failed: Row | None) -> dict[str, Any] | None:
    """What did not reach the one before, its error in words."""
    return {**failed, "error": in_words(str(failed.get("error") or ""))} if failed else None


def subject(row: Row) -> str:
    """One line that says occasion, level, incident and that nothing is verified yet."""
    data, say = row["data"], words()
    if data.get("subject"):
        return clean(data["subject"])[:SUBJECT]
    occasion = say["occasions"].get(row["occasion"], row["occasion"])
    if not data.get("incident"):
        return clean(say["subject_plain"].format(occasion=occasion, what=in_words(row["reason"])))[:SUBJECT]
    unverified = say["unverified"] if data.get("verification") == "unverified" else ""
    line = say["subject"].format(
        occasion=occasion, level=data.get("level_name", ""), title=clean(data.get("title", ""))[:60],
        incident=data["incident"], unverified=unverified,
    )  # fmt: skip
    return clean(line)[:SUBJECT]


def values(row: Row, base_url: str) -> dict[str, Any]:
    """Everything the templates use."""
    data, say = clean_all(row["data"]), words()
    data.setdefault("occasion", row["occasion"])
    if "title" in data:
        data["title"] = " ".join(str(data["title"]).split())
    data.setdefault("what", clean_all(in_words(row["reason"])))
    colour, ink = COLOURS.get(data.get("level", ""), BLUE)
    return {
        "words": say,
        "data": data,
        "heading": subject(row),
        "colour": colour,
        "ink": ink,
        "verification": say["verification"].get(data.get("verification"), ""),
        "level_reasons": [reason.partition(":")[2] or reason for reason in data.get("level_reasons") or ()],
        "facts": facts(data.get("facts") or {}),
        "missing": [say["missing"].get(key, key) for key in data.get("missing") or ()],
        "excerpts": [excerpt(one) for one in data.get("excerpts") or ()],
        "protect": say["protect"] if _retaliation(data) else "",
        "spread": spread(data.get("spread") or {}),
        "deadlines": deadlines(data.get("clocks") or ()),
        "ack": links.acknowledge(base_url, data.get("token")),
        "page": links.absolute(base_url, f"/incidents/{data.get('incident')}"),
        "queue": links.absolute(base_url, "/queue") if data.get("post") else None,
        "evidence": [
            {**one, "url": links.absolute(base_url, one["url"])} for one in data.get("evidence") or () if one.get("url")
        ],
        "failed": _told(data.get("failed")),
        "phone": called(data.get("notify_by_phone") or ()),
        "to_call": called(data.get("to_call") or ()),
    }


def _retaliation(data: Row) -> bool:
    """Whether a post says that somebody was punished for complaining."""
    return any(trait["id"] == RETALIATION for trait in (data.get("facts") or {}).get("traits") or ())


def facts(stated: Row) -> list[tuple[str, str]]:
    """What the posts state, as (name, words); what they do not is left out."""
    say, unit = words()["facts"], words()["unit"]
    amount = stated.get("amount_yuan")
    found = [
        ("project", stated.get("project")),
        ("employer", stated.get("employer")),
        ("workers", stated.get("workers") and f"{stated['workers']} {unit['people']}"),
        ("amount", None if amount is None else money(amount)),
        ("months", stated.get("months") and f"{stated['months']:g} {unit['months']}"),
        ("place", " ".join(dict.fromkeys(str(part) for part in (stated.get("town"), stated.get("place")) if part))),
        ("sector", stated.get("sector_name")),
        ("traits", "、".join(trait["name"] for trait in stated.get("traits") or ())),
    ]
    return [(say[key], " ".join(str(value).split())) for key, value in found if value]


def called(departments: Sequence[Row]) -> list[str]:
    """Departments to telephone, each with its numbers: `公安局（指挥中心 0000-110）`."""
    found = []
    for one in departments:
        numbers = "，".join(f"{who['name']} {who['phone']}" for who in one.get("contacts") or () if who.get("phone"))
        found.append(f"{one['name']}（{numbers}）" if numbers else str(one["name"]))
    return found


def money(yuan: float) -> str:
    """46.8 万元, 3,200 元."""
    return written(yuan, " ")


def excerpt(one: Row) -> dict[str, Any]:
    """A masked post cut to length, in pieces that are marked or not."""
    text = str(one.get("text") or "")
    spans = sorted({(span["start"], span["end"]) for span in one.get("reasons") or ()})
    pieces, at = [], 0
    for start, end in spans:
        if at <= start < end <= min(len(text), LONGEST_EXCERPT):
            pieces += [{"text": text[at:start], "marked": False}, {"text": text[start:end], "marked": True}]
            at = end
    rest = text[at:LONGEST_EXCERPT] + ("…" if len(text) > LONGEST_EXCERPT else "")
    pieces = [piece for piece in (*pieces, {"text": rest, "marked": False}) if piece["text"]]
    published = one.get("published_at")
    about = " ".join(str(part) for part in (one.get("platform"), published and local(published)) if part)
    url = one.get("url")
    return {
        "pieces": pieces,
        "quoted": quoted(
            "".join(f"【{piece['text']}】" if piece["marked"] else str(piece["text"]) for piece in pieces)
        ),
        "about": about,
        "url": url if links.safe(url) else None,
    }


def quoted(text: str) -> str:
    """Each line behind a sign, as mails quote: a post cannot write a line that looks like one of the mail's own."""
    return "\n".join(f"  > {line}" for line in text.splitlines())


def spread(counts: Row) -> list[str]:
    """`帖文 3`, `浏览 1,200`: only what somebody said."""
    say = words()["spread"]
    return [f"{say[key]} {counts[key]:,}" for key in say if counts.get(key) is not None]


def deadlines(clocks: Sequence[Row]) -> list[dict[str, str]]:
    """The duties that are not done, the next due first."""
    undone = sorted((clock for clock in clocks if not clock.get("done_at")), key=lambda clock: str(clock["due_at"]))
    return [{"label": str(clock["label"]), "due": local(clock["due_at"])} for clock in undone]


def local(moment: str) -> str:
    """An ISO moment as people here write it."""
    return face(datetime.fromisoformat(moment))


def clean(text: str) -> str:
    """One line fit for a header: no controls and line ends, and no encoded word, which the mail library would decode.

    Python 3.11's EmailMessage decodes an encoded word of a header it is given, and a CR LF inside makes a new header.
    """
    line = CONTROLS.sub("", text.replace("\t", " ").replace("\n", " ")).replace("=?", "= ?").replace("?=", "? =")
    return " ".join(line.encode("utf-8", "replace").decode().split())


def clean_all(value: Any) -> Any:
    """Data without control characters, at every depth."""
    if isinstance(value, str):
        return CONTROLS.sub("", value).encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {key: clean_all(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_all(one) for one in value]
    return value

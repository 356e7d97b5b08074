"""Whether one person speaks of their own pay (1), or a pair does (2), where no number counts the unpaid.

Knows the signs of voices.yaml - a single voice, a single plaintiff, a headline on one worker, a crowd - and, for what
they do not foresee, the words of the text as hashes; lets the weights learnt by learn.py choose. Knows nobody: a name
only says that there is one.
"""

from __future__ import annotations

import itertools
import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

from classifiers.tokenizer import words
from monitor.facts.choice import weights
from monitor.facts.clauses import DEBT, UNPAID, WAGE, Clause, clauses
from monitor.facts.needles import Needles
from monitor.facts.persons import named
from monitor.facts.surnames import NO_NAME, SURNAME

SENTENCE, LONG = 160, 800  # characters of a text that is hardly more than a sentence; of one that tells a long story
SHORT, HEADLINE = 60, 80  # characters of a headline; in which news says of whom it is
OPENING, BEGINNING, PAIRS = 40, 200, 120  # characters of which the words, and the pairs of characters, are signs
BEFORE_PAY, AFTER_PAY, PAYS = 12, 6, 20  # characters around a word of pay that are, and how many such words
WORD = "~"  # begins the name of a sign that is a hash
_JOINT = re.compile(r"[、和与及]")
_NO_NAMED = re.compile(rf"{NO_NAME.pattern}|告|公司|班主|员工")
_NOT_ONE = {"class", "crowd", "they", "crowd act", "several", "owed us"}


@dataclass(frozen=True, slots=True)
class Voices:
    """The table of voices.yaml, compiled."""

    anywhere: tuple[tuple[str, re.Pattern[str]], ...]
    early: tuple[tuple[str, re.Pattern[str]], ...]
    named: dict[str, re.Pattern[str]]
    together: tuple[tuple[str, str], ...]
    needed: Needles  # of `anywhere` and then of `early`


@lru_cache(maxsize=1)
def voices() -> Voices:
    """The packaged table; ValueError if one of its patterns is wrong."""
    with (files("monitor.facts") / "voices.yaml").open(encoding="utf-8") as file:
        table = yaml.safe_load(file)
    never = table["never"]
    given = rf"(?:某{{1,2}}|(?![{never}])[\u4e00-\u9fa5](?:(?![{never}{table['never last']}])[\u4e00-\u9fa5])?)"
    lists = {
        "WAGE": WAGE,
        "DEBT": DEBT,
        "UNPAID": UNPAID,
        "KIN": table["kin"],
        "PERSON": f"{SURNAME}{given}",
        "SURNAME": SURNAME,
    }

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, listed in lists.items():
            pattern = pattern.replace(f"{{{name}}}", listed)
        return re.compile(pattern)

    anywhere = tuple((sign, compiled(pattern)) for sign, pattern in table["anywhere"].items())
    early = tuple((sign, compiled(pattern)) for sign, pattern in table["early"].items())
    return Voices(
        anywhere,
        early,
        {name: compiled(pattern) for name, pattern in table["named"].items()},
        tuple((one, other) for one, other in table["together"]),
        Needles([pattern.pattern for _, pattern in (*anywhere, *early)]),
    )


def alone(text: str, title_end: int, pieces: list[Clause] | None = None) -> tuple[int | None, tuple[int, int] | None]:
    """(2, span) for a pair, (1, span) for one person who is owed pay, else (None, None)."""
    table = voices().named
    if not table["pay"].search(text):
        return None, None
    for number, name in ((2, "pair"), (3, "three")):
        if found := table[name].search(text):
            return _with_more(text, number, *found.span())
    if ("原告" in text or "申请人" in text) and (found := table["plaintiffs"].search(text)):
        return len(_JOINT.findall(found["all"])) + 1, found.span("all")
    if plaintiff := _plaintiff(text):
        return 1, plaintiff
    model = weights("alone")
    if model.probability(_signs(text, title_end, None, pieces)) < model.least:
        return None, None
    return 1, _speaker(text)


def _with_more(text: str, number: int, start: int, end: int) -> tuple[int, tuple[int, int]]:
    """我和我老婆, 还有我妹夫: one more for each who is added."""
    more = voices().named["more"]
    while found := more.match(text, end):
        number, end = number + 1, found.end()
    return number, (start, end)


def signs(text: str, title_end: int) -> frozenset[str]:
    """What in the text speaks for one person, and for more."""
    return _signs(text, title_end, _plaintiff(text), None)


def _signs(text: str, title_end: int, plaintiff: tuple[int, int] | None, pieces: list[Clause] | None) -> frozenset[str]:
    table = voices()
    body = text[title_end:].lstrip()
    shown = set()
    for at in table.needed.worth(text):
        early = at - len(table.anywhere)
        sign, pattern = table.early[early] if early >= 0 else table.anywhere[at]
        if pattern.search(text, 0, HEADLINE if early >= 0 else len(text)):
            shown.add(sign)
    counted = {name: len(table.named[name].findall(text)) for name in ("I", "we", "he")}
    shown |= {f"{name} {min(number, 3)}" for name, number in counted.items()}
    if plaintiff:
        shown.add("plaintiff")
    if table.named["begins"].search(body):
        shown.add("begins")
    if counted["I"] and counted["I"] >= 3 * counted["we"]:
        shown.add("I outweighs we")
    size = len(text)
    shown.add("headline" if len(body) < 5 else "short" if size <= SHORT else "long" if size > LONG else "middling")
    if "me" in shown and "plural" not in shown:
        shown.add("me, no plural")
    shown |= _of_the_pay(table, pieces or clauses(text))
    if _by_rule(table, text, shown, counted["we"]):
        shown.add("rule")
    if counted["we"] == 0 and not shown & _NOT_ONE:
        shown |= {"no plural"} | {f"no plural & {sign}" for sign in shown}
    shown |= {f"{one} & {other}" for one, other in table.together if one in shown and other in shown}
    return frozenset(shown | _spoken(table, text))


def _spoken(table: Voices, text: str) -> set[str]:
    """Hashes: the words a text begins with, those around its words of pay, the pairs of characters of its beginning."""
    shown = {_hashed("opening", word) for word in words(text[:OPENING])}
    shown |= {_hashed("word", word) for word in words(text[:BEGINNING])}
    shown |= {_hashed("pair", text[at : at + 2]) for at in range(min(len(text), PAIRS) - 1)}
    for found in itertools.islice(table.named["pay"].finditer(text), PAYS):
        around = text[max(0, found.start() - BEFORE_PAY) : found.end() + AFTER_PAY]
        shown |= {_hashed("near pay", word) for word in words(around)}
    return shown


@lru_cache(maxsize=65_536)
def _hashed(where: str, word: str) -> str:
    return f"{WORD}{zlib.crc32(f'{where} {word}'.encode()) & 0xFFFFF:05x}"


def _of_the_pay(table: Voices, pieces: list[Clause]) -> set[str]:
    """Whose pay it is: who is named in the clauses that speak of pay or of its not coming, and in how many of them."""
    spoken = [piece.text for piece in pieces if table.named["pay"].search(piece.text)]
    shown = set()
    for who in ("I", "we", "they", "kin"):
        said = (True for piece in spoken if table.named[f"pay {who}"].search(piece))
        shown.add(f"pay of {who} {sum(itertools.islice(said, 2))}")
    if spoken and "pay of we 0" in shown and "pay of they 0" in shown:
        shown.add("pay of I alone" if "pay of I 0" not in shown else "pay of nobody")
    return shown


def _by_rule(table: Voices, text: str, shown: set[str], we: int) -> bool:
    """What the plain rules make of the text: owed to me and not to us, an unnamed plaintiff, one who begins alone."""
    if (shown & {"owed me", "hired"} and not we) or ("unnamed" in shown and "several" not in shown):
        return True
    begins = {"I outweighs we", "begins"} <= shown
    alone = "plural" not in shown and ("me" in shown or "one early" in shown)
    return (begins or alone) and bool(table.named["owes"].search(text))


def _plaintiff(text: str) -> tuple[int, int] | None:
    """Where a single worker is named by a court or a headline."""
    table = voices()
    anywhere = dict(table.anywhere)
    if anywhere["several"].search(text):
        return None
    judged = len(text) <= SENTENCE or anywhere["court"].search(text)
    patterns = [table.named["named"]] + ([table.named["named in court"]] if judged else [])
    found = (match for pattern in patterns for match in pattern.finditer(text))
    first = next((m for m in found if not _NO_NAMED.search(m[m.lastgroup or 0].replace("原告", ""))), None)
    if first or not judged or table.named["I"].search(text) or table.named["we"].search(text):
        return first.span() if first else None
    people = named(text)
    return people[0][1:] if len(people) == 1 else None


def _speaker(text: str) -> tuple[int, int] | None:
    """Where the one person stands in the text."""
    table = voices()
    anywhere, early = dict(table.anywhere), dict(table.early)
    for pattern in (anywhere["owed me"], table.named["I"], early["one early"], anywhere["she"], early["person early"],
                    anywhere["unnamed"], anywhere["kin"], anywhere["hired"], table.named["owes"]):  # fmt: skip
        if found := pattern.search(text):
            return found.span()
    return None

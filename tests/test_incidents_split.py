"""What a person parted stays parted when every post is placed anew, by the ledger's own links."""

from __future__ import annotations

from pathlib import Path

import pytest
from ledgerhouse import NOON, by, joined, ledger_on, reading, stores

from monitor.incidents.gather import Gathering
from monitor.incidents.links import Links
from monitor.store import incidents, posts
from monitor.store.codec import reading_from

TEXT = "锦禾苑三期甲木建工又欠了工资，这次是塔吊班组4个人2万元"
STAY, GO = ("p1", "p4", "p5"), ("p2", "p3")


@pytest.mark.parametrize("order", ["p1 p2 p3 p4 p5", "p5 p3 p4 p2 p1"])
def test_a_split_of_the_same_words_survives_a_full_new_placing(tmp_path: Path, order: str) -> None:
    for store in stores("sqlite", tmp_path):
        ledger = ledger_on(store)
        opened = ledger.record(joined(reading("p1", TEXT)))
        for post in ("p2", "p3", "p4", "p5"):
            ledger.record(joined(reading(post, TEXT, author=post)))
        ledger.record(by("zhou", "split", str(opened.incident), reason="另一个班组", posts=list(GO)))
        with store.read() as c:
            rows = {post: posts.one(c, post) or {} for post in (*STAY, *GO)}
            links = incidents.links_of(c, [*STAY, *GO])
        parted = {post: row["incident"] for post, row in rows.items()}
        readings = {post: reading_from(row) for post, row in rows.items()}
        assert {parted[post] for post in STAY}.isdisjoint({parted[post] for post in GO})

        # the ledger itself, asked again
        assert {post: ledger.where(one, NOON).incident for post, one in readings.items()} == parted
        # everything anew, from nothing but posts and links
        pairs = [((link["a"], link["b"]), link["must"]) for link in links]
        kept = Links.of([pair for pair, must in pairs if must], [pair for pair, must in pairs if not must])
        gathering = Gathering(links=kept)
        anew = {post: gathering.add(readings[post], NOON)[0] for post in order.split()}
        assert {anew[post] for post in STAY}.isdisjoint({anew[post] for post in GO})


def test_a_word_about_two_posts_holds_for_all_that_are_tied_to_them() -> None:
    links = Links.of([("a", "b"), ("c", "d"), ("b", "e")], [("a", "d"), ("x", "c")])
    assert links.together("e") == {"a", "b"}
    assert links.apart("e") == {"c", "d"}
    assert links.apart("d") == {"a", "b", "e", "x"}
    assert links.apart("x") == {"c", "d"}
    assert links.together("nobody") == links.apart("nobody") == frozenset()

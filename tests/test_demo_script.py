"""The scripted day keeps its promises: enough posts, every kind of trap, incidents of every level, no paging needed."""

from __future__ import annotations

from collections import Counter

from monitor import demo
from monitor.demo import expected
from monitor.demo.script import rows, stories
from monitor.model import Kind, Level
from monitor.routing import load_matrix

LATEST = {"bbs": 20, "board": 10, "news": 20, "rss": 50, "atom": 50, "json": 50}  # what a site shows on its first page


def test_the_day_has_at_least_300_posts_of_every_kind_on_every_site() -> None:
    kinds = Counter(row.kind for row in rows())
    assert len(rows()) >= 300
    assert set(kinds) == set(Kind)
    assert {row.site for row in rows()} == set(LATEST)
    assert 40 <= len(expected.alerting()) <= 60
    assert len(expected.unsure()) >= 10
    assert len({row.by for row in rows()}) > 200


def test_no_text_is_given_twice_save_the_scripted_reposts() -> None:
    texts = Counter(row.text for row in rows())
    assert [text for text, count in texts.items() if count > 1] == []


def test_there_are_incidents_of_every_level_and_each_is_told_by_someone() -> None:
    assert {story.level for story in stories().values()} == set(Level)
    assert {row.incident for row in expected.alerting()} == set(stories())
    assert sum(story.resolved for story in stories().values()) >= 1
    assert sum(story.reopened for story in stories().values()) >= 1
    assert sum(story.opens_at is not story.level for story in stories().values()) >= 1


def test_every_expected_lead_is_a_department_that_can_be_reached() -> None:
    with demo.start(all_at_once=True, script=()) as town:
        contacts = town.county.contacts
    for story in stories().values():
        assert story.lead in load_matrix().departments
        assert contacts[story.lead][0].mail
        assert str(contacts[story.lead][0].mail).endswith(".example")


def test_a_whole_day_fits_on_the_first_page_of_each_list() -> None:
    for channel, count in Counter(row.channel for row in rows()).items():
        assert count <= LATEST[channel.split("/")[0]], channel


def test_a_post_is_recognised_from_what_a_site_shows_of_it() -> None:
    for row in rows():
        found = expected.row_of(row.text.replace("\n", " "))
        assert found is not None
        assert found.id == row.id or found.text.strip() in row.text, row.id


def outcome(key: str, **values: object) -> expected.Outcome:
    story = stories()[key]
    posts = tuple(row.id for row in rows() if row.incident == key)
    given = {"id": f"QH-{key}", "level": story.level, "lead": story.lead, "posts": posts, "mailed": True, **values}
    return expected.Outcome(**given)  # type: ignore[arg-type]


def test_a_day_as_scripted_has_no_faults_and_every_other_day_says_what_is_wrong() -> None:
    good = [outcome(key) for key in stories()]
    assert expected.faults(good) == []
    assert expected.faults(good[1:]) == ["crane: never opened"]
    split = [outcome("crane", posts=("crane-1",)), outcome("crane", posts=("crane-2",)), *good[1:]]
    assert expected.faults(split)[0].startswith("crane: opened 2 times")
    wrong = [outcome("crane", level=Level.BLUE, lead="hrss", mailed=False), *good[1:]]
    assert expected.faults(wrong) == [
        "crane: blue, scripted red",
        "crane: led by hrss, scripted police",
        "crane: no mail",
    ]
    trap = expected.Outcome("QH-9", Level.ORANGE, "hrss", ("joke-01",), True)
    assert expected.faults([*good, trap]) == ["joke-01 (noise) is in QH-9, mailed at orange"]

"""What an operator's files may say, and how every mistake in them is reported."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from monitor import config
from monitor.errors import ConfigError

DATA = Path(__file__).parent / "data" / "config"
GOOD = """
feeds:
  - {name: 论坛, kind: discuz, url: "https://example.invalid/forum.php?mod=rss&fid=2", source: 青禾论坛, every: 10m,
     purpose: 发现欠薪线索, legal_basis: 公开信息}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config.read_feeds(path)
    return [str(fault) for fault in caught.value.faults]


def test_a_good_feed_is_read_with_sensible_defaults(tmp_path: Path) -> None:
    (feed,) = config.read_feeds(written(tmp_path, "feeds.yaml", GOOD))
    assert (feed.name, feed.kind, feed.every, feed.minimum) == ("论坛", "discuz", timedelta(minutes=10), 1)


def test_ten_different_faults_are_all_reported_at_once_each_with_its_path() -> None:
    faults = faults_of(DATA / "ten_faults.yaml")
    for path in (
        "feeds[0] (一).evry: unknown key",
        "feeds[1] (二).kind: unknown kind 'telepathy'",
        "feeds[2] (三).url: must begin with http://",
        "feeds[3] (四).legal_basis: is missing",
        "feeds[4] (五).every: must be a number with a unit",
        "feeds[5] (六).minimum:",
        "feeds[6] (一).name: also the name of feeds[0]",
        "feeds[7] (八).allow:",
        "feeds[8] (九).options.cookie: is not allowed",
        "feeds[9]:",
    ):
        assert any(path in fault for fault in faults), (path, faults)
    assert len(faults) == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "feeds.yaml: feeds: is missing or empty"),
        ("feeds: []", "feeds.yaml: feeds: is missing or empty"),
        ("- a list", "feeds.yaml: feeds: is missing or empty"),
        ("feeds:\n  - {name: [", "feeds.yaml: line "),
        (GOOD + "more: 1\n", "feeds.yaml: more: unknown key"),
    ],
)
def test_a_file_that_is_no_feeds_file_is_refused_in_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    assert any(said in fault for fault in faults_of(written(tmp_path, "feeds.yaml", text)))


def test_entries_may_share_what_they_have_in_common(tmp_path: Path) -> None:
    """`<<: *forum` as the demo's own feeds.yaml has it; what stands in the entry itself goes before."""
    (tmp_path / "feeds.yaml").write_text(
        "feeds:\n"
        "  - &forum {name: 甲, kind: rss, url: 'https://a.example/1', source: 论坛, purpose: p, legal_basis: l}\n"
        "  - {<<: *forum, name: 乙, url: 'https://a.example/2'}\n",
        encoding="utf-8",
    )
    found = config.read_feeds(tmp_path / "feeds.yaml")
    assert [(feed.name, feed.source, feed.url[-1]) for feed in found] == [("甲", "论坛", "1"), ("乙", "论坛", "2")]


def test_a_key_written_twice_is_refused_for_the_second_would_replace_the_first(tmp_path: Path) -> None:
    path = tmp_path / "county.yaml"
    path.write_text(
        "code: '990421'\nname: 青禾县\ncontacts:\n  hrss: []\n  housing: []\n  hrss: []\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"county.yaml: line 6, column 3.*'hrss' stands here twice"):
        config.read_county(path)


def test_a_file_that_is_not_utf_8_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    assert "cannot be read" in faults_of(path)[0]
    path.write_bytes("feeds: 监测".encode("gb18030"))
    assert "is not UTF-8" in faults_of(path)[0]


def test_the_county_is_read_and_its_faults_are_listed(tmp_path: Path) -> None:
    good = written(
        tmp_path,
        "county.yaml",
        """
code: "990101"
name: 青禾县
register: [{kind: project, name: 锦禾苑三期, town: 柳溪镇, employers: [甲木建工]}]
contacts: {hrss: [{name: 值班一, mail: duty@hrss.example}]}
campaigns: [[2026-11-01, 2027-02-05]]
""",
    )
    county = config.read_county(good)
    assert county.register[0].employers == ("甲木建工",)
    assert county.contacts["hrss"][0].mail == "duty@hrss.example"
    assert county.campaigns[0][1] - county.campaigns[0][0] == timedelta(days=97)
    bad = written(
        tmp_path, "bad.yaml", "code: x\nname: 青禾县\nlead_policy: mine\nregister: [{kind: ship, name: 锦}]\n"
    )
    with pytest.raises(ConfigError) as caught:
        config.read_county(bad)
    assert len(caught.value.faults) == 3


def test_faults_of_all_files_come_together(tmp_path: Path) -> None:
    feeds = written(tmp_path, "feeds.yaml", "feeds: []")
    county = written(tmp_path, "county.yaml", "code: x\n")
    with pytest.raises(ConfigError) as caught:
        config.load(feeds=feeds, county=county, settings=config.Settings(home=tmp_path))
    assert {fault.path.split(":")[0] for fault in caught.value.faults} == {"feeds.yaml", "county.yaml"}


def test_without_a_county_file_the_default_receiver_gets_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    feeds = written(tmp_path, "feeds.yaml", GOOD)
    loaded = config.load(feeds=feeds, settings=config.Settings(home=tmp_path, duty_mail="duty@office.example"))
    assert loaded.county.contacts["qx_office"][0].mail == "duty@office.example"
    assert "XINSHAO_DUTY_MAIL" in str(loaded.warnings[0])


def test_the_installations_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = config.Settings(home=tmp_path / "var")
    key = settings.key()
    assert len(key) >= 32
    assert settings.key() == key
    assert stat.S_IMODE(os.stat(tmp_path / "var" / "secret.key").st_mode) == 0o600


def test_a_secret_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINSHAO_SMTP_PASSWORD", "canary-secret")
    assert "canary-secret" not in repr(config.read_settings())


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINSHAO_DIGEST_HOUR", "24")
    with pytest.raises(ConfigError, match="XINSHAO_DIGEST_HOUR"):
        config.read_settings()


def test_quiet_hours_are_a_setting_and_a_wrong_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [f"{at:%H:%M}" for at in config.Settings().quiet] == ["22:00", "07:00"]
    start, end = config.Settings(quiet_hours="").quiet
    assert start == end
    monkeypatch.setenv("XINSHAO_QUIET_HOURS", "late")
    with pytest.raises(ConfigError, match="XINSHAO_QUIET_HOURS"):
        config.read_settings()


@pytest.mark.parametrize("address", ["", "ftp://10.0.0.8", "xinshao.office.example", "http://"])
def test_an_address_that_no_browser_opens_is_refused_before_it_stands_in_a_mail(address: str) -> None:
    with pytest.raises(ValueError, match="the address that links in mails lead to"):
        config.Settings(base_url=address)

"""Training, gates and history: the same data give the same bytes; a worse model needs a reason; one step leads back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from classifiers import build, evaluate, measures, registry, train
from classifiers.corpus import Row, base, sources, templates
from classifiers.features import SENTENCE
from classifiers.verdict import Kind
from classifiers.wage_arrears import load
from monitor.commands import reading

NOW = datetime(2026, 1, 20, tzinfo=UTC)


def small() -> train.Corpus:
    """Every fourth template as if it were labelled: enough to train on, quick to fit."""
    rows = [
        Row(
            id=raw["id"],
            label=Kind(raw["label"]),
            origin="labelled",
            group=raw["pair"],
            platform=("weibo", "zhihu", "teddy")[number % 3],
            **sources.counted(None, raw["text"]),
        )
        for number, raw in enumerate(templates.posts())
        if number % 4 == 0
    ]
    return train.Corpus(tuple(rows), background=1000)


@pytest.fixture(scope="module")
def corpus() -> train.Corpus:
    return small()


@pytest.fixture
def home(tmp_path: Path, corpus: train.Corpus) -> Path:
    manifest, arrays = build.build(corpus)
    build.save(tmp_path / "models" / manifest["version"], manifest, arrays)
    return tmp_path


def version(home: Path) -> str:
    return next(each["version"] for each in registry.models(home) if not each["shipped"])


def test_the_same_data_give_the_same_bytes(tmp_path: Path, corpus: train.Corpus) -> None:
    for turn in ("one", "two"):
        build.save(tmp_path / turn, *build.build(corpus))
    for name in ("manifest.json", "weights.npz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_asking_for_help_builds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build.main(["--help"])
    assert left.value.code == 0
    assert "overwrites" in capsys.readouterr().out


def test_a_group_is_never_split(corpus: train.Corpus) -> None:
    folds: dict[str, set[int]] = {}
    for row, fold in zip(corpus.rows, train.assign_folds(corpus.rows), strict=True):
        folds.setdefault(row.group, set()).add(fold)
    assert all(len(each) == 1 for each in folds.values())


def test_the_shipped_model_passes_its_own_floors() -> None:
    assert registry.below_floors(registry.SHIPPED) == []


def test_a_model_below_the_floors_needs_a_reason_and_one_step_leads_back(home: Path) -> None:
    worse = version(home)
    folder = home / "models" / worse
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["figures"]["f1_open"] = 0.4
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(registry.BelowFloor, match="f1_open"):
        registry.promote(home, worse, at=NOW)
    shipped = registry.active(home).version
    registry.promote(home, worse, at=NOW, reason="the county's own posts differ")
    assert registry.active(home).version == worse
    registry.rollback(home, at=NOW)
    assert registry.active(home).version == shipped
    assert "own posts differ" in (home / "models" / "history.jsonl").read_text(encoding="utf-8")


def test_a_challenger_runs_in_shadow_and_decides_nothing(home: Path) -> None:
    registry.promote(home, version(home), at=NOW, beside=True)
    challenger = registry.shadow(home)
    assert challenger is not None
    assert challenger.version == version(home) != registry.active(home).version


def test_the_shadow_is_compared_post_by_post_and_acts_on_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner, posts = CliRunner(), home / "posts.jsonl"
    app = typer.Typer()
    reading.register(app)
    monkeypatch.setenv("XINSHAO_HOME", str(home))
    posts.write_text(
        '{"id": "a", "text": "老板拖欠我们半年工资，一分没给"}\n{"id": "b", "text": "今天去看花"}\n', "utf-8"
    )
    assert runner.invoke(app, ["model", "shadow", str(posts)]).exit_code == 1
    registry.promote(home, version(home), at=NOW, beside=True)
    found = runner.invoke(app, ["model", "shadow", str(posts)])
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["active"]["flag"] == "alert"
    assert not lines[1]["differs"]
    assert json.loads(found.stderr.splitlines()[-1])["shadow"] == version(home)


def test_nothing_to_roll_back_and_an_unknown_version_are_said(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        registry.rollback(tmp_path, at=NOW)
    with pytest.raises(LookupError, match="no model"):
        registry.promote(tmp_path, "nowhere", at=NOW)


def test_decisions_of_reviewers_are_learnt_from(tmp_path: Path) -> None:
    file = tmp_path / "decisions.jsonl"
    file.write_text('{"title": null, "text": "工钱没给", "label": "open"}\n', encoding="utf-8")
    assert [row.label for row in sources.decisions(file)] == [Kind.OPEN]
    file.write_text('{"text": "工钱没给", "label": "perhaps"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match="line 1"):
        sources.decisions(file)


def test_the_base_keeps_no_feature_of_fewer_than_three_groups() -> None:
    rows, background = base.load()
    groups: dict[str, set[str]] = {}
    for row in rows:
        for family, part in (
            ("words", row.words),
            *(pair for each in row.sentences for pair in zip(SENTENCE, each, strict=True)),
        ):
            for name in part:
                groups.setdefault(f"{family}|{name}", set()).add(row.group)
    assert background > 10_000
    assert min(map(len, groups.values())) >= base.LEAST_GROUPS


def test_a_base_is_read_back_as_written(tmp_path: Path, corpus: train.Corpus) -> None:
    rows = base.prune(corpus.rows[:60])
    base.save(rows, 7, tmp_path)
    back, background = base.load(tmp_path)
    assert background == 7
    assert [(row.label, row.words, row.sentences) for row in back] == [
        (row.label, row.words, row.sentences) for row in rows
    ]


def test_a_trained_model_reads_posts(home: Path) -> None:
    model = load(home / "models" / version(home))
    assert model.assess_one(None, "老板拖欠我们工资半年不给").score > model.assess_one(None, "工资全部结清了").score


def test_a_model_of_another_version_says_what_to_do(home: Path) -> None:
    manifest = home / "models" / version(home) / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    told["vocabulary"]["context"] = told["vocabulary"].pop("said")
    manifest.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ValueError, match="model promote shipped"):
        load(manifest.parent)


def test_measures_by_hand() -> None:
    truth, scores = [True, True, False, False], [0.9, 0.4, 0.6, 0.1]
    count = measures.confusion(truth, [score >= 0.5 for score in scores])
    assert (count.precision, count.recall, count.f1) == (0.5, 0.5, 0.5)
    assert measures.precision_at(truth, scores, 1.0) == pytest.approx(2 / 3)
    assert measures.threshold_for_recall(truth, scores, 1.0) == 0.4
    assert measures.threshold_for_precision(truth, scores, 1.0) == 0.9
    assert measures.calibration_error([True, False], [1.0, 0.0]) == 0.0
    assert measures.macro_f1(["a", "b"], ["a", "a"]) == pytest.approx(1 / 3)


def test_a_part_of_the_card_is_measured_like_the_whole(corpus: train.Corpus) -> None:
    found = evaluate.cross_validate(replace(corpus, rows=corpus.rows[:300]))
    parts = evaluate.by_part(found)
    assert parts["all"]["rows"] == sum(part["rows"] for name, part in parts.items() if name.startswith("platform"))

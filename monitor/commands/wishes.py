"""`wish add|list|answer`: what people ask about data held on them, and its answers. Knows the parts it asks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from monitor.commands.opening import MOST, By, Why, clock_now, existing_store, opened_ledger
from monitor.commands.saying import said, tell


def register(app: typer.Typer) -> None:
    """Adds the commands of wishes."""
    wish = typer.Typer(
        help="What people ask about data held on them (个人信息请求): by the link of their post, never by a name.",
        no_args_is_help=True,
    )
    wish.command()(add)
    wish.command(name="list")(show)
    wish.command()(answer)
    app.add_typer(wish, name="wish")


def add(
    link: Annotated[str, typer.Argument(help="The address of the post, as it was presented.")],
    kind: Annotated[str, typer.Option(help="access, correct or erase.")],
    proof: Annotated[str, typer.Option(help="How it was shown that the post is theirs: account, shown or family.")],
    wish: Annotated[str, typer.Option(help="What is asked, without names; it is masked before it is kept.")],
    by: By = "operator",
) -> None:
    """Registers a wish; prints its number and the day by which it is answered.

    Example: xinshao wish add https://bbs.qinghe.example/t/1 --kind erase --proof account --wish 删去我的帖子 --by zhou
    """
    from monitor.ledger.wishes import due_at, register
    from monitor.text import face

    with opened_ledger() as ledger:
        now = clock_now()
        number = register(ledger, kind=kind, link=link, wish=wish, proof=proof, by=by, at=now)
        due = due_at(ledger.calendar, now)
    typer.echo(said(f"wish {number}, to be answered by {face(due)[:10]}"))


def show(every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False) -> None:
    """The wishes that wait, one JSON line each, the next due first; with what is held behind the link.

    Example: xinshao wish list --all
    """
    import json

    from monitor.store import wishes
    from monitor.text import face

    with existing_store() as store, store.read() as c:
        for row in wishes.every(c) if every else wishes.waiting(c):
            held = [one["id"] for one in wishes.behind(c, row["link"])] if row["link"] else []
            told: dict[str, Any] = {
                key: row[key] for key in ("id", "kind", "wish", "proof", "by", "link", "outcome", "answer")
            }
            told |= {"at": face(row["at"]), "due_at": face(row["due_at"]), "posts": held}
            typer.echo(json.dumps(told, ensure_ascii=False))


def answer(
    number: Annotated[int, typer.Argument(min=1, max=MOST, help="The number of the wish.")],
    outcome: Annotated[str, typer.Argument(help="done, refused or unheld.")],
    reason: Why,
    by: By = "operator",
    post: Annotated[list[str] | None, typer.Option(help="A post behind the link; may be repeated.")] = None,
    hide: Annotated[
        list[str] | None, typer.Option(help="To correct: words of the masked text to mask; may be repeated.")
    ] = None,
) -> None:
    """Answers a wish and does what it asks. Erasing, masking and refusing are another person's than who registered it.

    Example: xinshao wish answer 3 done --post 1f0c9a7be2d34c55 --reason 已删除并告知 --by wu
    """
    from monitor.ledger.wishes import answer as record

    with opened_ledger() as ledger:
        record(
            ledger, number, outcome=outcome, text=reason, by=by, at=clock_now(), posts=post or (),
            hide=hide or (),
        )  # fmt: skip
    tell(f"wish {number} answered: {outcome}")

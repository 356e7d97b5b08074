"""Why a document could not be read: a stable code, an English sentence for logs, a Chinese one for the operator.

Knows the catalogue `faults.yaml`; does not know what happens to the feed afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from monitor.errors import InputError
from monitor.model import Post

# open.weibo.com, "Error code": 10022-10024 rates, 21314-21332 tokens; open.douyin.com: 2190002 ff.
_QUOTA = re.compile(
    r"\b1002[234]\b|rate limit|out of rate|too many|quota|频次|频率|频控|配额|次数.{0,6}(?:上限|用完|超)|超.{0,4}次数",
    re.I,
)
_TOKEN = re.compile(
    r"\b213(?:1[4-9]|2[1-7]|32)\b|\b10014\b|\b219000[2348]\b|access.?token|expired.?token|invalid.?token"
    r"|unauthori[sz]ed|insufficient.{0,12}permission|api.?key|密钥|令牌|未授权|授权.{0,4}(?:过期|失效|解除|取消)|合同.{0,4}到期",
    re.I,
)


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    text = resources.files(__package__).joinpath("faults.yaml").read_text("utf-8")
    table: dict[str, dict[str, str]] = yaml.safe_load(text)
    return table


class Unreadable(InputError):
    """A document that does not hold what its feed promises. `code` is a key of faults.yaml; `zh` is for the screen."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code = code
        self.facts = facts
        super().__init__(_catalogue()[code]["en"].format(**facts))

    @property
    def zh(self) -> str:
        """The sentence for the screen; what the platform itself said stays as it was said."""
        phrases = _catalogue()["phrases"]
        facts = {name: phrases.get(fact, fact) if isinstance(fact, str) else fact for name, fact in self.facts.items()}
        return _catalogue()[self.code]["zh"].format(**facts)


class Partly(Unreadable):
    """A document of which a part could not be read; `posts`: what the rest of it says."""

    def __init__(self, part: Unreadable, posts: Sequence[Post]) -> None:
        super().__init__(part.code, **part.facts)
        self.posts = posts


def refusal(said: str) -> Unreadable:
    """A platform's error answer: about the token, about the quota, or about something else; by its number and words."""
    code = "quota" if _QUOTA.search(said) else "token" if _TOKEN.search(said) else "platform_error"
    return Unreadable(code, why=said.strip()[:120])


def codes() -> frozenset[str]:
    """Every code that this room can raise."""
    return frozenset(_catalogue()) - {"phrases"}

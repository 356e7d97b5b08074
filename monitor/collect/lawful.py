"""What is never done to reach a source. Knows the red list and the keys that would serve it; reads no network.

A public office does not borrow a personal account, re-compute a platform's signature, or walk round a captcha or login
(个人信息保护法 10, 网络安全法 27, 反不正当竞争法 on technical measures). Whoever writes such a key
into feeds.yaml gets a sentence that says so, not a silent surprise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from monitor.collect.answer import Trouble, Why
from monitor.errors import Fault
from monitor.model import Feed

_KEYS = tuple(
    (re.compile(pattern, re.I), why)
    for pattern, why in (
        (r"^(?:set[-_]?)?cookies?$|^cookie[-_]?(?:jar|file)$|^(?:php)?sess(?:ion)?(?:[-_]?id)?$|^bduss$|^sessdata$",
         "a personal cookie or session is never used: take the official interface, a licensed vendor or an import"),
        (r"^_?sign(?:ature)?$|^a[-_]?bogus$|^x[-_]?bogus$|^x[-_]zse[-_]\d+$|^x[-_]s(?:[-_]common)?$|^ms[-_]?token$|^webid$",
         "a platform's signature is never re-computed: it is a technical measure against exactly that"),
        (r"^captcha|^verify[-_]?code$|^slider$", "a captcha is a no, and is taken as one"),
        (r"^prox(?:y|ies)(?:[-_]?pool)?$", "an access limit is not walked round by changing addresses"),
        (r"^user[-_]?agent$", "the User-Agent tells the truth: set XINSHAO_CONTACT instead"),
        (r"^(?:ignore|obey|skip)[-_]?robots|^robots$", "robots.txt is obeyed"),
        (r"^(?:user(?:name)?|login|passw(?:or)?d)$", "no login is used to read a public source"),
        (r"^(?:access[-_]?)?token$|^authorization$|^api[-_]?key$|^secret$",
         "a secret does not belong into feeds.yaml: XINSHAO_TOKENS holds granted tokens by feed name"),
    )
)  # fmt: skip
_RED = tuple(
    (re.compile(host), re.compile(path), why)
    for host, path, why in (
        (r"(?:^|\.)m\.weibo\.cn$", r"^/api/", "needs a personal cookie; weibo's official search or an import does it"),
        (r"(?:^|\.)tieba\.baidu\.com$", r"^/f/search|^/mo/", "needs a login and a captcha"),
        (r"(?:^|\.)weixin\.sogou\.com$", r"", "walks round an anti-robot wall; use your own account's messages"),
        (r"(?:^|\.)zhihu\.com$", r"^/api/", "needs a re-computed signature"),
        (r"(?:^|\.)douyin\.com$", r"^/aweme/|^/web/|/v1/web/", "needs a browser in disguise; use the official search"),
        (r"(?:^|\.)xiaohongshu\.com$", r"^/api/", "needs a re-computed signature"),
        (r"^liuyan\.people\.com\.cn$", r"^/v\d/", "signed; use the unsigned list /threads/queryThreadsList"),
    )
)  # fmt: skip
_OFFICIAL = re.compile(r"(?:^|\.)open\.douyin\.com$")


def faults(feed: Feed, where: str = "feeds.yaml") -> list[Fault]:
    """Every way in which this feed would cross the line; empty for a lawful one."""
    found = [Fault(f"{where}: {feed.name}.{path}", "is not allowed", why) for path, why in _wrong_keys(feed.options)]
    try:
        parts = urlsplit(feed.url)
        host = parts.hostname or ""
    except ValueError:
        return found
    for hosts, paths, why in _RED:
        if hosts.search(host) and paths.search(parts.path) and not _OFFICIAL.search(host):
            found.append(Fault(f"{where}: {feed.name}.url", "is not fetched", why))
    return found


def refuse_unlawful(feed: Feed) -> None:
    """Trouble (lawful) with the first fault; the same line is drawn at run time, whoever wrote the feed."""
    if found := faults(feed):
        raise Trouble(Why.LAWFUL, f"{found[0].path}: {found[0].remedy}", permanent=True, refused=True)


def _wrong_keys(options: Mapping[str, Any], prefix: str = "options") -> Iterator[tuple[str, str]]:
    for key, value in options.items():
        path = f"{prefix}.{key}"
        for pattern, why in _KEYS:
            if pattern.search(str(key)):
                yield path, why
        if isinstance(value, Mapping):
            yield from _wrong_keys(value, path)

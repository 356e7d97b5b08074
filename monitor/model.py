"""The types that flow through the house, from feed to mail. Knows no I/O and no clock.

    Feed --collect--> Document --parse--> Post --classifiers--> Assessment --facts--> Facts
         --incidents--> Change --ledger--> Assignment, Clock, Notification

All are frozen; datetimes are aware UTC and constructors refuse naive ones; money is in yuan, texts are as published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from classifiers.verdict import Assessment, Flag, Kind, Reason, full_text
from monitor.backing import Funds
from monitor.text import aware

__all__ = [
    "BY_FEED", "MACHINE", "RETALIATION", "SIGNS", "Act", "Assessment", "Assignment", "AssignmentState", "Change",
    "Clock", "Contact", "County", "Document", "Engagement", "Facts", "Feed", "Flag", "Grading", "Incident",
    "IncidentState", "Kind", "Level", "Notification", "Occasion", "Place", "Post", "Reading", "Reason", "RegisterRow",
    "Route", "Span", "Verification", "full_text",
]  # fmt: skip

BY_FEED = "feed"  # the reason of a place that the text does not name: the area its feed speaks for
MACHINE = "machine"  # the actor of every change that no person made


# ------------------------------------------------------------------ what is watched, and what came from it
@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """监测源: one entry of feeds.yaml. A contract: fewer than `minimum` posts is a failure, never "no news"."""

    name: str
    kind: str  # rss, listing, page, discuz, board, sitemap, weibo, douyin, vendor, file, mailbox, push
    url: str
    source: str  # the outlet or platform, as a person calls it
    every: timedelta = timedelta(minutes=15)
    minimum: int = 1  # posts a fetched document must yield
    period: timedelta = timedelta(days=7)  # within which at least one new post is expected
    purpose: str = ""
    legal_basis: str = ""
    owner: str = ""
    area: str | None = None  # division code the source speaks for
    selectors: Mapping[str, str] = field(default_factory=dict)  # CSS: item, link, title, text, time, author
    options: Mapping[str, Any] = field(default_factory=dict)  # kind-specific, validated by config
    allow: tuple[str, ...] = ()  # CIDR networks admitted although not public (intranet, loopback)
    follow: bool = False  # items are links whose pages hold the text
    enabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """网页快照: bytes as fetched, immutable: the evidence."""

    url: str
    fetched_at: datetime
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)  # lower-case names
    final_url: str | None = None

    def __post_init__(self) -> None:
        aware(self.fetched_at)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Engagement:
    """How far a post has gone when it was fetched; None where the platform does not say."""

    views: int | None = None
    likes: int | None = None
    comments: int | None = None
    reposts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """帖文: one message by one author. `complete` is False for a list item whose page still has to be fetched."""

    id: str
    text: str
    title: str | None = None
    platform: str | None = None
    url: str | None = None
    published_at: datetime | None = None
    author: str | None = None  # as published; never stored, see text.author_code
    engagement: Engagement | None = None
    native_id: str | None = None  # the platform's own id
    feed: str | None = None
    fetched_at: datetime | None = None
    complete: bool = True

    def __post_init__(self) -> None:
        for moment in (self.published_at, self.fetched_at):
            if moment is not None:
                aware(moment)

    @property
    def full_text(self) -> str:
        return full_text(self.title, self.text)


# ------------------------------------------------------------------ what the text says
@dataclass(frozen=True, slots=True)
class Span:
    """Where a fact stands: character offsets into `Post.full_text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """The work site as written and as resolved. `level`: province, city, county, town. `in_area` None: unknown."""

    text: str
    code: str | None = None
    name: str | None = None
    level: str | None = None
    in_area: bool | None = None
    town: str | None = None  # the county's own town or street, where known
    reason: str = ""

    @property
    def by_feed(self) -> bool:
        """Whether it is only the area of the feed, which tells no two debts apart and yields to any text."""
        return self.reason == BY_FEED


# 百人以上聚集, 暴力致伤, 堵路, 中央媒体报道或全国热搜: graver kinds of a trait, by which severity may grade
SIGNS = ("crowd", "injury", "road_blocked", "national_media", "life_unsure")
RETALIATION = "retaliation"  # the trait of the matrix: somebody was punished for complaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """要素: what the text states; None where it does not. `sector`, `traits`: ids of the matrix; `signs`: of SIGNS."""

    workers: int | None = None
    amount_yuan: float | None = None
    months: float | None = None
    employer: str | None = None
    project: str | None = None
    place: Place | None = None
    sector: str = "unknown"
    traits: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()  # of: employer, project, place, workers, amount, period
    doubts: tuple[str, ...] = ()  # figures that were refused, each with its reason


@dataclass(frozen=True, slots=True)
class Reading:
    """One post, read: what goes into an incident."""

    post: Post
    assessment: Assessment
    facts: Facts


# ------------------------------------------------------------------ decisions
class Level(StrEnum):
    """内部办理等级: how fast the office must act. Never called a public warning."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Grading:
    """The level and every condition that asked for one, e.g. `yellow:10-29人`."""

    level: Level
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """分派: who must act, under which law, and why. `hold`: a person decides before anything leaves the office."""

    lead: str
    co: tuple[str, ...] = ()
    notify_by_phone: tuple[str, ...] = ()
    hold: bool = False
    articles: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    ack_due: timedelta = timedelta(hours=4)
    matrix: str = ""  # version of the matrix that decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """时限: one duty and when it is due. `skipped`: days that did not count, each with its reason."""

    name: str  # acknowledge, phone_report, contact_worker, verify, public_reply, resolve ...
    started_at: datetime
    due_at: datetime
    done_at: datetime | None = None
    basis: str = ""  # the rule or article that sets it
    skipped: tuple[str, ...] = ()


class AssignmentState(StrEnum):
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    RETURNED = "returned"  # 退单: waits for arbitration, is never ownerless
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """交办: an incident given to a department."""

    id: int
    incident: str
    department: str
    role: str  # lead | co
    state: AssignmentState
    at: datetime
    hop: int = 0  # how often the lead has moved
    note: str = ""


class IncidentState(StrEnum):
    HELD = "held"  # routed by the matrix to a person first
    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    HANDLING = "handling"
    PAID = "paid"  # payment recorded, proof being checked
    REFERRED = "referred"  # 转送: sent to another county or handed up, waits for the receipt, then for what comes of it
    CLOSING = "closing"  # waits for the second person
    CLOSED = "closed"
    DISMISSED = "dismissed"
    MERGED = "merged"


class Verification(StrEnum):
    UNVERIFIED = "unverified"  # 未核实
    VERIFYING = "verifying"  # 核实中
    TRUE = "true"  # 属实
    PARTLY = "partly"  # 部分属实
    FALSE = "false"  # 不实; never creates a record about the poster


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """事件: one real-world debt of one employer or project; many posts."""

    id: str  # e.g. QX-2026-0038
    version: int
    state: IncidentState
    verification: Verification
    level: Level
    level_reasons: tuple[str, ...]
    facts: Facts  # merged over its posts
    title: str  # one line a person recognises it by; masked
    opened_at: datetime
    updated_at: datetime
    lead: str
    co: tuple[str, ...] = ()
    posts: int = 1
    life_risk: bool = False
    merged_into: str | None = None
    closed_at: datetime | None = None
    close_code: str | None = None


class Act(StrEnum):
    """What a change does. Machines do the first five; the rest are a person's."""

    OPEN = "open"
    JOIN = "join"
    HOLD = "hold"  # a post waits in the review queue
    PASS = "pass"  # a post is kept briefly; no ledger row
    RAISE = "raise"  # spread or time raised the level
    CONFIRM = "confirm"  # review: yes, an open case (opens or joins an incident)
    DISMISS = "dismiss"  # review: no; or the whole incident is no case
    MERGE = "merge"
    SPLIT = "split"
    REASSIGN = "reassign"
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    RETURN = "return"
    ARBITRATE = "arbitrate"
    CONTACT = "contact"
    VERIFY = "verify"
    PAY = "pay"
    REVERSE = "reverse"  # a payment was registered by mistake and counts no more
    REPLY = "reply"
    CORRECT = "correct"  # a fact
    REGRADE = "regrade"  # a person changes the level, with a reason
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    APPROVE = "approve"  # the second person
    LOOK_BACK = "look_back"
    REOPEN = "reopen"
    REFER = "refer"  # to another county, or up to the city
    RECEIPT = "receipt"  # what came back of it: taken, refused, handed back, or nothing in time
    ENFORCE = "enforce"  # how far arbitration, lawsuit or enforcement of a case closed as C5 has come
    NOTE = "note"
    UNMASK = "unmask"
    FILE = "file"  # a proof was filed with an incident
    CALL = "call"  # somebody was called on the phone, and what came of it
    PLAN = "plan"  # a step of the plan (预案) was done, or what was learnt afterwards
    ROSTER = "roster"  # shifts entered, removed, swapped
    SILENCE = "silence"  # a silence began or was ended
    HANDOVER = "handover"  # the note at a shift change, and who took it over
    DRILL = "drill"  # an invented incident to practise on
    LISTS = "lists"  # another office's list of debts was brought or undone, or a row of it judged
    ACCOUNT = "account"  # who may sign in and see what: added, confined, closed
    RECHECK = "recheck"  # 复查: what a second person says of a drawn post; changes nothing
    WISH = "wish"  # 个人信息请求: a person asked to see, correct or erase what is held about them, and was answered
    FUNDS = "funds"  # a list of deposits or special accounts was loaded or dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """变更: what a machine or a person did. The only way into the ledger.

    `version`: the incident version the actor saw; None for a machine, which always acts on the latest.
    `data`: what the act needs (documented per act in monitor.ledger.rules); the ledger checks it.
    """

    act: Act
    at: datetime
    reason: str
    actor: str = MACHINE
    incident: str | None = None
    version: int | None = None
    readings: tuple[Reading, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", aware(self.at))  # the chain holds moments as the store gives them back
        if not self.reason.strip():
            raise ValueError("a change needs a reason")


# ------------------------------------------------------------------ messages
class Occasion(StrEnum):
    """Why a message goes out."""

    FIRST = "first"  # 新线索; never 预警 beside a colour (突发事件应对法 63)
    JOINED = "joined"
    CALLED_IN = "called_in"  # 加入协办: what a further post says, or a correction, calls one more department in
    RAISED = "raised"
    UNACKNOWLEDGED = "unacknowledged"  # 催办, escalates
    DUE_SOON = "due_soon"  # 到期前 25 %
    OVERDUE = "overdue"  # 督办
    OVERDUE_TWICE = "overdue_twice"
    LOOK_BACK = "look_back"  # 回头看: seven and thirty days after close-out
    HANDOVER = "handover"  # 交班说明, to who comes on duty
    EVE_REPORT = "eve_report"  # 除夕前7日: every open case, every day
    RETURNED = "returned"
    REFERRED = "referred"  # handed on, received, come back
    REASSIGNED = "reassigned"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    DIGEST = "digest"
    ROSTER_GAP = "roster_gap"
    FEED_SILENT = "feed_silent"
    UNDELIVERED = "undelivered"
    LIFE_RISK = "life_risk"  # 人身安全: a post in the review queue, before any incident
    LOOK_FIRST = "look_first"  # 人身安全？请先看: a post that perhaps tells of danger, and that nobody has looked at
    DRILL = "drill"
    WISH_DUE = "wish_due"  # 个人信息请求 whose time to answer is nearly over, or is over


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One message to one recipient on one channel, with its reason. A `key` is queued once."""

    key: str
    occasion: Occasion
    channel: str  # mail, wecom, dingtalk, feishu, webhook
    recipient: str  # address or robot name
    reason: str
    level: Level = Level.BLUE
    incident: str | None = None
    department: str | None = None
    not_before: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)  # everything the template needs: composing reads no store


# ------------------------------------------------------------------ the county
@dataclass(frozen=True, slots=True)
class Contact:
    """One person or desk that can be reached. Officials on duty only; never a poster."""

    name: str
    mail: str | None = None
    phone: str | None = None
    robot: str | None = None
    town: str | None = None  # answers for this town only; None: for the whole county


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """One line of the county's own register: a project, an employer, a village or a nickname of a place."""

    kind: str  # project, employer, place
    name: str
    town: str | None = None
    aliases: tuple[str, ...] = ()
    sector: str | None = None
    gov_invested: bool = False
    soe: bool = False
    employers: tuple[str, ...] = ()  # of a project: owner, general contractor, subcontractors
    owner_department: str | None = None  # department id whose own project this is (conflict of interest)
    funds: Funds | None = None  # of a project: the money behind it; None: the register says nothing of it


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """What is particular to this installation: area, towns, register, contacts, policies."""

    code: str
    name: str
    province: str = ""
    city: str = ""
    towns: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)  # short form -> town or county
    register: tuple[RegisterRow, ...] = ()
    contacts: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)  # department id -> duty officers in order
    lead_policy: str = "industry_first"  # or hrss_first
    campaigns: tuple[tuple[datetime, datetime], ...] = ()

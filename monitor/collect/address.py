"""Where a request may go. Knows address syntax and the special networks; knows no HTTP and resolves no name.

An address is read once, by the WHATWG rules (ada), and everything after uses that reading: no second parser can
disagree about the host. Networks: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and updates).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import ada_url

from monitor.collect.answer import Trouble, Why

Ip = IPv4Address | IPv6Address
LONGEST = 8_000  # characters of an address
PORTS = {"http": 80, "https": 443}
NOT_WEB = frozenset({  # ports of other protocols a hostile link would have us speak to (Fetch standard, "bad port")
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104,
    109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515,
    526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049,
    3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697,
    9200, 10080, 11211, 27017,
})  # fmt: skip

_SPECIAL = tuple(
    (ip_network(network), name)
    for network, name in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local, cloud metadata"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "AS112"),
        ("192.52.193.0/24", "AMT"),
        ("192.88.99.0/24", "6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("192.175.48.0/24", "AS112"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved, broadcast"),
        ("2001::/23", "protocol assignments, Teredo, ORCHID"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "AS112"),
        ("3fff::/20", "documentation"),
    )
)
_GLOBAL_6 = ip_network("2000::/3")  # the only IPv6 space that is handed out as global unicast
_TRANSLATED = tuple(  # prefixes whose last 32 bits are an IPv4 address (RFC 4291, 6052, 2765)
    ip_network(prefix) for prefix in ("::ffff:0:0/96", "64:ff9b::/96", "::ffff:0:0:0/96", "::/96")
)
_IGNORED = re.compile(r"[\t\n\r]")  # the URL standard reads addresses as if these were not there
_EDGES = "".join(map(chr, range(0x21)))


@dataclass(frozen=True, slots=True)
class Target:
    """An address as it will be used: `host` is ASCII, lower case; `path` is the request target, percent-encoded."""

    url: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def netloc(self) -> str:
        """As the Host header says it: with the port unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def literal(self) -> Ip | None:
        try:
            return ip_address(self.host)
        except ValueError:
            return None


def read_address(url: str, base: str | None = None) -> Target:
    """The target of `url`, relative to `base`. Trouble (scheme, address) says why it may not be asked for.

    Refused whatever is allowed: other schemes than http(s), user names in the address, ports of other protocols, and
    numbers written so that a person would not recognise the address (decimal, octal, hex, short, IPv4 inside IPv6).
    """
    if len(url) > LONGEST:
        raise _refusal(f"longer than {LONGEST} characters")
    url = _IGNORED.sub("", url).strip(_EDGES)
    try:
        parsed = ada_url.URL(url, base=base) if base else ada_url.URL(url)
    except (ValueError, UnicodeError) as problem:
        raise _refusal(f"not a web address: {_brief(url)}") from problem
    scheme = parsed.protocol.rstrip(":")
    if scheme not in PORTS:
        raise Trouble(Why.SCHEME, f"{scheme} is not fetched, only http and https", permanent=True, refused=True)
    if parsed.username or parsed.password:
        raise _refusal("a user name or password stands in the address")
    host = parsed.hostname.strip("[]").rstrip(".")
    if not host:
        raise _refusal("no host")
    port = int(parsed.port) if parsed.port else PORTS[scheme]
    if port in NOT_WEB or port == 0:
        raise _refusal(f"port {port} belongs to another protocol")
    target = Target(
        url=parsed.href.partition("#")[0], scheme=scheme, host=host, port=port, path=parsed.pathname + parsed.search
    )
    _plainly_written(url, target, base)
    return target


def _plainly_written(url: str, target: Target, base: str | None) -> None:
    """An IP address must be written the ordinary way; nobody honest writes 2130706433 or 0x7f.1."""
    literal = target.literal
    if literal is None:
        return
    if isinstance(literal, IPv6Address):
        if any(literal in network for network in _TRANSLATED) and literal not in (IPv6Address(0), IPv6Address(1)):
            raise _refusal(f"an IPv4 address is hidden in [{target.host}]")
        return
    written = _written_host(url)
    if written is None and base is not None and read_address(base).host == target.host:
        return  # relative: the base's own host, which was read before
    if written != target.host:
        raise _refusal(f"{_brief(written or url)} is a disguise of {target.host}")


def _written_host(url: str) -> str | None:
    """The host as it stands in the text; None for a relative address."""
    match = re.match(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?[/\\]{2,}([^/\\?#]*)", url)
    if match is None:
        return None if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", url) else ""
    return match[1].rpartition("@")[2].partition(":")[0]


def judge(address: Ip, allow: Iterable[str] = ()) -> str | None:
    """Why this address may not be connected to; None when it may. `allow`: networks the feed admits."""
    if _within(address, allow):
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id:
            return f"{address} is bound to one link"
        if (inner := _embedded(address)) is not None:
            verdict = judge(inner, allow)
            return f"{address} stands for {verdict}" if verdict else None
        if address not in _GLOBAL_6:
            return f"{address} is not a global address"
    for network, name in _SPECIAL:
        if address.version == network.version and address in network:
            return f"{address} is not public ({name})"
    return None


def check(addresses: Sequence[str], allow: Iterable[str] = ()) -> list[str]:
    """The addresses of a host, all of them admitted. One that is not refuses the host: that is how re-binding looks."""
    admitted = tuple(allow)
    for text in addresses:
        try:
            address = ip_address(text)
        except ValueError as problem:
            raise _refusal(f"the name resolves to {_brief(text)}") from problem
        if verdict := judge(address, admitted):
            raise _refusal(verdict)
    if not addresses:
        raise Trouble(Why.DNS, "the name has no address")
    return list(addresses)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if any(address in network for network in _TRANSLATED):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _within(address: Ip, networks: Iterable[str]) -> bool:
    return any(
        address.version == network.version and address in network
        for network in (ip_network(each, strict=False) for each in networks)
    )


def _refusal(detail: str) -> Trouble:
    return Trouble(Why.ADDRESS, detail, permanent=True, refused=True)


def _brief(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:77] + "...")

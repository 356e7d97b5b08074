"""Where a request may go: every trick written down, and the address really connected to."""

from __future__ import annotations

import contextlib
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml
from collect_site import LOOPBACK, PAGE, Site, http
from hypothesis import given
from hypothesis import strategies as st

from monitor.collect import Fetcher, Limits, Outcome, Request, Trouble, Why
from monitor.collect.address import check, judge, read_address

TRICKS = yaml.safe_load((Path(__file__).parent / "data/collect/addresses.yaml").read_text("utf-8"))


@pytest.mark.parametrize("host", TRICKS["disguises"])
def test_an_address_in_disguise_is_refused_even_where_it_is_allowed(host: str) -> None:
    for text in (f"http://{host}/", f"http://{host}:8080/x", f"//{host}/"):
        with pytest.raises(Trouble) as caught:
            read_address(text, base="http://127.0.0.1/")
        assert caught.value.why is Why.ADDRESS
        assert caught.value.refused
        assert caught.value.permanent


@pytest.mark.parametrize(
    "text", ["/\t/2130706433/", "/\n\\2130706433/", "\\\\0x7f.1\\", "http:\\\\127.1/", "  //127.1/"]
)
def test_white_space_and_backslashes_do_not_hide_a_host(text: str) -> None:
    with pytest.raises(Trouble, match="disguise"):
        read_address(text, base="http://bbs.example.cn/")


@pytest.mark.parametrize("address", TRICKS["not_public"])
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert judge(ip_address(address)) is not None
    with pytest.raises(Trouble):
        check(["8.8.8.8", address])


@pytest.mark.parametrize("address", TRICKS["public"])
def test_a_public_address_is_admitted(address: str) -> None:
    assert judge(ip_address(address)) is None


@pytest.mark.parametrize("text", TRICKS["wrong_schemes"])
def test_only_http_and_https_are_fetched(text: str) -> None:
    with pytest.raises(Trouble) as caught:
        read_address(text)
    assert caught.value.why is Why.SCHEME


@pytest.mark.parametrize("text", [*TRICKS["malformed"], "http://" + "a" * 9000])
def test_what_is_no_address_is_refused_and_never_raises_anything_else(text: str) -> None:
    with pytest.raises(Trouble):
        read_address(text)


@pytest.mark.parametrize("text", TRICKS["with_names"])
def test_a_user_name_in_an_address_is_refused(text: str) -> None:
    with pytest.raises(Trouble):
        read_address(text)


@pytest.mark.parametrize("port", [22, 25, 6379, 3306, 11211, 9200, 0])
def test_the_port_of_another_protocol_is_refused(port: int) -> None:
    with pytest.raises(Trouble, match="port"):
        read_address(f"http://example.cn:{port}/")


def test_an_ordinary_address_is_read_once_and_for_all() -> None:
    target = read_address("HTTP://BBS.Example.CN.:8080/路径/../x?q=工资#frag")
    assert (target.host, target.port, target.path) == ("bbs.example.cn", 8080, "/x?q=%E5%B7%A5%E8%B5%84")
    assert (target.origin, target.netloc) == ("http://bbs.example.cn:8080", "bbs.example.cn:8080")
    assert read_address("http://青禾县.cn/").host.startswith("xn--")
    assert read_address("https://[2400:3200::1]/").netloc == "[2400:3200::1]"


def test_allowing_a_network_admits_it_and_no_other() -> None:
    assert judge(ip_address("10.1.2.3"), ["10.1.0.0/16"]) is None
    assert judge(ip_address("10.2.2.3"), ["10.1.0.0/16"]) is not None
    assert judge(ip_address("fd00::1"), ["fd00::/8"]) is None
    assert judge(ip_address("169.254.169.254"), ["10.0.0.0/8", "127.0.0.0/8"]) is not None


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    with pytest.raises(Trouble, match="loopback"):
        check(["1.1.1.1", "127.0.0.1"])
    with pytest.raises(Trouble) as caught:
        check([])
    assert caught.value.why is Why.DNS


@given(st.ip_addresses(v=4))
def test_whatever_the_standard_library_calls_private_is_refused(address: object) -> None:
    """ipaddress knows the same registries by another table: nothing it calls special may pass ours."""
    ip = ip_address(str(address))
    if not ip.is_global or ip.is_multicast:
        assert judge(ip) is not None


@given(st.ip_addresses(v=6))
def test_no_ipv6_outside_global_unicast_is_admitted(address: object) -> None:
    ip = ip_address(str(address))
    if judge(ip) is None:
        assert (
            ip in ip_network("2000::/3") or ip in ip_network("64:ff9b::/96") or int(ip) >> 32 in (0, 0xFFFF, 0xFFFF0000)
        )


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_a_trouble(text: str) -> None:
    for each in (text, f"http://{text}", f"http://{text}/"):
        with contextlib.suppress(Trouble):
            assert read_address(each).scheme in ("http", "https")


# ------------------------------------------------------------------ the address connected to
async def test_loopback_is_refused_unless_it_is_allowed_and_then_the_peer_is_what_was_checked() -> None:
    async with Site({"/": http()}) as site, Fetcher() as fetcher:
        refused = await fetcher.fetch(Request(url=site.url()))
        assert (refused.outcome, refused.why, refused.permanent) == (Outcome.REFUSED, Why.ADDRESS, True)
        assert site.asked == []
        fetched = await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK))
        assert (fetched.outcome, fetched.peer) == (Outcome.OK, "127.0.0.1")


async def test_a_name_is_resolved_once_and_only_the_checked_address_is_connected_to() -> None:
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.2"]

    async with Site({"/x": http()}, host="127.0.0.2") as site, Fetcher(resolve=resolve) as fetcher:
        fetched = await fetcher.fetch(Request(url=f"http://bbs.example.cn:{site.port}/x", allow=("127.0.0.2/32",)))
    assert (fetched.outcome, fetched.peer) == (Outcome.OK, "127.0.0.2")
    assert {each.host for each in site.asked} == {f"bbs.example.cn:{site.port}"}, "Host keeps the name"
    assert set(asked) == {"bbs.example.cn"}


async def test_a_resolver_that_changes_its_answer_never_gets_us_to_another_address() -> None:
    """DNS re-binding: admitted when asked first, loopback when asked again. Every answer is judged where it is used."""
    answers = [["127.0.0.2"], ["127.0.0.2"], ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async with (
        Site({"/x": http()}, host="127.0.0.2") as site,
        Fetcher(resolve=resolve, limits=Limits(deadline=5, retries=0)) as fetcher,
    ):
        url = f"http://rebind.example.cn:{site.port}/x"
        outcomes = [await fetcher.fetch(Request(url=url, allow=("127.0.0.2/32",))) for _ in range(4)]
    assert all(each.why is Why.ADDRESS for each in outcomes if each.outcome is not Outcome.OK)
    assert outcomes[-1].outcome is Outcome.REFUSED
    assert {each.peer for each in outcomes} <= {"127.0.0.2", None}


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/", "http://2130706433:{port}/canary", "http://[::ffff:127.0.0.1]:{port}/canary",
        "http://0x7f.1:{port}/canary", "//0177.0.0.1:{port}/canary", "http://localhost:{port}/canary", "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_x", "http://a@127.0.0.2:{port}/canary", "http://10.0.0.1/", "http://[::1]:{port}/canary",
        "http://127.0.0.1:{port}/canary", "http://0:{port}/canary", "\t//127.0.0.1:{port}/canary",
    ],
)  # fmt: skip
async def test_a_redirect_is_checked_like_a_first_address(location: str) -> None:
    """Only 127.0.0.2 is allowed, so every other loopback address is out of bounds."""
    async with Site({"/canary": http("canary")}) as inner, Site(host="127.0.0.2") as site, Fetcher() as fetcher:
        site.answers["/"] = http("", "302 Found", Location=location.format(port=inner.port))
        fetched = await fetcher.fetch(Request(url=site.url(), allow=("127.0.0.2/32",)))
    assert fetched.outcome is Outcome.REFUSED
    assert fetched.why in (Why.ADDRESS, Why.SCHEME)
    assert inner.asked == []


async def test_a_page_full_of_traps_is_only_bytes() -> None:
    async with Site({"/": http(PAGE + '<meta http-equiv=refresh content="0;url=/canary"><img src=/canary>')}) as site:
        async with Fetcher() as fetcher:
            assert (await fetcher.fetch(Request(url=site.url(), allow=LOOPBACK))).outcome is Outcome.OK
        assert site.asks("/canary") == []

"""What people do with the pages: decide in the queue, read the ledger, act on a case, answer by a link on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import webhouse
from ledgerhouse import BOTH
from webhouse import House

from monitor.config import Settings, Unheeded
from monitor.model import Place
from monitor.store import incidents, outbox, schema, shifts, tokens
from monitor.web import audit

SLIP = {"file": ("回单.pdf", b"%PDF-1.7 slip", "application/pdf")}


@pytest.fixture(params=BOTH)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    built = webhouse.build(tmp_path, on=request.param)
    yield built
    built.store.close()


def act(house: House, browser: webhouse.Browser, incident: str, name: str, **data: Any) -> Any:
    values = {"version": house.version(incident), "reason": "按职责办理", **data}
    return browser.post(f"/incidents/{incident}/acts/{name}", values)


def links(house: House, incident: str, department: str = "housing") -> str:
    """A one-time link as the mail carries it."""
    token = "k" * 39 + str(len(department) % 10)
    row = {
        "id": token, "incident": incident, "department": department, "purpose": "acknowledge",
        "expires_at": house.now.replace(year=2027), "recipient": "zj@qinghe.example",
    }  # fmt: skip
    house.store.unit(lambda c: tokens.add(c, [row]))
    return token


# ------------------------------------------------------------------ the ledger
def test_the_list_is_filtered_sorted_and_paged(house: House) -> None:
    for number in range(30):
        house.opens(
            f"工地{number}的工资一分没给", project=f"{number}号工程", employer=None, workers=3, amount_yuan=5000.0
        )
    house.opens("柳溪的厂子工资一分没给", project=None, employer="己光电子厂", sector="manufacturing", workers=12)
    browser = house.browser("zhou")
    assert "共 31 件" in browser.get("/incidents").text
    assert "第 1 / 2 页" in browser.get("/incidents").text
    assert "共 1 件" in browser.get("/incidents?sector=manufacturing").text
    assert "共 1 件" in browser.get("/incidents?q=己光").text
    assert "共 0 件" in browser.get("/incidents?q=100%25").text
    assert "共 0 件" in browser.get("/incidents?overdue=1").text
    house.tick(days=30)
    browser = house.browser("zhou")
    assert "共 31 件" in browser.get("/incidents?overdue=1&sort=due").text


@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=999999", "state=nonsense&level=purple&sort=;drop", "q=%27%20OR%201=1--", "town=%00", "q=%00"],
)
def test_a_strange_filter_is_an_empty_or_an_ordinary_list(house: House, query: str) -> None:
    house.opens()
    assert house.browser("zhou").get(f"/incidents?{query}").status_code == 200


def test_an_export_is_short_marked_and_inert(house: House) -> None:
    for number in range(60):
        house.opens(f"工地{number}的工资", project=f"=HYPERLINK({number})", employer=None)
    answer = house.browser("zhou").get("/incidents.csv")
    lines = answer.text.strip().splitlines()
    assert len(lines) == 2 + 50
    assert "zhou" in lines[0]
    assert "'=HYPERLINK(" in lines[2]
    assert ",=HYPERLINK" not in answer.text
    assert "attachment" in answer.headers["content-disposition"]
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


def test_the_page_of_an_incident_tells_what_is_known_what_is_missing_and_why(house: House) -> None:
    incident = house.opens()
    page = house.browser("zhou").get(f"/incidents/{incident}").text
    for said in (
        "甲木建工",
        "锦禾苑三期",
        "36 人",
        "126 万元",
        "已知 5 / 6",
        "拖欠时段",
        "住建局",
        "为什么是橙级",
        "一分没给</mark>",
        "签收",
        "依据条款",
    ):
        assert said in page, said
    assert "张建国" not in page


def test_a_case_goes_from_acknowledgement_to_close_out(house: House) -> None:
    incident = house.opens()
    handler, office, leader = house.browser("jian"), house.browser("zhou"), house.browser("lin")
    assert act(house, handler, incident, "acknowledge").status_code == 303
    assert act(house, handler, incident, "accept").status_code == 303
    assert act(house, handler, incident, "contact", means="public_reply", reached="yes").status_code == 303
    answer = act(house, handler, incident, "verify", verification="true", workers="36", yuan="1,260,000")
    assert answer.status_code == 303
    refused = act(house, handler, incident, "close", code="C1", reason="企业已支付")
    assert refused.status_code == 422
    assert "没有支付记录" in refused.text
    assert ">企业已支付</textarea>" in refused.text  # what was written is not lost
    assert refused.text.count(">企业已支付</textarea>") == 1
    filed = handler.post(f"/incidents/{incident}/files", {"purpose": "payment"}, files=SLIP)
    assert filed.status_code == 303
    with house.store.read() as c:
        [slip] = incidents.files_of(c, incident)
    paid = act(house, handler, incident, "pay", yuan="1260000", workers="36", confirmed="36", proofs=str(slip["id"]))
    assert paid.status_code == 303
    assert "没有支付记录" not in act(house, handler, incident, "close", code="C1", reason="付清").text
    assert act(house, handler, incident, "reply", url="https://liuyan.example/1").status_code == 303
    assert act(house, handler, incident, "close", code="C1", reason="工资已全部发到本人").status_code == 303
    assert act(house, handler, incident, "approve").status_code == 403
    assert act(house, office, incident, "approve", approved="no", reason="回单缺一页").status_code == 303
    assert house.row(incident)["state"] == "paid"
    assert act(house, handler, incident, "close", code="C1", reason="回单已补").status_code == 303
    assert act(house, leader, incident, "approve", reason="逐笔核过回单").status_code == 303
    assert house.row(incident)["state"] == "closed"
    page = office.get(f"/incidents/{incident}").text
    assert "已销号" in page
    assert "回头看" in page


def test_who_asked_for_close_out_does_not_approve_it(house: House) -> None:
    incident = house.opens(url=None)
    office = house.browser("zhou")
    act(house, office, incident, "acknowledge", department="housing")
    act(house, office, incident, "close", code="C5", case_number="（2026）青0101民初1号", reason="已进入诉讼")
    assert house.row(incident)["state"] == "closing"
    answer = act(house, office, incident, "approve")
    assert answer.status_code == 422
    assert "不是同一人" in answer.text


def test_a_removed_post_closes_nothing(house: House) -> None:
    incident = house.opens()
    handler = house.browser("jian")
    act(house, handler, incident, "accept")
    answer = act(house, handler, incident, "close", code="C9", reason="帖子已删，不再处理")
    assert answer.status_code == 422
    assert "不能作为销号依据" in answer.text


def test_a_form_of_an_old_version_changes_nothing_and_says_who_was_first(house: House) -> None:
    incident = house.opens()
    seen = house.version(incident)
    act(house, house.browser("wu"), incident, "note", reason="已电话联系住建局")
    answer = house.browser("zhou").post(
        f"/incidents/{incident}/acts/note", {"version": seen, "reason": "我也写一条"}
    )  # fmt: skip
    assert answer.status_code == 409
    assert "wu" in answer.text
    assert f"/incidents/{incident}" in answer.text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("pay", {"yuan": "一万", "workers": "3"}, "不是可用的数字"),
        ("pay", {"yuan": "-5", "workers": "3"}, "不是可用的数字"),
        ("pay", {"yuan": "5", "workers": "2.5"}, "不是可用的数字"),
        ("note", {"reason": "  "}, "请写明理由"),
        ("note", {"version": "x"}, "版本号"),
        ("reassign", {"lead": "ministry_of_truth"}, "从名单里选部门"),
        ("regrade", {"level": "purple"}, "值不对"),
        ("merge", {"into": "QX-1999-0001"}, "QX-1999-0001"),
    ],
)
def test_a_wrong_field_is_answered_in_a_sentence(house: House, name: str, data: dict[str, str], says: str) -> None:
    incident = house.opens()
    answer = act(house, house.browser("zhou"), incident, name, **data)
    assert answer.status_code == 422
    assert says in answer.text
    assert "<h2>要素</h2>" in answer.text  # still on the page of the case


def test_a_corrected_fact_moves_the_case(house: House) -> None:
    incident = house.opens()
    office = house.browser("zhou")
    answer = act(
        house, office, incident, "correct", sector="highway_waterway", employer="甲木建工", reason="实为县道工程"
    )
    assert answer.status_code == 303
    assert house.row(incident)["lead"] == "transport"
    assert "住房和城乡建设局" in office.get(f"/incidents/{incident}").text or house.row(incident)["lead"] == "transport"


def test_a_case_sent_back_is_decided_by_the_office(house: House) -> None:
    incident = house.opens()
    handler, office = house.browser("jian"), house.browser("zhou")
    answer = act(house, handler, incident, "return", code="R6", suggest="transport", reason="是县道配套，属交通")
    assert answer.status_code == 303
    assert "裁定退单" in office.get(f"/incidents/{incident}").text
    assert act(house, office, incident, "arbitrate", lead="transport", reason="县道配套工程").status_code == 303
    assert house.row(incident)["lead"] == "transport"
    assert handler.get(f"/incidents/{incident}").status_code == 404  # no longer theirs


def test_posts_of_another_debt_are_split_off_and_merged_back(house: House) -> None:
    incident = house.opens()
    reading = webhouse.reading_of(house, "锦禾苑三期水电班的工钱也没给")
    house.ledger.record(
        webhouse.Change(act=webhouse.Act.JOIN, at=house.now, reason="同一项目", readings=(reading,), incident=incident)
    )  # fmt: skip
    office = house.browser("zhou")
    assert (
        act(house, office, incident, "split", posts=reading.post.id, reason="水电班是另一家劳务公司").status_code == 303
    )
    other = webhouse.stored_post(house, reading.post.id)["incident"]
    assert other != incident
    assert act(house, office, other, "merge", into=incident, reason="查明是同一笔").status_code == 303
    assert house.row(other)["state"] == "merged"
    assert incident in office.get(f"/incidents/{other}").text


# ------------------------------------------------------------------ unmasking
def test_an_unmasked_text_needs_a_reason_a_second_person_and_ends(house: House) -> None:
    incident = house.opens()
    with house.store.read() as c:
        post = incidents.posts_of(c, incident)[0]["id"]
    asker, second = house.browser("zhou"), house.browser("lin")
    address = f"/incidents/{incident}/unmask"
    assert asker.post(address, {"post": post, "reason": ""}).status_code == 422
    assert asker.post(address, {"post": post, "reason": "需要核对班组人数"}).status_code == 303
    assert "张建国" not in asker.get(f"/incidents/{incident}").text
    assert asker.post(address, {"post": post, "grant": "zhou"}).status_code == 422  # not by oneself
    assert "核对班组人数" in second.get(f"/incidents/{incident}").text
    assert second.post(address, {"post": post, "grant": "zhou"}).status_code == 303
    page = asker.get(f"/incidents/{incident}").text
    assert "张建国" in page
    assert "不得截图外传" in page
    assert "张建国" not in second.get(f"/incidents/{incident}").text
    house.tick(minutes=31)
    assert "张建国" not in asker.get(f"/incidents/{incident}").text
    with house.store.read() as c:
        steps = [row["data"]["input"]["step"] for row in incidents.history(c, incident) if row["act"] == "unmask"]
    assert steps == ["ask", "grant"]


def test_in_danger_to_life_one_tap_is_enough_and_is_on_record(house: House) -> None:
    incident = house.opens("工资一分没给，我叫张建国，今晚就从塔吊上跳下去", life_risk=True, traits=("self_harm",))
    with house.store.read() as c:
        post = incidents.posts_of(c, incident)[0]["id"]
    duty = house.browser("zhou")
    duty.post(f"/incidents/{incident}/unmask", {"post": post, "reason": "救人，须联系本人所在工地"})
    assert "张建国" in duty.get(f"/incidents/{incident}").text
    assert "救人" in house.browser("shen").get("/audit").text


@pytest.mark.parametrize("path", ["/health", "/login", "/nowhere", "/incidents"])
def test_a_watch_that_asks_for_the_head_only_gets_what_get_answers_without_the_page(house: House, path: str) -> None:
    """RFC 9110, 9.1: every server answers HEAD; load balancers and watches ask so."""
    anybody = house.browser().client
    full, head = anybody.get(path, follow_redirects=False), anybody.head(path, follow_redirects=False)
    assert (head.status_code, head.content) == (full.status_code, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


# ------------------------------------------------------------------ the link in a mail
def test_looking_at_a_link_acknowledges_nothing_and_pressing_the_button_does(house: House) -> None:
    incident = house.opens()
    token = links(house, incident)
    phone = house.browser()
    before = house.version(incident)
    for _ in range(5):
        page = phone.get(f"/ack/{token}")
        assert page.status_code == 200
    assert house.version(incident) == before
    assert phone.client.head(f"/ack/{token}").status_code == 200
    seal = page.text.split('name="seal" value="')[1].split('"')[0]
    assert "一分没给" not in page.text  # the fact sheet only
    assert "bbs.qinghe.example" not in page.text
    answer = phone.client.post(f"/ack/{token}", data={"seal": seal, "do": "acknowledge"})
    assert answer.status_code == 303
    assert house.row(incident)["state"] == "acknowledged"
    again = phone.client.post(f"/ack/{token}", data={"seal": seal, "do": "acknowledge"})
    assert again.status_code == 422
    page = phone.get(f"/ack/{token}").text
    assert "已签收" in page
    assert f'href="/incidents/{incident}">登录系统登记进展' in page  # what comes next, for who has an account
    assert "没有账号的请致电治欠办" in page  # and for who has none
    assert "打开本页不等于签收" not in page


def test_a_link_without_its_seal_or_of_another_case_does_nothing(house: House) -> None:
    incident = house.opens()
    token = links(house, incident)
    phone = house.browser()
    assert phone.client.post(f"/ack/{token}", data={"do": "acknowledge"}).status_code == 403
    assert phone.client.post(f"/ack/{token}", data={"do": "acknowledge", "seal": "0" * 64}).status_code == 403
    assert phone.get("/ack/" + "z" * 40).status_code == 404
    assert phone.get("/ack/" + "z" * 4000).status_code == 404
    assert house.row(incident)["state"] == "assigned"


def test_an_old_link_says_that_it_is_old(house: House) -> None:
    incident = house.opens()
    token = links(house, incident)
    house.tick(days=500)
    page = house.browser().get(f"/ack/{token}").text
    assert "已过期" in page
    assert f'href="/incidents/{incident}"' in page


def test_not_ours_by_link_needs_a_reason_and_goes_to_the_office(house: House) -> None:
    incident = house.opens()
    token = links(house, incident)
    phone = house.browser()
    seal = phone.get(f"/ack/{token}").text.split('name="seal" value="')[1].split('"')[0]
    form = {"seal": seal, "do": "return", "code": "R6", "suggest": "transport"}
    assert phone.client.post(f"/ack/{token}", data={**form, "reason": " "}).status_code == 422
    assert phone.client.post(f"/ack/{token}", data={**form, "reason": "是县道配套"}).status_code == 303
    assert "裁定退单" in house.browser("zhou").get(f"/incidents/{incident}").text


# ------------------------------------------------------------------ the other pages
def test_the_board_counts_what_is_in_hand_and_how_far_new_years_eve_is(house: House) -> None:
    house.opens()
    page = house.browser("lin").get("/board").text
    assert "距除夕" in page
    assert "72" in page
    assert "柳溪镇" in page
    assert "限时清零" in page


def test_the_situation_counts_companies_and_projects(house: House) -> None:
    house.opens("第一个月的工资没给", project="甲工程")
    house.opens("厂里欠薪，找丁工程", project="丁工程", place=Place("东岸街道", town="东岸街道"))
    page = house.browser("lin").get("/situation").text
    assert "甲木建工" in page
    assert "东岸街道" in page


@pytest.mark.parametrize(
    "address",
    [
        "/board",
        "/queue",
        "/incidents",
        "/situation",
        "/feeds",
        "/outbox",
        "/roster",
        "/roster/handover",
        "/audit",
        "/users",
        "/account",
        "/about",
    ],
)
def test_every_page_stands_on_an_empty_house(house: House, address: str) -> None:
    page = house.browser("ruan").get(address)
    assert page.status_code == 200
    assert "<h1>" in page.text


def test_ten_departments_told_of_one_case_are_one_line_that_unfolds(house: House) -> None:
    house.opens(traits=("collective",))
    office = house.browser("zhou").get("/outbox").text
    with house.store.read() as c:
        sent = outbox.recent(c)
    assert len(sent) > 3
    assert len({(row["incident"], row["occasion"]) for row in sent}) == 1
    assert office.count("<tr>") == 2  # its heading and the case
    assert f"{len(sent)} 封" in office
    assert all(row["recipient"] in office for row in sent)
    shut = {"state": "failed", "last_error": "connection refused"}
    house.store.unit(lambda c: c.execute(schema.outbox.update().values(**shut)))
    page = house.browser("zhou").get("/outbox").text
    assert page.count('type="checkbox" name="id"') == len(sent)
    assert page.count("connection refused") > len(sent)


def test_what_was_not_delivered_stands_first_and_can_be_sent_again(house: House) -> None:
    row = {
        "key": "k1", "occasion": "first", "channel": "mail", "recipient": "zj@qinghe.example", "level": 2,
        "incident": None, "department": "housing", "reason": "新立案", "data": {}, "message_id": "<1@x>",
        "state": "failed", "created_at": house.now, "due_at": house.now, "attempts": 5,
        "last_error": "550 no such user",
    }  # fmt: skip
    house.store.unit(lambda c: c.execute(schema.outbox.insert().values(**row)))
    office = house.browser("zhou")
    page = office.get("/outbox").text
    assert page.index("550 no such user") < page.index("最近的通知")
    with house.store.read() as c:
        [stuck] = outbox.undelivered(c)
    assert office.post("/outbox/retry", {"id": str(stuck["id"])}).status_code == 303
    with house.store.read() as c:
        assert outbox.depth(c) == {"queued": 1}
    assert house.browser("lin").post("/outbox/retry", {"id": str(stuck["id"])}).status_code == 403
    house.store.unit(lambda c: outbox.returned(c, stuck["id"], "550 again"))
    assert house.browser("lin").post("/outbox/told", {"id": str(stuck["id"])}).status_code == 403
    assert "/outbox/told" in office.get("/outbox").text
    assert office.post("/outbox/told", {"id": str(stuck["id"])}).status_code == 303
    with house.store.read() as c:
        assert outbox.undelivered(c) == []
        [row] = outbox.recent(c)
    assert row["state"] == "told"
    assert row["last_error"].startswith("550 again; 已另行告知（zhou")
    assert "全部送达" in office.get("/outbox?done=told").text


def test_a_shift_is_entered_and_a_gap_is_named(house: House) -> None:
    office = house.browser("zhou")
    assert "有空档" in office.get("/roster").text
    form = {"department": "qx_office", "name": "周静", "starts_at": "2026-11-25T08:00", "ends_at": "2026-12-03T20:00"}
    assert office.post("/roster", {**form, "phone": "0999-6200110"}).status_code == 303
    page = office.get("/roster").text
    assert "没有空档" in page
    assert "0999-6200110" in page
    assert office.post("/roster", {**form, "phone": "1", "ends_at": "2026-11-25T07:00"}).status_code == 400
    with house.store.read() as c:
        [shift] = shifts.on_duty(c, house.now)
    office.post("/roster/remove", {"id": str(shift["id"])})
    assert "此刻无人当班" in office.get("/roster").text


def test_a_roster_goes_out_as_a_sheet_and_comes_back(house: House) -> None:
    office = house.browser("zhou")
    form = {"department": "qx_office", "name": "周静", "starts_at": "2026-11-25T08:00", "ends_at": "2026-11-26T08:00"}
    assert office.post("/roster", form).status_code == 400  # nobody could be reached
    office.post("/roster", {**form, "phone": "0999-6200110"})
    sheet = office.get("/roster.xlsx").content
    office.post("/roster/remove", {"id": "1"})
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert office.post("/roster/files", files={"file": ("值班.xlsx", sheet, kind)}).status_code == 303
    assert "周静" in office.get("/roster").text
    assert office.post("/roster/files", files={"file": ("值班.xlsx", b"PK\x03\x04", kind)}).status_code == 400
    assert house.browser("lin").post("/roster/files", files={"file": ("值班.xlsx", sheet, kind)}).status_code == 403


def test_the_next_shift_is_told_what_presses(house: House) -> None:
    office = house.browser("zhou")
    assert "零报告" in office.get("/roster/handover").text
    incident = house.opens()
    assert incident in office.get("/roster/handover").text


def test_a_feed_that_was_never_asked_is_called_blind(house: House) -> None:
    page = house.browser("zhou").get("/feeds").text
    assert "县论坛（未被轮询）" in page
    assert "“没有线索”不能采信" in page


def test_a_new_matrix_that_is_wrong_is_named_where_the_health_of_the_house_is_looked_at(house: House) -> None:
    browser = house.browser("zhou")
    assert browser.get("/health").json()["matrix"] == "ok"
    house.ledger.matrix_fault = "matrix.yaml: lead_policy: got 'whim'"
    assert browser.get("/health").json()["matrix"] == "refused"
    page = browser.get("/feeds").text
    assert "新的责任矩阵没有启用" in page
    assert "lead_policy: got &#39;whim&#39;" in page


def test_feeds_that_were_saved_wrong_are_named_there_too(house: House) -> None:
    browser = house.browser("zhou")
    assert browser.get("/health").json()["config"] == "ok"
    desk = house.app.state.desk
    desk.watch(desk.config, Unheeded(files="feeds.yaml: feeds[3] (县论坛).every: got 'often'"))
    assert browser.get("/health").json()["config"] == "refused"
    page = browser.get("/feeds").text
    assert "仍按改动前的运行" in page
    assert "(县论坛).every" in page


def test_a_changed_env_file_and_a_model_that_cannot_be_used_are_named_there_too(house: House) -> None:
    browser, desk = house.browser("zhou"), house.app.state.desk
    assert [browser.get("/health").json()[name] for name in ("settings", "model")] == ["ok", "ok"]
    desk.watch(desk.config, Unheeded(model="trained by another version", settings=("XINSHAO_SMTP_HOST",)))
    assert [browser.get("/health").json()[name] for name in ("settings", "model")] == ["restart", "refused"]
    page = browser.get("/feeds").text
    assert "重启服务后才生效：</b>XINSHAO_SMTP_HOST" in page
    assert "trained by another version" in page


def test_a_disk_that_runs_full_is_told_before_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = house.browser("zhou")
    assert browser.get("/health").json()["disk"] == "ok"
    assert "磁盘快满了" not in browser.get("/feeds").text
    monkeypatch.setattr(Settings, "free", lambda _: 300_000_000)
    assert browser.get("/health").json()["disk"] == "low"
    assert "只剩 300 MB" in browser.get("/feeds").text
    assert "xinshao_disk_free_bytes 3e+08" in browser.get("/metrics").text


def test_the_whole_log_can_be_leafed_through_from_new_to_old(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SHOWN", 2)
    for number in range(5):
        house.opens(f"工地{number}的工资一分没给", project=f"{number}号工程")
    browser, address, seen = house.browser("shen"), "/audit", list[int]()
    for _ in range(20):
        page = browser.get(address).text
        seen += [int(found) for found in re.findall(r'data-label="序号" class="num">(\d+)<', page)]
        onwards = re.search(r'href="(\?before=\d+)"', page)
        if onwards is None:
            break
        address = f"/audit{onwards[1]}"
    assert seen == list(range(len(seen), 0, -1))
    assert len(seen) >= 5
    assert "回到最新" in page
    assert browser.get("/audit?before=%C2%B2").status_code == 200  # what is no number shows the newest


def test_the_log_is_whole_until_somebody_touches_it(house: House) -> None:
    house.opens()
    auditor = house.browser("shen")
    assert "链条完整" in auditor.get("/audit").text
    touch = __import__("sqlalchemy").text("UPDATE ledger SET reason = 'x' WHERE seq = 1")
    house.store.unit(lambda c: c.execute(touch))
    assert "第 1 条对不上" in auditor.get("/audit").text

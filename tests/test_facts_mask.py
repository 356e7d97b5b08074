"""Personal data out of texts; sums, firms and sites stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.facts.mask import mask

GONE = [
    ("我叫周某某，身份证000000199001011234", "我叫周**，身份证000*************34"),
    ("我是王建国,电话139 0000 1234", "我是王**,电话139********"),
    ("联系人：李小红 13900001234", "联系人：李** 139********"),
    ("电话1 3 9-0000-1234", "电话139********"),
    ("打一三九零零零零一二三四", "打一三九********"),
    ("座机0731-88881234", "座机073********"),
    ("微信:wang_xm88", "微信:[账号]"),
    ("QQ群：123456789", "QQ群：[账号]"),
    ("工资卡6222021234567890123", "工资卡[银行卡]"),
    ("车牌湘A·12345", "车牌[车牌]"),
    ("家住柳溪镇南关路12号3栋402室", "家住柳溪镇南关路[门牌]"),
    ("发我邮箱abc.def@example.org", "发我邮箱[邮箱]"),
    ("包工头张大柱跑了", "包工头张**跑了"),
    ("我叫欧阳小明，在厂里上班", "我叫欧阳**，在厂里上班"),
    ("班组张三、李四等18人", "班组张**、李**等18人"),
    ("网友@柳溪河边草 说工资没发", "网友@[昵称] 说工资没发"),
    ("回复@Tom_0123:真的吗", "回复@[昵称]:真的吗"),
]
KEPT = [
    "甲木建工欠我86万", "锦禾苑三期3号楼工地", "县道X207改建二标段", "欠我们13800000000元", "老板姓辛",
    "王师傅和李总说的", "包工头姓王电话", "丙川置业望江台5号楼", "我是木工", "任何人", "打12345和12333都没用",
    "壬达新能源项目经理陈某", "@青禾县人社局 @望舟日报 管管", "@青禾县 求助", "@ 谁管",
    "2025-12-03 20:14", "32万6千", "钱老板没给", "6个派件员9月、10月的派费全没发", "老板经常拖，经理承诺不了",
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), GONE)
def test_personal_data_is_masked(text: str, shown: str) -> None:
    masked = mask(text)
    assert masked.text == shown
    assert masked.spans


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_personal_data_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).spans == ()


@pytest.mark.parametrize(("text", "shown"), GONE)
def test_masking_twice_changes_nothing(text: str, shown: str) -> None:
    assert mask(shown).text == shown


def test_spans_say_where_and_what_kind() -> None:
    (span,) = mask("找13900001234").spans
    assert (span.start, span.end, span.text) == (1, 12, "mobile")


@given(
    st.integers(0, 10**9 - 1), st.sampled_from(["", " ", "-", ".", "·"]), st.text(alphabet="欠工资找我，。", max_size=5)
)
def test_no_mobile_number_survives(rest: int, gap: str, around: str) -> None:
    number = f"13{rest:09d}"
    text = around + gap.join(number) + around
    assert number[3:] not in mask(text).text.replace(gap, "") if gap else number not in mask(text).text


@given(st.text())
def test_any_text_can_be_masked(text: str) -> None:
    masked = mask(text)
    assert all(0 <= span.start < span.end <= len(text) for span in masked.spans)


@pytest.mark.parametrize(
    "text", ["1" * 1_000_000, "我叫" * 500_000, "1-" * 500_000, "的" * 1_000_000, "路1号" * 300_000]
)
def test_long_texts_are_masked_whole(text: str) -> None:
    assert mask(text + "找13900001234").text.endswith("找139********")


@pytest.mark.parametrize("text", ["@委屈的小王", "@李院长", "@大学生小张", "@梦回故乡", "@刘三你去劳动局问"])
def test_a_nickname_that_holds_a_word_of_an_office_is_a_nickname(text: str) -> None:
    assert mask(text).text == "@[昵称]"


@pytest.mark.parametrize("text", ["@人社局你们管不管", "@望舟日报", "@青禾县人力资源和社会保障局", "@公安部交管局"])
def test_an_office_that_is_called_stays(text: str) -> None:
    assert mask(text).text == text

"""Where a clause begins and ends, and the words by which a debt, a payment, a wage or other money is recognised.

Knows single words and their neighbourhood; decides nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LIMIT = 20_000  # characters of a post that are read for facts; a longer one is a book, not a complaint
WAGE = (
    r"工\s?[资姿]|公资|工z|gz|工钱|工薪|薪|劳务[费款]|人工[费款]?|血汗钱|辛苦钱|提成|绩效|奖金?|加班费|报酬|"
    r"派费|课时费|"
    r"辛苦费|工费|安装[款费]|劳务|班费|值班费|津贴|稿[费酬]|佣金|片酬|演出费|课酬|讲课费|搬运费|手工费|计件费"
)
# pay that did not come: 没发工资, not 没发现; 没给钱, not 没给答复; 没结, not 没结果
UNPAID = (
    r"(?:没有?|未|从未|尚未)(?:再|按时|按期|及时|足额|正常|能|曾|全部|完全|全额|有)?"
    r"(?:发(?![现生展表觉育挥明言达])|开(?![始庭工业门会放口通车展除学])|结(?![果论案束婚局])|支?付|予|足额|"
    r"给(?!予?[^，。]{0,5}(?:答复|说法|回复|解决|交代|处理|回应|签|办|买|交|缴|个))|领(?!导)|拿(?!出)|兑现|到账|到位|着落|"
    r"打(?=[，。,;；!！\s]|$|款|钱|给|卡|过来?[，。])|转(?=[，。,;；!！\s]|$|给|账|款|过[，。])|补(?=[，。,;；!！\s]|$|给|发)|"
    r"收(?!到?[^，。]{0,6}(?:答复|回复|通知|回音|消息))|见(?!面|过?面|人|效))|不(?:再|按时|及时|肯|能)?(?:给(?!予?[^，。]{0,5}(?:答复|"
    r"说法|回复|解决|处理|签|办|买|交|缴))|发(?![现生展表达])|结(?![果论案束婚])|支?付)"
)
DEBT = (
    rf"(?:拖欠|欠|拖着?|{UNPAID}|迟迟|"
    r"[克]?扣(?!除)|押[着了]|压[着了]|剩|还差|讨|追|要不[到回]|赖|"
    r"请求|要求|判令|应[当]?支付|应付|应向|支付原告|支付申请人|尾款|余款)"
)
PAID = (
    r"(?:已经?|才|只|就|先|仅|总共|刚|到账|现场|也)?(?<![少没未不])(?:[发付给结打](?:放|清)?了|支付了|已支付|已付|已发|拿到|"
    r"领到|领取?了|收到|"
    r"预支|借支|垫[了付]?|花费|购置|添置|投入|倒贴|赚|挣|只给|只发|只付|只拿|只剩|倒贴|交了|缴了|借了|花了|用了)"
)
OTHER = (
    r"补偿金?|赔偿|违约金|双倍|二倍|罚[款金]?|医疗费|医药费|保险费?|社保|公积金|保证金|房租|租金|贷款|投资|注册资本|"
    r"造价|拨款|营业额|学费|价格|售价|房款|首付|债务|估值|融资|借款|利息|存款|股权|股份|总价|合同价|预算|资金|经费|"
    r"垫资|受理费|诉讼费|报名费|培训费|中介费|回扣|好处费|奖补|补助|补贴|养老金|抚恤|保底|定金|订金|充值|被执行|"
    r"收入|产值|负债|利润|房价"
)
PROJECT = (
    r"工程[款项]|货款|材料[款费]|机械费|台班费?|租赁[费款]|运费|设备款|设计费|结算款|进度款|质保金|供货款|"
    r"商砼款?|砂石款|"
    r"(?<!工资)(?<!工钱)(?<!人工费)(?<!劳务费)尾款|项目款|承包款|合同款|木材款|砖款|沙石款|款项"
)
TOTAL = r"一共|总数|合起来|算下来|总共|共计|合计|总计|累计|总额|共(?!同)|加起来|达"
_STOPS = re.compile(r"[，。！？；,!?;\n\r…⏎]+(?!\d{3}(?!\d))|(?<![\d])\s{1,}(?![\d元])")
_SENTENCE = re.compile(r"[。！？!?\n\r]+|(?<=[^\d])\.(?=[^\d])")


class Clause(NamedTuple):
    """A piece of a text and where it stands; a tuple, for a text has many."""

    start: int
    end: int
    text: str


def clauses(text: str) -> list[Clause]:
    """`text` cut at commas and stops, empty pieces left out."""
    return _cut(text, _STOPS)


def sentences(text: str) -> list[Clause]:
    """`text` cut at full stops, questions, exclamations and line ends."""
    return _cut(text, _SENTENCE)


def _cut(text: str, stops: re.Pattern[str]) -> list[Clause]:
    pieces, start = [], 0
    for stop in stops.finditer(text):
        if stop.start() > start:
            pieces.append(Clause(start, stop.start(), text[start : stop.start()]))
        start = stop.end()
    if start < len(text):
        pieces.append(Clause(start, len(text), text[start:]))
    return pieces


def covering(pieces: list[Clause], position: int) -> int:
    """Index of the piece that holds `position` (or the one before it)."""
    low, high = 0, len(pieces) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if pieces[middle].start <= position:
            low = middle
        else:
            high = middle - 1
    return low

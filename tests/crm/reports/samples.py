"""A payload with every kind of block, in both languages, as plain data."""

from datetime import date
from decimal import Decimal
from typing import Any

from crm.figures import blocks
from crm.figures.blocks import Section
from crm.reports.payloads import FORMAT, Payload

WEEKS = [f"W{number}" for number in range(36, 48)]
SPEND = [Decimal(120_000 + 9_000 * n + (7 * n * n % 31) * 1000) for n in range(12)]
CLOUD = [Decimal(310_000 - 4_000 * n + (n * 13 % 7) * 5000) for n in range(12)]

TEXTS: dict[str, dict[str, Any]] = {
    "en": {
        "name": "AI partnerships",
        "headline": "Headline",
        "labels": [
            "Active AI partners",
            "Total spend this week",
            "AI share of spend",
            "Tokens this week",
            "Weighted forecast, Q4",
            "Commitment attainment",
            "Moved forward / back",
            "At-risk cooperations",
        ],
        "against": "last week",
        "spend": "Spend by week",
        "series": ["AI services", "Other cloud"],
        "said": "AI spend rose for the fifth week; other cloud spend is level.",
        "changes": "What changed",
        "commitments": "Commitments by pace",
        "columns": ["Partner", "Commitment", "Drawn", "Pace", "Ends"],
        "stages": "Open cooperations by stage",
        "moves": [
            ("BMW: in-car assistant", "Joint PoC → Production (advance)", "good"),
            (
                "China Mobile: network operations",
                "Production → Joint PoC (regress)",
                "bad",
            ),
            ("Example Retail: search", "MoU signed", "plain"),
        ],
        "evidence": "5 of 5 criteria met; usage on 7 of 7 days; signed order of 16 November",
        "none": "Nothing.",
        "decisions": "Decisions wanted",
        "wanted": "Extend the PoC with China Mobile by 30 days, or close it: one measure is still open.",
    },
    "zh-hans": {
        "name": "AI 合作伙伴周报",
        "headline": "要点",
        "labels": [
            "活跃 AI 伙伴",
            "本周总消费",
            "AI 消费占比",
            "本周 Token 数",
            "四季度加权预测",
            "承诺完成率",
            "前进 / 后退",
            "有风险的合作",
        ],
        "against": "上周",
        "spend": "每周消费",
        "series": ["AI 服务", "其他云服务"],
        "said": "AI 消费连续第五周上升；其他云消费持平。",
        "changes": "变化",
        "commitments": "按进度排列的承诺",
        "columns": ["伙伴", "承诺额", "已消耗", "进度", "到期日"],
        "stages": "各阶段的进行中合作",
        "moves": [
            ("宝马：车载助手", "联合 PoC → 生产（前进）", "good"),
            ("中国移动：网络运维", "生产 → 联合 PoC（后退）", "bad"),
            ("某零售企业：搜索", "已签署谅解备忘录", "plain"),
        ],
        "evidence": "5 项条件全部满足；7 天中 7 天有用量；11 月 16 日签署订单",
        "none": "无。",
        "decisions": "需要决策",
        "wanted": "将与中国移动的 PoC 延长 30 天，或结束：仍有一项指标未测量。",
    },
}


def payload(language: str = "en", *, is_provisional: bool = False) -> Payload:
    """Return the payload of a full week in this language."""
    said = TEXTS[language]
    return Payload(
        format=FORMAT,
        name=str(said["name"]),
        period="2026-W47",
        first="2026-11-16",
        last="2026-11-22",
        time_zone="Asia/Shanghai",
        currency="CNY",
        language=language,
        cut_off="2026-11-22T16:00:00+00:00",
        revision=1,
        is_provisional=is_provisional,
        is_empty=False,
        freshness=[
            {
                "source": "acme-cloud",
                "latest_on": "2026-11-21",
                "is_complete": not is_provisional,
            }
        ],
        restatements=[],
        sections=_sections(said),
    )


def _sections(said: dict[str, Any]) -> list[Section]:
    """Return all sections in these words."""
    return [
        {
            "name": "headline",
            "title": str(said["headline"]),
            "blocks": [_figures(said)],
        },
        {
            "name": "spend",
            "title": str(said["spend"]),
            "blocks": [
                blocks.chart(
                    "lines",
                    title="",
                    labels=WEEKS,
                    series=list(zip(said["series"], (SPEND, CLOUD), strict=True)),
                    unit="CNY",
                    sentence=str(said["said"]),
                )
            ],
        },
        {
            "name": "changes",
            "title": str(said["changes"]),
            "blocks": [_moves(said)],
        },
        {
            "name": "commitments",
            "title": str(said["commitments"]),
            "blocks": [_table(said), _stages(said)],
        },
        {
            "name": "decisions",
            "title": str(said["decisions"]),
            "blocks": [blocks.paragraph(str(said["wanted"]))],
        },
    ]


def _figures(said: dict[str, Any]) -> blocks.Block:
    labels = list(said["labels"])
    against = str(said["against"])
    rate_on = date(2026, 11, 20)
    total, before = SPEND[-1] + CLOUD[-1], SPEND[-2] + CLOUD[-2]
    values = [
        (blocks.count(14), blocks.change(blocks.number_of(2), against=against)),
        (
            blocks.money(total, "CNY", rate_on=rate_on),
            blocks.change(blocks.growth(total, before), against=against),
        ),
        (
            blocks.ratio(Decimal("0.463")),
            blocks.change(blocks.points(Decimal("0.012")), against=against),
        ),
        (
            blocks.count(12_804_551_920),
            blocks.change(blocks.growth(Decimal(5), Decimal(0)), against=against),
        ),
        (blocks.money(Decimal(48200000), "CNY"), None),
        (blocks.ratio(Decimal("0.75"), n=4), None),
        (blocks.text("3 / 1"), None),
        (
            blocks.count(4),
            blocks.change(blocks.number_of(1), against=against, more_is_good=False),
        ),
    ]
    made = []
    for label, (value, change) in zip(labels, values, strict=True):
        figure = blocks.Figure(label=label, value=value)
        if change is not None:
            figure["change"] = change
        made.append(figure)
    made[4]["target"] = blocks.money(Decimal(55000000), "CNY")
    return blocks.figures(made)


def _moves(said: dict[str, Any]) -> blocks.Block:
    items = [
        blocks.Move(
            title=title,
            text=text,
            tone=tone,
            url="https://crm.example.com/c/1/",
            evidence=[str(said["evidence"])],
        )
        for title, text, tone in said["moves"]
    ]
    return blocks.moves(items, title="", empty=str(said["none"]))


def _table(said: dict[str, Any]) -> blocks.Block:
    names = ["BMW", "中国移动", "=SUM(A1)", "Example Manufacturing & Sons <AG>"] * 5
    rows = [
        [
            blocks.text(name, url="https://crm.example.com/p/1/"),
            blocks.money(Decimal(20_000_000 - n * 731_000), "CNY"),
            blocks.money(Decimal(9_000_000 - n * 412_345), "CNY"),
            blocks.number(Decimal("1.3") - Decimal(n) / 20),
            blocks.day(date(2027, 1 + n % 12, 28)),
        ]
        for n, name in enumerate(names)
    ]
    labels = list(said["columns"])
    columns: list[tuple[str, blocks.Align]] = [(labels[0], "left")]
    columns += [(label, "right") for label in labels[1:]]
    return blocks.table(
        columns, rows, title="", total_count=len(rows), empty=str(said["none"])
    )


def _stages(said: dict[str, Any]) -> blocks.Block:
    return blocks.chart(
        "bars",
        title=str(said["stages"]),
        labels=["1", "2", "3", "4", "5", "6", "7"],
        series=[
            ("2026-W47", [4, 6, 3, 2, 5, 7, 2]),
            ("2026-W46", [5, 6, 3, 1, 6, 6, 2]),
        ],
        unit="count",
        sentence=str(said["said"]),
    )

"""The demo's cloud accounts and what they consume; every figure is invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from partners.usage.focus.generator import Customer

MONTHS = 24
SKUS = (
    "qwen-max-input",
    "qwen-max-output",
    "qwen-plus-input",
    "qwen-plus-output",
    "gpu.h20.8x",
    "gpu.h20.8x.hosting",
    "ecs.g8i.4xlarge",
    "oss-standard",
    "rds.mysql.x4",
)
"""What everybody uses, of the products that can be made up."""
DAYS_OF_A_MONTH = Decimal("27.8")
"""Working days' worth of usage: weekends use less."""


@dataclass(frozen=True, kw_only=True)
class DemoAccount:
    """One billing account, as it stands today.

    :ivar partner: display name of whose it is; empty is nobody's yet.
    :ivar monthly: what it comes to now, net, in a month.
    :ivar cooperation: words from the title of the cooperation that counts it.
    :ivar since: days ago with the first usage; 0 is before the two years.
    :ivar ai_since: days ago with the first AI usage; 0 is from the start.
    :ivar ended: days ago with the last usage.
    :ivar turn: days ago, and the factor from then on.
    """

    account_id: str
    name: str
    partner: str
    monthly: int
    growth: str
    ai: str
    currency: str
    cooperation: str = ""
    environment: str = "production"
    since: int = 0
    ai_since: int = 0
    ended: int = 0
    turn: tuple[int, str] | None = None
    sub_accounts: int = 0
    tags: tuple[tuple[str, str], ...] = ()
    """Project tags, and whose usage they mark, where several share the account."""

    def customer(self, today: date) -> Customer:
        """Return the account as the generator takes it."""
        discount, growth = Decimal("0.15"), Decimal(self.growth)
        first = Decimal(self.monthly) / DAYS_OF_A_MONTH / (1 - discount)
        turn = self.turn
        return Customer(
            name=self.name,
            account_id=self.account_id,
            growth=growth,
            ai_share=Decimal(self.ai),
            currency=self.currency,
            starts=today - timedelta(days=self.since) if self.since else None,
            ai_starts=(
                today - timedelta(days=self.ai_since) if self.ai_since else None
            ),
            ends=today - timedelta(days=self.ended) if self.ended else None,
            discount=discount,
            environment=self.environment,
            daily=first / growth ** (MONTHS - 1),
            turn=turn and (today - timedelta(days=turn[0]), Decimal(turn[1])),
            sub_accounts=self.sub_accounts,
        )


@dataclass(frozen=True, kw_only=True)
class DemoSource:
    """One billing export, and how far it reaches.

    :ivar reach: days ago with the latest data; 1 is yesterday.
    :ivar shorter: whether a cut-off snapshot of last month came in and is held.
    """

    name: str
    time_zone: str
    accounts: tuple[DemoAccount, ...]
    months: int = MONTHS
    reach: int = 1
    lateness: int = 2
    shorter: bool = False


def account(row: str, currency: str) -> DemoAccount:
    """Make an account of one line of the tables below."""
    words = [word.strip() for word in row.split("|")]
    account_id, name, partner, monthly, growth, ai, since, cooperation = words
    return DemoAccount(
        account_id=account_id,
        name=name,
        partner=partner,
        monthly=int(monthly),
        growth=growth,
        ai=ai,
        currency=currency,
        since=int(since or 0),
        ai_since=AI_SINCE.get(name, 0),
        cooperation=cooperation,
        environment="test" if "PoC" in name or "Cockpit" in name else "production",
        turn=TURNS.get(name),
        ended=ENDED.get(name, 0),
    )


TURNS = {"星河互娱 游戏服务": (24, "0.42"), "Hudson Crest Claims": (40, "1.35")}
"""From so many days ago on: a drop that somebody must look at, and a jump."""
AI_SINCE = {
    "BMW Group Cloud": 450,
    "BMW Cockpit Assistant": 560,
    "Falkenried In-car": 92,
    "Hudson Crest Claims": 96,
    "Kitakaze PoC": 29,
    "中国移动 云与算力": 540,
    "中国移动 网络运维": 88,
    "启程汽车 智能座舱": 120,
    "远波通信 故障分析": 101,
    "恒铸重工 PoC": 45,
    "橙里零售 导购": 78,
    "顺途物流 客服": 96,
    "仁和谷医疗 PoC": 38,
    "星河互娱 游戏服务": 84,
}
"""Days ago when AI began, some weeks after what was signed; other usage is older."""
ENDED = {"Komorebi Studio": 75}

# account | name | partner | monthly now | growth | AI share | days since the start
#   | cooperation
EURO = """
004710000101|BMW Group Cloud|BMW Group|310000|1.012|0.09||Cloud, logistics
004710000102|BMW Cockpit Assistant|BMW Group|150000|1.16|0.93|610|Cockpit assistant
004710000201|Falkenried In-car|Falkenried Motoren|180000|1.05|0.71||
004710000301|Telvanta Hosting|Telvanta|62000|1.004|0||
004710000401|Rheinbogen PoC|Rheinbogen Logistik|14000|1.10|0.66|88|
004710000901|Nordhafen Energie||26000|1.03|0.35|240|
"""
DOLLAR = """
004720000101|Hudson Crest Claims|Hudson Crest Insurance|210000|1.03|0.58||
004720000201|Lumora PoC|Lumora Motors|17000|1.12|0.74|64|
004720000301|Kitakaze PoC|Kitakaze Robotics|31000|1.08|0.81|70|
004720000401|Komorebi Studio|Komorebi Studio|24000|0.98|0.45||
004720000901|Brueckenthal Werkzeugmaschinen AG||6500|1.02|0.20|130|
"""
YUAN = """
008610000101|中国移动 云与算力|China Mobile|1650000|1.03|0.38||Cloud, computing
008610000102|中国移动 网络运维|China Mobile|1900000|1.07|0.82|700|Network operations
008610000201|启程汽车 智能座舱|启程汽车 Qicheng Auto|1400000|1.05|0.77||
008610000301|远波通信 故障分析|远波通信 Yuanbo Telecom|2600000|1.02|0.52||
008610000401|恒铸重工 PoC|恒铸重工 Hengzhu Heavy Industry|120000|1.10|0.69|75|
008610000501|橙里零售 导购|橙里零售 Chengli Retail|900000|1.06|0.61||
008610000601|江澜银行 云|江澜银行 Jianglan Bank|410000|1.01|0.12||
008610000701|顺途物流 客服|顺途物流 Shuntu Logistics|780000|1.04|0.55||
008610000801|仁和谷医疗 PoC|仁和谷医疗 Renhegu Medical|95000|1.09|0.72|60|
008610000901|星河互娱 游戏服务|星河互娱 Xinghe Games|1100000|1.03|0.68||
008610000990|橙里零售 物流||48000|1.02|0.15|200|
"""


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


SOURCES = (
    DemoSource(
        name="Example Cloud International",
        time_zone="UTC",
        accounts=(
            *(account(row, "EUR") for row in lines(EURO)),
            *(account(row, "USD") for row in lines(DOLLAR)),
        ),
    ),
    DemoSource(
        name="Example Cloud China",
        time_zone="Asia/Shanghai",
        accounts=tuple(account(row, "CNY") for row in lines(YUAN)),
        shorter=True,
    ),
    DemoSource(
        name="Lantern Resale",
        time_zone="Asia/Singapore",
        months=5,
        reach=9,
        accounts=(
            DemoAccount(
                account_id="006500000077",
                name="Lantern Resale",
                partner="",
                monthly=24000,
                growth="1.05",
                ai="0.4",
                currency="USD",
                sub_accounts=3,
                tags=(
                    ("p0", "Pacific Lantern Telecom"),
                    ("p1", "Merlion Mart Holdings"),
                ),
            ),
        ),
    ),
)


def monthly_of(partner: str, title: str, *, days_ago: int) -> Decimal:
    """Return what the accounts of a cooperation came to in a month, so many days ago.

    Where none counts for the cooperation, those of the whole partner do.
    """
    all_ = [
        each
        for source in SOURCES
        for each in source.accounts
        if each.partner == partner
    ]
    shared = [
        each.monthly / Decimal(each.sub_accounts)
        for source in SOURCES
        for each in source.accounts
        if partner in {whose for _tag, whose in each.tags}
    ]
    own = [each for each in all_ if each.cooperation and each.cooperation in title]
    months = Decimal(max(days_ago, 0)) / Decimal("30.44")
    return sum(
        (
            each.monthly / Decimal(each.growth) ** months
            for each in own or all_
            if not each.since or each.since > days_ago
        ),
        sum(shared, Decimal(0)),
    )


def first_days_ago(partner: str) -> int:
    """Return how long ago a partner used anything first; 0 where it always did."""
    since = [
        each.since
        for source in SOURCES
        for each in source.accounts
        if each.partner == partner
    ]
    return max(since) if since and all(since) else 0

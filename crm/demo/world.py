"""The demo's partners: two real ones with public facts, the rest invented.

Usage and spend figures of all of them are invented; the product says so in a banner.
"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class DemoCooperation:
    """One cooperation: how far it gets, and days in its latest stage (0: by chance).

    `monthly` is the invented expected monthly spend in the partner's currency.
    """

    title: str
    stage: str
    monthly: int
    kind: str = "ai_application"
    days_ago: int = 0
    announced_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class DemoPartner:
    """One partner; `owner` is a key of people.py."""

    display: str
    legal: str
    local: str
    domain: str
    industry: str
    country: str
    currency: str
    kind: str
    tier: str
    owner: str
    confidentiality: str
    cooperations: tuple[DemoCooperation, ...]
    aliases: tuple[str, ...] = ()


ANNOUNCED = date(2025, 3, 26)
"""The day on which both real cooperations were made public."""

REAL = (
    DemoPartner(
        display="BMW Group",
        legal="Bayerische Motoren Werke Aktiengesellschaft",
        local="宝马集团",
        aliases=("BMW", "宝马"),
        domain="bmwgroup.com",
        industry="automotive",
        country="DE",
        currency="EUR",
        kind="oem",
        tier="strategic",
        owner="anna",
        confidentiality="public",
        cooperations=(
            DemoCooperation(
                title="Cloud, logistics and smart manufacturing",
                stage="production",
                kind="cloud_migration",
                monthly=310_000,
                days_ago=400,
            ),
            DemoCooperation(
                title="Cockpit assistant for the vehicles of 2026",
                stage="joint_poc",
                kind="model_co_development",
                monthly=150_000,
                days_ago=3,
                announced_on=ANNOUNCED,
            ),
        ),
    ),
    DemoPartner(
        display="China Mobile",
        legal="China Mobile Communications Group Co., Ltd.",
        local="中国移动",
        aliases=("CMCC", "中国移动通信集团"),
        domain="chinamobileltd.com",
        industry="telecommunications",
        country="CN",
        currency="CNY",
        kind="telco",
        tier="strategic",
        owner="lin",
        confidentiality="public",
        cooperations=(
            DemoCooperation(
                title="Cloud, computing power and large models",
                stage="strategic_agreement",
                kind="compute_supply",
                monthly=4_200_000,
                days_ago=2,
                announced_on=ANNOUNCED,
            ),
            DemoCooperation(
                title="Network operations assistant",
                stage="production",
                monthly=1_900_000,
                days_ago=60,
            ),
        ),
    ),
)


def invented(row: str) -> DemoPartner:
    """Make a partner of one line of the table below."""
    words = [word.strip() for word in row.split("|")]
    display, local, domain, industry, country, currency = words[:6]
    kind, tier, owner, confidentiality, stage, title, monthly = words[6:]
    cooperation = DemoCooperation(title=title, stage=stage, monthly=int(monthly))
    return DemoPartner(
        display=display,
        legal=display,
        local=local,
        domain=domain,
        industry=industry,
        country=country,
        currency=currency,
        kind=kind,
        tier=tier,
        owner=owner,
        confidentiality=confidentiality,
        cooperations=(cooperation,),
    )


# display | local | domain | industry | country | currency | type | tier | owner
#   | confidentiality | stage | cooperation | monthly
ROWS = """
Falkenried Motoren|| falkenried.example|automotive|DE|EUR|oem|strategic|anna|nda|production|In-car assistant for the F series|180000
Lumora Motors|| lumora-motors.example|automotive|US|USD|oem|key|ben|nda|joint_poc|Service manuals that answer|95000
启程汽车 Qicheng Auto|启程汽车|qicheng-auto.example|automotive|CN|CNY|oem|key|lin|public|expansion|智能座舱大模型|1400000
Asahigaoka Mobility|朝日丘モビリティ|asahigaoka.example|automotive|JP|JPY|oem|growth|carla|nda|qualified|Voice driving log|9000000
Telvanta|| telvanta.example|telecommunications|ES|EUR|telco|key|diana|nda|strategic_agreement|Care desk with open models|120000
Norrsken Mobil|| norrsken.example|telecommunications|SE|EUR|telco|growth|diana|public|first_contact|Field technician copilot|40000
远波通信 Yuanbo Telecom|远波通信|yuanbo.example|telecommunications|CN|CNY|telco|strategic|lin|nda|production|网络故障根因分析|2600000
Pacific Lantern Telecom|| lantern-telecom.example|telecommunications|SG|SGD|telco|growth|carla|public|mou|Fraud call detection|70000
Brueckenthal Werkzeugmaschinen|Brückenthal|brueckenthal.example|manufacturing|DE|EUR|enterprise|growth|ben|nda|qualified|Maintenance planner|30000
恒铸重工 Hengzhu Heavy Industry|恒铸重工|hengzhu.example|manufacturing|CN|CNY|enterprise|key|lin|nda|joint_poc|铸件缺陷视觉检测|650000
Kitakaze Robotics|北風ロボティクス|kitakaze.example|manufacturing|JP|JPY|isv|growth|carla|nda|joint_poc|Robot cell programming by speech|12000000
Ironleaf Industrial|| ironleaf.example|manufacturing|US|USD|enterprise|watch|ben|public|mou|Spare part search|25000
橙里零售 Chengli Retail|橙里零售|chengli.example|retail|CN|CNY|enterprise|key|lin|public|production|门店导购助手|900000
Marchand et Lys|| marchand-lys.example|retail|FR|EUR|enterprise|growth|diana|public|strategic_agreement|Product texts in eleven languages|55000
Bayside Grocers|| bayside-grocers.example|retail|US|USD|enterprise|watch|carla|public|terminated|Shelf planning|20000
Merlion Mart Holdings|| merlion-mart.example|retail|SG|SGD|enterprise|growth|carla|nda|qualified|Demand forecast with explanations|45000
江澜银行 Jianglan Bank|江澜银行|jianglan-bank.example|financial_services|CN|CNY|enterprise|strategic|lin|restricted|strategic_agreement|智能投研与合规问答|1800000
Alster Privatbank|| alster-privatbank.example|financial_services|DE|EUR|enterprise|growth|diana|restricted|mou|Document review in a closed region|60000
Hudson Crest Insurance|| hudson-crest.example|financial_services|US|USD|enterprise|key|carla|nda|production|Claims triage|210000
Straits Meridian Bank|| straits-meridian.example|financial_services|SG|SGD|enterprise|growth|carla|nda|first_contact|Advisor desk|80000
顺途物流 Shuntu Logistics|顺途物流|shuntu.example|transportation_logistics|CN|CNY|enterprise|key|lin|public|expansion|路径规划与客服|780000
Rheinbogen Logistik|| rheinbogen.example|transportation_logistics|DE|EUR|enterprise|growth|ben|nda|joint_poc|Customs papers reader|48000
Minato Express|港エクスプレス|minato-express.example|transportation_logistics|JP|JPY|enterprise|watch|carla|public|mou|Parcel claims|5000000
仁和谷医疗 Renhegu Medical|仁和谷医疗|renhegu.example|healthcare|CN|CNY|enterprise|growth|lin|restricted|joint_poc|病历结构化|420000
Vitalys Sante|Vitalys Santé|vitalys.example|healthcare|FR|EUR|enterprise|growth|diana|restricted|qualified|Patient letters|38000
Cedar Bluff Health|| cedar-bluff.example|healthcare|US|USD|enterprise|watch|ben|nda|first_contact|Coding assistant|33000
星河互娱 Xinghe Games|星河互娱|xinghe-games.example|gaming|CN|CNY|enterprise|key|lin|public|production|游戏角色对话|1100000
Komorebi Studio|木漏れ日スタジオ|komorebi-studio.example|gaming|JP|JPY|isv|growth|carla|public|completed|Storyboards from text|7000000
"""

INVENTED = tuple(invented(row) for row in ROWS.strip().splitlines())

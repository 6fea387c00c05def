"""The demo's training grounds, derived models and feedback; every figure is invented."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DemoScenario:
    """One scenario; `live` is days ago, 0 for one that is only planned.

    :ivar measures: name, unit, before, after (empty: not measured yet), lower is better.
    """

    partner: str
    cooperation: str
    title: str
    kind: str
    does: str
    live: int
    models: tuple[str, ...]
    measures: tuple[tuple[str, str, str, str, bool], ...] = ()
    ended: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoDerived:
    """One derived model; `steps` are states with days ago, the first one its training."""

    partner: str
    cooperation: str
    name: str
    model_id: str
    kind: str
    parents: tuple[str, ...]
    steps: tuple[tuple[str, int], ...]
    daily: int = 0
    """Million tokens a day now, in usage under `model_id`."""


@dataclass(frozen=True, kw_only=True)
class DemoFeedback:
    """One need; `steps` are states with days ago, the first one when it was raised."""

    scenario: str
    model: str
    title: str
    topic: str
    priority: int
    steps: tuple[tuple[str, int], ...]
    version: str = ""
    reason: str = ""


SCENARIOS = (
    DemoScenario(
        partner="BMW Group", cooperation="Cockpit assistant",
        title="Cockpit assistant for drivers", kind="in-car-assistant",
        does="Answers what the car can do, plans the way and talks like a passenger.",
        live=3, models=("Qwen2.5-Max", "bmw/cockpit-7b"),
        measures=(
            ("Questions answered without help", "%", "61", "84", False),
            ("Answer time, 95th percentile", "s", "4.2", "1.6", True),
        ),
    ),
    DemoScenario(
        partner="BMW Group", cooperation="Cloud, logistics",
        title="Parts logistics planner", kind="planning",
        does="Explains late parts and proposes other routes.",
        live=210, models=("Qwen-Plus",),
        measures=(("Line stops for missing parts", "per month", "9", "5", True),),
    ),
    DemoScenario(
        partner="BMW Group", cooperation="Cockpit assistant",
        title="Service manuals that answer", kind="knowledge-assistant",
        does="Finds the step a mechanic needs, with its picture.",
        live=0, models=("Qwen2.5-VL-72B",),
    ),
    DemoScenario(
        partner="China Mobile", cooperation="Network operations",
        title="Network fault triage", kind="network-operations",
        does="Reads alarms of base stations, groups them and names the cause.",
        live=60, models=("Qwen2.5-72B", "chinamobile/netops-72b"),
        measures=(
            ("Time to find the cause", "min", "48", "17", True),
            ("Alarms handled without a person", "%", "12", "46", False),
        ),
    ),
    DemoScenario(
        partner="China Mobile", cooperation="Cloud, computing",
        title="Assistant of the care desk", kind="customer-service",
        does="Drafts the answer while the customer speaks.",
        live=0, models=("Qwen2.5-Max",),
    ),
    DemoScenario(
        partner="启程汽车 Qicheng Auto", cooperation="智能座舱",
        title="智能座舱语音助手", kind="in-car-assistant",
        does="理解方言，控制车辆，规划行程。",
        live=320, models=("qicheng/cabin-14b",),
        measures=(("一次唤醒成功率", "%", "82", "95", False),),
    ),
    DemoScenario(
        partner="Falkenried Motoren", cooperation="In-car assistant",
        title="Voice of the F series", kind="in-car-assistant",
        does="Speaks four languages and knows the manual.",
        live=95, models=("Qwen-Plus",),
    ),
    DemoScenario(
        partner="远波通信 Yuanbo Telecom", cooperation="网络故障",
        title="网络故障根因分析", kind="network-operations",
        does="从告警和日志中找出根因。",
        live=150, models=("QwQ-32B", "Qwen2.5-Max"),
        measures=(("平均定位时间", "分钟", "65", "22", True),),
    ),
    DemoScenario(
        partner="恒铸重工 Hengzhu Heavy Industry", cooperation="铸件",
        title="铸件缺陷视觉检测", kind="quality-inspection",
        does="在产线上识别气孔和裂纹。",
        live=20, models=("Qwen-VL-Max", "hengzhu/casting-vl"),
        measures=(("漏检率", "%", "3.1", "", True),),
    ),
    DemoScenario(
        partner="橙里零售 Chengli Retail", cooperation="门店导购",
        title="门店导购助手", kind="customer-service",
        does="根据库存和喜好推荐商品。",
        live=240, models=("Qwen-Plus",),
        measures=(("连带率", "件/单", "1.6", "1.9", False),),
    ),
    DemoScenario(
        partner="Hudson Crest Insurance", cooperation="Claims triage",
        title="Claims triage", kind="document-processing",
        does="Reads a claim with its pictures and says who should look at it.",
        live=130, models=("Qwen2.5-Max",),
        measures=(("Days until the first decision", "days", "6.5", "2.2", True),),
    ),
    DemoScenario(
        partner="顺途物流 Shuntu Logistics", cooperation="路径规划",
        title="路径规划与客服", kind="planning",
        does="规划路线并回答客户查询。",
        live=400, models=("Qwen-Plus",),
    ),
    DemoScenario(
        partner="江澜银行 Jianglan Bank", cooperation="智能投研",
        title="合规问答", kind="risk-and-compliance",
        does="依据内规回答业务人员的合规问题。",
        live=0, models=("Qwen2.5-72B",),
    ),
    DemoScenario(
        partner="星河互娱 Xinghe Games", cooperation="游戏角色",
        title="游戏过场动画", kind="media-generation",
        does="由剧本生成过场动画草稿。",
        live=45, models=("Wan2.1",), ended="画风不稳定，改用新版本后再试",
    ),
    DemoScenario(
        partner="Telvanta", cooperation="Care desk",
        title="Care desk with open models", kind="customer-service",
        does="Answers in Spanish and Catalan from the product handbook.",
        live=0, models=("Qwen2.5-32B",),
    ),
)  # fmt: skip

DERIVED = (
    DemoDerived(
        partner="BMW Group", cooperation="Cockpit assistant",
        name="Cockpit-7B", model_id="bmw/cockpit-7b", kind="fine_tune",
        parents=("Qwen2.5-7B",), daily=42,
        steps=(("training", 160), ("evaluated", 120), ("staging", 75), ("production", 58)),
    ),
    DemoDerived(
        partner="BMW Group", cooperation="Cockpit assistant",
        name="Cockpit-7B for the head unit", model_id="bmw/cockpit-7b-int8",
        kind="quantised", parents=("bmw/cockpit-7b",),
        steps=(("training", 40), ("evaluated", 22), ("staging", 6)),
    ),
    DemoDerived(
        partner="China Mobile", cooperation="Network operations",
        name="NetOps-72B", model_id="chinamobile/netops-72b", kind="continued",
        parents=("Qwen2.5-72B",), daily=65,
        steps=(("training", 220), ("evaluated", 150), ("staging", 110), ("production", 60)),
    ),
    DemoDerived(
        partner="China Mobile", cooperation="Network operations",
        name="Fault report adapter", model_id="chinamobile/fault-report-lora",
        kind="adapter", parents=("chinamobile/netops-72b",), steps=(("training", 18),),
    ),
    DemoDerived(
        partner="启程汽车 Qicheng Auto", cooperation="智能座舱",
        name="智舱-14B", model_id="qicheng/cabin-14b", kind="distilled",
        parents=("Qwen2.5-Max", "Qwen2.5-14B"), daily=38,
        steps=(("training", 420), ("evaluated", 380), ("staging", 350), ("production", 320)),
    ),
    DemoDerived(
        partner="恒铸重工 Hengzhu Heavy Industry", cooperation="铸件",
        name="铸件检测-VL", model_id="hengzhu/casting-vl", kind="fine_tune",
        parents=("Qwen2.5-VL-7B",), steps=(("training", 50), ("evaluated", 9)),
    ),
    DemoDerived(
        partner="Hudson Crest Insurance", cooperation="Claims triage",
        name="Claims merge", model_id="hudson/claims-merge", kind="merged",
        parents=("Qwen2.5-32B", "QwQ-32B"),
        steps=(("training", 200), ("evaluated", 170), ("retired", 90)),
    ),
)  # fmt: skip

FEEDBACK = (
    DemoFeedback(
        scenario="Cockpit assistant for drivers", model="Qwen2.5-Max",
        title="Dialects of the south are misunderstood", topic="language", priority=3,
        steps=(("open", 64), ("accepted", 50)),
    ),
    DemoFeedback(
        scenario="Cockpit assistant for drivers", model="bmw/cockpit-7b",
        title="Answers too slowly in tunnels", topic="speed", priority=4,
        steps=(("open", 12),),
    ),
    DemoFeedback(
        scenario="Cockpit assistant for drivers", model="Qwen2.5-7B",
        title="Calls to vehicle functions need strict JSON", topic="tools", priority=3,
        steps=(("open", 150), ("accepted", 140), ("shipped", 70), ("verified", 41)),
        version="Qwen3-8B",
    ),
    DemoFeedback(
        scenario="Network fault triage", model="Qwen2.5-72B",
        title="Alarm tables of 2,000 lines do not fit", topic="capability", priority=3,
        steps=(("open", 190), ("accepted", 180), ("shipped", 25)), version="Qwen3-235B-A22B",
    ),
    DemoFeedback(
        scenario="Network fault triage", model="chinamobile/netops-72b",
        title="Names vendors' parts wrongly", topic="quality", priority=2,
        steps=(("open", 30), ("accepted", 21)),
    ),
    DemoFeedback(
        scenario="智能座舱语音助手", model="Qwen2.5-14B",
        title="粤语识别率不足", topic="language", priority=2, steps=(("open", 44),),
    ),
    DemoFeedback(
        scenario="网络故障根因分析", model="QwQ-32B",
        title="推理过程过长，成本偏高", topic="cost", priority=3,
        steps=(("open", 100), ("accepted", 92), ("shipped", 60), ("open", 33)),
        version="Qwen3-30B-A3B-Thinking-2507", reason="成本仍高于预算",
    ),
    DemoFeedback(
        scenario="门店导购助手", model="Qwen-Plus",
        title="会推荐已售罄的商品", topic="quality", priority=2,
        steps=(("open", 80), ("declined", 71)), reason="应由库存接口解决，不属于模型",
    ),
    DemoFeedback(
        scenario="Claims triage", model="Qwen2.5-Max",
        title="Handwriting on forms is read badly", topic="capability", priority=2,
        steps=(("open", 26),),
    ),
    DemoFeedback(
        scenario="铸件缺陷视觉检测", model="Qwen-VL-Max",
        title="小于一毫米的裂纹漏检", topic="quality", priority=4,
        steps=(("open", 15), ("accepted", 8)),
    ),
)  # fmt: skip

STRANGERS = (
    ("恒铸重工 Hengzhu Heavy Industry", "qwen-vl-max-2026-08-13", 9),
    ("顺途物流 Shuntu Logistics", "shuntu-ranker-v3", 5),
)
"""Partner, a text of usage that means no model yet, million tokens a day."""

"""Bring the catalogue: families, models, the names they have in usage, public counts, kinds.

Names change faster than releases of this product: all of it is data that people edit.
"""

from datetime import date

from django.db import migrations, models
from django.db.backends.postgresql.psycopg_any import DateRange

ALIBABA = "Alibaba Cloud"
FAMILIES = {
    "Qwen": ALIBABA,
    "QwQ": ALIBABA,
    "QVQ": ALIBABA,
    "Wan": ALIBABA,
    "Qwen-Image": ALIBABA,
    "Qwen-Audio": ALIBABA,
    "DeepSeek": "DeepSeek",
    "GLM": "Zhipu AI",
    "Kimi": "Moonshot AI",
}

# family | version | variants, each with its modality behind a colon where it is not the row's
# | modality | open or hosted
ROWS = """
Qwen|1.5|7B 72B|language|open
Qwen|2|7B 72B 57B-A14B|language|open
Qwen|2.5|0.5B 1.5B 3B 7B 14B 32B 72B 7B-1M 14B-1M|language|open
Qwen|2.5|Coder-7B Coder-32B|code|open
Qwen|2.5|Math-7B Math-72B|mathematics|open
Qwen|2.5|VL-7B VL-72B|vision|open
Qwen|2.5|Omni-7B|omni|open
Qwen|2.5|Max|language|hosted
Qwen|3|0.6B 1.7B 4B 8B 14B 32B 30B-A3B 235B-A22B Next-80B-A3B|language|open
Qwen|3|30B-A3B-Instruct-2507 235B-A22B-Instruct-2507|language|open
Qwen|3|30B-A3B-Thinking-2507 235B-A22B-Thinking-2507|reasoning|open
Qwen|3|Coder-30B-A3B Coder-480B-A35B|code|open
Qwen|3|VL-8B VL-235B-A22B|vision|open
Qwen|3|Omni-30B-A3B|omni|open
Qwen|3|Embedding-0.6B Embedding-8B|embedding|open
Qwen|3|Max|language|hosted
Qwen|3.5|9B 27B 35B-A3B 122B-A10B 397B-A17B|language|open
Qwen|3.5|Plus|language|hosted
Qwen|3.6|27B 35B-A3B|language|open
Qwen|3.6|Plus Max-Preview|language|hosted
Qwen|3.7|Plus Flash Max|language|hosted
Qwen|3.8|27B 2.4T-A95B|language|open
Qwen|3.8|Flash Max Max-Prime|language|hosted
Qwen|3.8|Omni-Flash|omni|hosted
Qwen||Plus Turbo Flash|language|hosted
Qwen||Coder|code|hosted
Qwen||VL-Max VL-Plus|vision|hosted
Qwen||MT-Plus|translation|hosted
QwQ||32B 32B-Preview|reasoning|open
QwQ||Plus|reasoning|hosted
QVQ||72B-Preview|vision|open
Wan|2.1|T2V-1.3B T2V-14B I2V-14B VACE-14B|video|open
Wan|2.2|T2V-A14B I2V-A14B|video|open
Wan|2.5|T2V I2V|video|hosted
Wan|2.6|T2V I2V R2V|video|hosted
Wan|2.7|T2V I2V R2V VideoEdit|video|hosted
Wan|3.0|Video Video-Prime|video|hosted
Qwen-Image|2.0|base Pro|image|hosted
Qwen-Image|3.0|base Pro|image|hosted
Qwen-Audio|3|TTS-Flash|speech|hosted
Qwen-Audio||base|speech|open
"""

WHOLE = (  # a version as such, for usage and feedback that names no size
    ("Qwen", "2", "Qwen2", "language"),
    ("Qwen", "2.5", "Qwen2.5", "language"),
    ("Qwen", "3", "Qwen3", "language"),
    ("Wan", "2.1", "Wan2.1", "video"),
)
SNAPSHOTS = (("Qwen-Plus", "2025-07-28"),)

# what usage calls them → name in the catalogue; each model goes by its own name anyway
HOSTED = {
    "qwen-max": "Qwen2.5-Max",
    "qwen-max-latest": "Qwen2.5-Max",
    "qwen-max-2025-01-25": "Qwen2.5-Max",
    "qwen-plus-latest": "Qwen-Plus",
    "qwen-turbo-latest": "Qwen-Turbo",
    "qwen-coder-plus": "Qwen-Coder",
    "qwq-plus-latest": "QwQ-Plus",
    "qwen3-tts-flash": "Qwen-Audio-3-TTS-Flash",
    "qwen2.5-72b-instruct": "Qwen2.5-72B",
    "qwen2.5-32b-instruct": "Qwen2.5-32B",
    "qwen2.5-14b-instruct": "Qwen2.5-14B",
    "qwen2.5-7b-instruct": "Qwen2.5-7B",
    "qwen2.5-coder-32b-instruct": "Qwen2.5-Coder-32B",
    "qwen2.5-vl-72b-instruct": "Qwen2.5-VL-72B",
    "qwen2-72b-instruct": "Qwen2-72B",
    "qwen2-7b-instruct": "Qwen2-7B",
    "wanx2.1-t2v-turbo": "Wan2.1",
    "wanx2.1-i2v-turbo": "Wan2.1",
    "wan2.1-t2v-14b": "Wan2.1-T2V-14B",
}

COUNTS = (
    {
        "counted_on": date(2025, 6, 30),
        "count": 113_000,
        "is_at_least": True,
        "source": "Hugging Face, retrospective of 2025",
    },
    {
        "counted_on": date(2026, 1, 31),
        "count": 180_000,
        "is_at_least": True,
        "source": "Xinhua, January 2026",
    },
)

KINDS = (
    ("in-car-assistant", "In-car assistant", "车载助手"),
    ("network-operations", "Network operations", "网络运维"),
    ("customer-service", "Customer service", "客户服务"),
    ("knowledge-assistant", "Knowledge assistant", "知识助手"),
    ("quality-inspection", "Quality inspection", "质量检测"),
    ("maintenance", "Maintenance and field service", "维护与现场服务"),
    ("code-assistant", "Software development", "软件开发"),
    ("document-processing", "Document processing", "文档处理"),
    ("risk-and-compliance", "Risk and compliance", "风险与合规"),
    ("marketing-content", "Marketing content", "营销内容"),
    ("planning", "Planning and forecasting", "规划与预测"),
    ("media-generation", "Video and image generation", "视频与图像生成"),
)


def named(family, generation, variant):
    """Return the public name: Qwen2.5-Max, QwQ-32B, Qwen-Image-2.0-Pro."""
    parts = [] if variant in {"", "base"} else [variant]
    if generation and (family[-1].islower() and "-" not in family):
        return "-".join([f"{family}{generation}", *parts])
    return "-".join([family, *([generation] if generation else []), *parts])


def entries():
    for row in ROWS.strip().splitlines():
        family, generation, variants, modality, access = row.split("|")
        for variant in variants.split():
            kept = "" if variant == "base" else variant
            name = named(family, generation, variant)
            yield family, generation, kept, "", name, modality, access == "open"
    for family, generation, name, modality in WHOLE:
        yield family, generation, "", "", name, modality, True
    for name, snapshot in SNAPSHOTS:
        family, variant = name.split("-", 1)
        full = f"{name}-{snapshot}"
        yield family, "", variant, snapshot, full, "language", False


def bring(apps, _schema_editor):
    def rows(name):
        return models.QuerySet(apps.get_model(f"ai.{name}"))

    families = {
        name: rows("ModelFamily").create(name=name, developer=developer)
        for name, developer in FAMILIES.items()
    }
    members = {}
    for family, generation, variant, snapshot, name, modality, is_open in entries():
        members[name] = rows("BaseModel").create(
            family=families[family],
            generation=generation,
            variant=variant,
            snapshot=snapshot,
            name=name,
            modality=modality,
            is_open=is_open,
        )
    texts = {name.lower(): name for name in members} | HOSTED
    always = DateRange(None, None)
    for text, name in texts.items():
        rows("ModelAlias").create(
            kind="model", text=text, base=members[name], during=always
        )
    for count in COUNTS:
        rows("DerivativeCount").create(
            family=families["Qwen"], is_approximate_day=True, **count
        )
    for order, (code, name, local) in enumerate(KINDS, start=1):
        rows("ScenarioKind").create(
            code=code, name=name, local_name=local, order=order * 10
        )


def take_back(apps, _schema_editor):
    for name in (
        "DerivativeCount", "ModelAlias", "ScenarioKind", "BaseModel", "ModelFamily",
    ):  # fmt: skip
        models.QuerySet(apps.get_model(f"ai.{name}")).all().delete()


class Migration(migrations.Migration):
    dependencies = [("ai", "0003_roles")]

    operations = [migrations.RunPython(bring, take_back)]

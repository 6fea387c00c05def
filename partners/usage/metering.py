"""What a line item counts: units and their synonyms, time-weighted meters, AI, models.

Pure rules over the texts of FOCUS columns; no database. Sources: FOCUS 1.2 unit format,
the AI billing properties of SkuPriceDetails (ModelId, ModelFamily, ModelDeveloper,
ModelVersion, TokenDirection, TokenCacheAction, earlier CacheRole).
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

AI_CATEGORY = "AI and Machine Learning"
AI_CATEGORIES = frozenset({"ai and machine learning", "ai/ml", "ai & ml", "ai"})

AI_WORDS = re.compile(
    r"\b(bedrock|sagemaker|openai|vertex ai|azure ai|model studio|dashscope|bailian"
    r"|pai|qwen|qwq|wan2|llm|generative ai|embeddings?|gpu|a100|h100|h200|h20|l20"
    r"|b200|mi300)\b",
    re.IGNORECASE,
)
"""Names by which AI usage is told where the category does not say it."""

GPU_WORDS = re.compile(
    r"\b(gpu|a10|a100|a800|h100|h200|h20|h800|l20|l40s?|t4|v100|b200|gb200|mi300x?)\b",
    re.IGNORECASE,
)

DIRECTIONS = {"input": "input", "output": "output"}
CACHE_ACTIONS = {"uncached": "uncached", "read": "read", "write": "write"}

PRODUCTION_WORDS = ("prod", "production", "prd", "live")
ENVIRONMENT_TAGS = ("environment", "Environment", "env", "Env", "ENV")

SPELLINGS = {
    "gb/month": "GB-Months",
    "gb months": "GB-Months",
    "gb month": "GB-Months",
    "gb-month": "GB-Months",
    "gb-months": "GB-Months",
    "gb-mo": "GB-Months",
    "gigabyte per month": "GB-Months",
    "gigabyte storage capacity per month": "GB-Months",
    "tb-months": "TB-Months",
    "tb months": "TB-Months",
    "gb hours": "GB-Hours",
    "gb-hours": "GB-Hours",
    "gb-hour": "GB-Hours",
    "gigabyte per hour": "GB-Hours",
    "gigabyte hours": "GB-Hours",
    "hrs": "Hours",
    "hour": "Hours",
    "hours": "Hours",
    "1 hour": "Hours",
    "hr": "Hours",
    "ocpu hours": "OCPU-Hours",
    "ocpu per hour": "OCPU-Hours",
    "gpu hours": "GPU-Hours",
    "gpu-hours": "GPU-Hours",
    "gpu per hour": "GPU-Hours",
    "instance hours": "Instance-Hours",
    "token": "Tokens",
    "tokens": "Tokens",
    "request": "Requests",
    "requests": "Requests",
    "gb": "GB",
    "gigabyte": "GB",
    "gigabytes": "GB",
}
"""Spellings met in real exports, and the one we use."""

BASES = {
    "GB-Months": ("GB-Hours", Decimal(1), True),
    "TB-Months": ("GB-Hours", Decimal(1000), True),
    "GB-Hours": ("GB-Hours", Decimal(1), False),
    "TB-Hours": ("GB-Hours", Decimal(1000), False),
}
"""Storage over time: base unit, factor, and whether it is per hour of the month."""

SCALED = re.compile(
    r"^(?P<count>[\d,]+(?:\.\d+)?)\s*(?P<scale>K|M|B|thousand|million|billion)?\s+"
    r"(?P<unit>\S.*)$",
    re.IGNORECASE,
)
SCALES = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "million": 10**6,
    "b": 10**9,
    "billion": 10**9,
}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: its name, and how it converts to the base unit in which sums are shown.

    :ivar factor: base units in one unit; for monthly units per hour of the month.
    """

    name: str
    base: str
    factor: Decimal = Decimal(1)
    is_monthly: bool = False

    @property
    def is_time_weighted(self) -> bool:
        """Tell whether the amount is a stock over time: averaged, never summed."""
        return self.base == "GB-Hours"


@dataclass(frozen=True, slots=True)
class Model:
    """Which model a line item speaks of; empty texts where it does not say."""

    name: str = ""
    family: str = ""
    version: str = ""
    developer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """The columns of a line item that tell what it counts."""

    provider: str = ""
    category: str = ""
    subcategory: str = ""
    service: str = ""
    sku: str = ""
    sku_meter: str = ""
    details: str = ""
    """SkuPriceDetails as JSON text."""
    unit: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What a line item counts."""

    item: Item
    unit: Unit
    model: Model
    direction: str
    cache: str
    is_ai: bool


def unit_of(text: str) -> Unit:
    """Return the unit by its one spelling; `1000000 Tokens` becomes a factor of Tokens."""
    plain = " ".join(text.split())
    spelled = SPELLINGS.get(plain.lower())
    if spelled is None and (scaled := SCALED.match(plain)):
        count = Decimal(scaled["count"].replace(",", ""))
        count *= SCALES.get((scaled["scale"] or "").lower(), 1)
        inner = unit_of(scaled["unit"])
        if count > 0:
            return Unit(plain, inner.base, inner.factor * count, inner.is_monthly)
    name = spelled or plain
    base, factor, is_monthly = BASES.get(name, (name, Decimal(1), False))
    return Unit(name, base, factor, is_monthly)


def details_of(text: str) -> dict[str, Any]:
    """Return SkuPriceDetails as a flat object; anything else is empty."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def model_of(details: dict[str, Any], *, sku: str, sku_meter: str) -> Model:
    """Return the model: from SkuPriceDetails, else from a SKU name that speaks of one."""
    name = str(details.get("ModelId") or details.get("x_ModelId") or "")
    if name or details.get("ModelFamily"):
        return Model(
            name or str(details["ModelFamily"]),
            str(details.get("ModelFamily") or ""),
            str(details.get("ModelVersion") or ""),
            str(details.get("ModelDeveloper") or ""),
        )
    found = MODEL_NAMES.search(sku) or MODEL_NAMES.search(sku_meter)
    return Model(found[0].lower()) if found else Model()


MODEL_NAMES = re.compile(
    r"\b(?:qw[eq]n?-?\d?[\w.]*(?:-(?!input|output|cache|token)[\w.]+)*"
    r"|qvq[\w.-]*|wan\d[\w.-]*|deepseek[\w.-]*|gpt-[\w.]+(?:-mini|-nano|-turbo)?"
    r"|claude-[\w.-]*\d|gemini-[\w.]+(?:-pro|-flash)?|llama-?\d[\w.-]*"
    r"|glm-[\w.]+|kimi-[\w.]+)",
    re.IGNORECASE,
)


def direction_of(details: dict[str, Any], *, sku: str, sku_meter: str) -> str:
    """Return `input`, `output` or nothing: from SkuPriceDetails, else from the names."""
    stated = str(details.get("TokenDirection") or "").lower()
    if stated in DIRECTIONS:
        return stated
    for text in (sku_meter, sku):
        words = re.split(r"[^a-z]+", text.lower())
        for direction in DIRECTIONS:
            if direction in words:
                return direction
    return ""


def cache_of(details: dict[str, Any]) -> str:
    """Return `uncached`, `read`, `write` or nothing."""
    stated = details.get("TokenCacheAction") or details.get("CacheRole") or ""
    return CACHE_ACTIONS.get(str(stated).lower(), "")


def understand(item: Item) -> Meaning:
    """Tell what a line item counts."""
    details = details_of(item.details)
    unit = unit_of(item.unit)
    is_gpu = unit.name == "Hours" and bool(
        GPU_WORDS.search(f"{item.sku} {item.sku_meter} {item.service}")
        or details.get("GpuCount")
    )
    if is_gpu:
        unit = Unit("Hours", "GPU-Hours", Decimal(1))
    named = " ".join((item.service, item.sku, item.sku_meter, item.subcategory))
    model = model_of(details, sku=item.sku, sku_meter=item.sku_meter)
    is_ai = (
        item.category.lower() in AI_CATEGORIES
        or bool(model.name)
        or unit.base in {"Tokens", "GPU-Hours"}
        or bool(AI_WORDS.search(named))
    )
    is_tokens = unit.base == "Tokens"
    return Meaning(
        item=item,
        unit=unit,
        model=model,
        direction=(
            direction_of(details, sku=item.sku, sku_meter=item.sku_meter)
            if is_tokens
            else ""
        ),
        cache=cache_of(details) if is_tokens else "",
        is_ai=is_ai,
    )

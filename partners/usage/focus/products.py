"""What the customers of made-up exports use: SKUs with units, prices and weights."""

from typing import NamedTuple


class Product(NamedTuple):
    """One SKU that customers use."""

    category: str
    subcategory: str
    service: str
    sku: str
    meter: str
    unit: str
    pricing_unit: str
    per_price: int
    """Consumed units in one pricing unit."""
    price: str
    """List price of one pricing unit."""
    scale: int
    """Consumed units in a line item of middling size."""
    weight: int
    """Share of line items, relative to the other products."""
    details: str

    @property
    def is_ai(self) -> bool:
        return self.category == "AI and Machine Learning"


def _tokens(
    model: str, family: str, version: str, direction: str, price: str, weight: int
) -> Product:
    details = (
        f'{{"ModelId": "{model}", "ModelFamily": "{family}", '
        f'"ModelVersion": "{version}", "ModelDeveloper": "Qwen", '
        f'"TokenDirection": "{direction}"}}'
    )
    return Product(
        "AI and Machine Learning", "Generative AI", "Model Studio",
        f"{model}-{direction.lower()}", f"{direction} Tokens", "Tokens",
        "1000000 Tokens", 1_000_000, price,
        6_000_000 if direction == "Input" else 1_500_000, weight, details,
    )  # fmt: skip


PRODUCTS = (
    _tokens("qwen-max", "Qwen", "2.5", "Input", "1.6", 6),
    _tokens("qwen-max", "Qwen", "2.5", "Output", "6.4", 6),
    _tokens("qwen-plus", "Qwen", "2.5", "Input", "0.4", 8),
    _tokens("qwen-plus", "Qwen", "2.5", "Output", "1.2", 8),
    _tokens("qwen-turbo", "Qwen", "2.5", "Input", "0.05", 5),
    _tokens("qwen-turbo", "Qwen", "2.5", "Output", "0.2", 5),
    _tokens("qwq-plus", "QwQ", "32B", "Input", "0.8", 3),
    _tokens("qwq-plus", "QwQ", "32B", "Output", "2.4", 3),
    Product("AI and Machine Learning", "Generative AI", "Model Studio",
            "wan2.1-t2v-plus", "Video Seconds", "Seconds", "Seconds", 1, "0.1", 40,
            3, '{"ModelId": "wan2.1-t2v-plus", "ModelFamily": "Wan"}'),
    Product("AI and Machine Learning", "Machine Learning", "Platform for AI",
            "gpu.h20.8x", "GPU Hours", "GPU-Hours", "GPU-Hours", 1, "2.75", 24, 2,
            ""),
    Product("AI and Machine Learning", "Machine Learning", "Platform for AI",
            "gpu.h20.8x.hosting", "Model Hosting Hours", "GPU-Hours", "GPU-Hours", 1,
            "2.75", 24, 3, '{"ModelId": "qwen-plus", "ModelFamily": "Qwen", '
            '"ModelVersion": "2.5", "ModelDeveloper": "Qwen", "GpuCount": 8}'),
    Product("Compute", "Virtual Machines", "Elastic Compute", "ecs.g8i.4xlarge",
            "Instance Hours", "Hours", "Hours", 1, "0.688", 24, 20, ""),
    Product("Storage", "Object Storage", "Object Storage Service", "oss-standard",
            "Storage", "GB-Months", "GB-Months", 1, "0.0173", 40, 12, ""),
    Product("Databases", "Relational Databases", "Relational Database",
            "rds.mysql.x4", "Instance Hours", "Hours", "Hours", 1, "0.412", 24, 8,
            ""),
    Product("Networking", "Content Delivery", "Content Delivery", "cdn-traffic",
            "Traffic", "GB", "GB", 1, "0.031", 300, 8, ""),
)  # fmt: skip

"""The usual way to a report: matplotlib draws the charts, WeasyPrint sets the PDF.

Both take the fonts that the machine has. Without a Chinese one they draw boxes, which is
quicker than Chinese: the baseline is never made slower than it would be.
"""

import logging
import warnings
from base64 import b64encode
from io import BytesIO
from typing import Any

from django.utils import translation
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from weasyprint import HTML

from crm.reports.payloads import Payload
from crm.reports.rendering import document, page


class Usual:
    """The same payload the usual way."""

    def __init__(self, payload: Payload) -> None:
        self.payload = payload
        for noisy in ("weasyprint", "weasyprint.progress", "fontTools", "matplotlib"):
            logging.getLogger(noisy).setLevel(logging.ERROR)

    def compose(self) -> bytes:
        with translation.override(self.payload["language"]):
            said = document.of(self.payload)
            pictures = {
                f"{part['name']}-{number}": self.picture(block)
                for part in self.payload["sections"]
                for number, block in enumerate(part["blocks"], 1)
                if block["block"] == "chart"
            }
            html = page.html_of(
                said,
                pictures={
                    code: "data:image/png;base64," + b64encode(data).decode()
                    for code, data in pictures.items()
                },
            )
        return bytes(HTML(string=html).write_pdf())

    def picture(self, block: Any) -> bytes:
        drawing = Drawing(figsize=(5.6, 2.6), dpi=200, layout="tight")
        FigureCanvasAgg(drawing)
        axes = drawing.add_subplot()
        for series in block["series"]:
            values = [float(v) if v is not None else 0.0 for v in series["values"]]
            axes.bar(range(len(values)), values, label=series["label"])
        axes.set_xticks(range(len(block["labels"])), block["labels"])
        axes.legend()
        file = BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about signs that the font lacks
            drawing.savefig(file, format="png")
        return file.getvalue()

"""The usual way to a report: matplotlib draws the charts, WeasyPrint sets the PDF."""

from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
from django.utils import translation
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing
from weasyprint import HTML  # type: ignore[import-untyped]  # it has no types

from crm.reports.payloads import Payload
from crm.reports.rendering import document, page


class Usual:
    """The same payload the usual way: matplotlib draws, WeasyPrint sets the page."""

    def __init__(self, payload: Payload) -> None:
        folder = Path(str(manimgx_fonts_cjk.__file__)).parent
        suffixes = {".otf", ".ttf", ".ttc"}
        files = (file for file in folder.rglob("*") if file.suffix in suffixes)
        self.font = min(files)
        font_manager.fontManager.addfont(str(self.font))
        self.payload = payload

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
        face = (
            f"<style>@font-face{{font-family:X;src:url('{self.font.as_uri()}')}} "
            "*{font-family:X!important}</style>"
        )
        return bytes(HTML(string=html.replace("</head>", face + "</head>")).write_pdf())

    def picture(self, block: Any) -> bytes:
        drawing = Drawing(figsize=(5.6, 2.6), dpi=200, layout="tight")
        FigureCanvasAgg(drawing)
        axes = drawing.add_subplot()
        for series in block["series"]:
            values = [float(v) if v is not None else 0.0 for v in series["values"]]
            axes.bar(range(len(values)), values, label=series["label"])
        axes.set_xticks(range(len(block["labels"])), block["labels"])
        axes.legend(prop={"family": "Noto Sans CJK SC"})
        file = BytesIO()
        drawing.savefig(file, format="png")
        return file.getvalue()

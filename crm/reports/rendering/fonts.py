"""Typst with the one font of reports, from an installed package, never the machine's."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import manimgx_fonts_cjk
import typst

FAMILY = "Noto Sans CJK SC"
PIXELS_PER_INCH = 144
"""Charts in mails are twice as fine as they are shown."""

REPORT = Path(__file__).with_name("report.typ")
CHART = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")"""
TEXT_ELEMENT = re.compile(r'(<text [^>]*fill=\\?"(#\w+)\\?")')


@lru_cache(maxsize=1)
def fonts() -> typst.Fonts:
    """Return the fonts; read once per process, as that takes 50 ms."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(Path(str(manimgx_fonts_cjk.__file__)).parent)],
    )


@lru_cache(maxsize=1)
def compiler() -> typst.Compiler:
    """Return the compiler of this process."""
    return typst.Compiler(font_paths=fonts(), ignore_system_fonts=True)


def png(svg: str) -> bytes:
    """Draw an SVG as PNG."""
    return _one_file(
        input=CHART,
        format="png",
        ppi=PIXELS_PER_INCH,
        sys_inputs={"svg": with_weight(svg)},
    )


def pdf(document: Mapping[str, object], *, at: datetime) -> bytes:
    """Set the document as PDF; the same document and time give the same bytes."""
    return _one_file(
        input=source(),
        format="pdf",
        timestamp=at,
        sys_inputs={
            "document": with_weight(
                json.dumps(document, ensure_ascii=False), quote=r"\""
            )
        },
    )


@lru_cache(maxsize=1)
def source() -> bytes:
    """Return the layout of the PDF."""
    return REPORT.read_bytes()


def with_weight(svg: str, *, quote: str = '"') -> str:
    """Return the SVG with strokes around its texts.

    The font is a variable one, of which Typst takes the thinnest form inside of SVG; the
    stroke makes it as strong as the regular form.

    :param quote: how a quotation mark is written there; as in JSON or by itself.
    """
    return TEXT_ELEMENT.sub(
        lambda found: (
            f"{found[1]} stroke={quote}{found[2]}{quote} "
            f"stroke-width={quote}0.6{quote} stroke-linejoin={quote}round{quote}"
        ),
        svg,
    )


def _one_file(**options: Any) -> bytes:
    made = compiler().compile(**options)
    if not isinstance(made, bytes):
        raise TypeError("Typst made several files where one was expected.")
    return made

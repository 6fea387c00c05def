"""The report as HTML: for mail with pictures by reference, for the page with drawings."""

from base64 import b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import css_inline
from django.template.loader import render_to_string

from crm.reports.rendering.document import Document

TEMPLATE = "emails/weekly_report/body.html"


@lru_cache(maxsize=1)
def inliner() -> css_inline.CSSInliner:
    """Return the inliner; rules for phones and dark screens stay in the head."""
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )


def html_of(
    document: Document,
    *,
    pictures: Mapping[str, str],
    preheader: str = "",
    run_url: str = "",
    preferences_url: str = "",
) -> str:
    """Return the mail's HTML with styles in the elements.

    :param pictures: code of a chart → address of its picture.
    """
    context: dict[str, Any] = {
        "language": "zh-CN" if document["language"].startswith("zh") else "en",
        "title": f"{document['name']} · {document['title']}",
        "preheader": preheader,
        "document": with_pictures(document, pictures),
        "run_url": run_url,
        "preferences_url": preferences_url,
    }
    return inliner().inline(tidy(render_to_string(TEMPLATE, context)))


def with_pictures(document: Document, pictures: Mapping[str, str]) -> dict[str, Any]:
    """Return the document with the address of its picture in each chart."""
    return {
        **document,
        "sections": [
            {
                **part,
                "blocks": [
                    {**block, "picture": pictures.get(block["code"], "")}
                    for block in part["blocks"]
                ],
            }
            for part in document["sections"]
        ],
    }


def drawings(document: Document) -> dict[str, str]:
    """Return the SVG of each chart by its code."""
    return {
        block["code"]: block["svg"]
        for part in document["sections"]
        for block in part["blocks"]
        if block.get("svg")
    }


def as_data_address(svg: str) -> str:
    """Return an address that holds the drawing itself; for web pages only."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def tidy(html: str) -> str:
    """Return the HTML without the indentation and blank lines of the templates."""
    lines = (line.strip() for line in html.splitlines())
    return "\n".join(line for line in lines if line)

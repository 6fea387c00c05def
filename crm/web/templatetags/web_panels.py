"""`{% panels row %}`: what other packages know about the row of a page."""

from django import template
from django.db import models
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from crm.web import panels as registry

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: Context, row: models.Model | None) -> SafeString | str:
    """Return the panels of this row that the person may see, one below the other."""
    if row is None:
        return ""
    request = context["request"]
    parts = [
        render_to_string(panel.template, {"row": row, **content}, request=request)
        for panel, content in registry.shown(request, row)
    ]
    return mark_safe("".join(parts))  # noqa: S308  each was escaped by its template

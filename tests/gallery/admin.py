"""Pages of samples: every widget and every kind of change."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from crm.accounts.models import User
from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.board import Board, BoardAdmin, Card, Column
from crm.web.scoping import ReadOnlyInline
from tests.gallery import operations
from tests.gallery.models import Part, Sample


class PartInline(ReadOnlyInline[Part, Sample]):
    model = Part
    fields = ("title",)
    tab = True


class WhyForm(dialogs.DialogForm):
    why = forms.CharField(label="Why")
    kind = forms.ChoiceField(choices=Sample.Kind.choices)


def place(sample: Sample) -> str:
    return sample.kind if sample.is_open else "closed"


def card(sample: Sample, moves: dict[str, str]) -> Card:
    return Card(
        key=sample.pk,
        version=sample.version,
        title=sample.name,
        url=f"/admin/gallery/sample/{sample.pk}/change/",
        lines=(f"{sample.amount} EUR",),
        badge="late" if sample.starts_on else "",
        tone="red",
        moves={to: asks for to, asks in moves.items() if to != place(sample)},
    )


@admin.register(Sample)
class SampleAdmin(BoardAdmin[Sample]):
    list_display = ("name", "kind", "owner", "amount", "starts_on", "is_open")
    list_select_related = ("owner",)
    list_filter = (("kind", ChoicesDropdownFilter), ("starts_on", RangeDateFilter))
    search_fields = ("name",)
    autocomplete_fields = ("parent",)
    readonly_fields = ("is_open",)
    inlines = (PartInline,)
    actions = ("close_all",)
    actions_list = ("open_board",)
    actions_detail = ("close",)
    fieldsets = (
        (None, {"fields": ("name", "owner", "kind", "parent", "amount", "is_open")}),
        ("Dates", {"fields": ("starts_on", "meets_at"), "classes": ("tab",)}),
        ("Words", {"fields": ("notes", "link"), "classes": ("tab",)}),
    )

    def board(self, request: HttpRequest) -> Board:
        rows = list(self.get_queryset(request).order_by("name", "pk")[:50])
        moves = {"round": "", "square": "", "closed": "close"}
        columns = tuple(
            Column(key=key, title=key.title(), cards=cards, count=len(cards))
            for key in moves
            if (cards := tuple(card(row, moves) for row in rows if place(row) == key))
            or key
        )
        return Board(title="Samples", columns=columns)

    def move_card(
        self, *, obj: Sample, to: str, version: int, by: User, at: datetime
    ) -> str:
        operations.turn_sample(sample=obj, kind=to, version=version, by=by, at=at)
        return f"It is {to} now."

    def register(self, *, form: Any, by: User, at: datetime) -> Sample:
        return operations.register_sample(values=form.cleaned_data, by=by, at=at)

    def edit(self, *, obj: Sample, form: Any, by: User, at: datetime) -> Sample:
        return operations.edit_sample(
            sample=obj, values=form.cleaned_data, by=by, at=at
        )

    def remove(self, *, obj: Sample, by: User, at: datetime) -> None:
        operations.remove_sample(sample=obj, by=by, at=at)

    @dialogs.button(
        title="Close", permission="gallery.close_sample", form=WhyForm, submit="Close"
    )
    def close(self, request: HttpRequest, sample: Sample, form: WhyForm) -> str:
        operations.close_sample(
            sample=sample,
            why=form.cleaned_data["why"],
            by=acting_user(request),
            at=timezone.now(),
        )
        return "Closed."

    @admin.action(description="Close all", permissions=["change"])
    def close_all(self, request: HttpRequest, rows: models.QuerySet[Sample]) -> None:
        by, at = acting_user(request), timezone.now()
        self.run_for_each(
            request,
            rows,
            lambda sample: operations.close_sample(
                sample=sample, why="all", by=by, at=at
            ),
        )

"""Typed filters that refuse nonsense: django-filter with its leniences removed."""

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters.fields import BaseCSVField
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS

from crm.web.api.problems import invalid

LONGEST_LIST = 200
LONGEST_TEXT = 200
LARGEST_INTEGER = 2**63 - 1


class StrictBooleanField(forms.Field):
    """Knows `true` and `false` and nothing else."""

    def to_python(self, value: Any) -> bool | None:
        if value in (None, ""):
            return None
        if value not in ("true", "false"):
            raise ValidationError("Must be true or false.", code="invalid")
        return bool(value == "true")


class AwareDateTimeField(forms.Field):
    """Takes an ISO 8601 time with its offset; a `+` that became a blank is understood."""

    def to_python(self, value: Any) -> datetime | None:
        if value in (None, ""):
            return None
        try:
            moment = parse_datetime(str(value).replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise ValidationError(
                "Must be a time with offset, as 2026-01-31T08:00:00Z.", code="invalid"
            )
        return moment


class BooleanFilter(django_filters.Filter):
    """True or false."""

    field_class = StrictBooleanField


class IntegerFilter(django_filters.Filter):
    """A whole number that fits a bigint."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", -LARGEST_INTEGER)
        kwargs.setdefault("max_value", LARGEST_INTEGER)
        super().__init__(*args, **kwargs)


class DecimalFilter(django_filters.Filter):
    """A decimal number of at most 30 digits."""

    field_class = forms.DecimalField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 30)
        super().__init__(*args, **kwargs)


class TextFilter(django_filters.CharFilter):
    """Text of bounded length."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST_TEXT)
        kwargs.setdefault("strip", False)
        super().__init__(*args, **kwargs)


class WordFilter(django_filters.Filter):
    """One of the choices; several in lists."""

    field_class = forms.ChoiceField


class MomentFilter(django_filters.Filter):
    """A time with its offset."""

    field_class = AwareDateTimeField


class UpdatedSince(MomentFilter):
    """Rows written at or after this time: `updated_since = api.UpdatedSince()`."""

    def __init__(self, field_name: str = "updated_at", **kwargs: Any) -> None:
        super().__init__(field_name=field_name, lookup_expr="gte", **kwargs)


DEFAULTS = deepcopy(FILTER_FOR_DBFIELD_DEFAULTS) | {
    models.AutoField: {"filter_class": IntegerFilter},
    models.BigAutoField: {"filter_class": IntegerFilter},
    models.IntegerField: {"filter_class": IntegerFilter},
    models.BigIntegerField: {"filter_class": IntegerFilter},
    models.SmallIntegerField: {"filter_class": IntegerFilter},
    models.PositiveIntegerField: {"filter_class": IntegerFilter},
    models.PositiveSmallIntegerField: {"filter_class": IntegerFilter},
    models.PositiveBigIntegerField: {"filter_class": IntegerFilter},
    models.ForeignKey: {"filter_class": IntegerFilter},
    models.OneToOneField: {"filter_class": IntegerFilter},
    models.DecimalField: {"filter_class": DecimalFilter},
    models.FloatField: {"filter_class": DecimalFilter},
    models.CharField: {"filter_class": TextFilter},
    models.TextField: {"filter_class": TextFilter},
    models.EmailField: {"filter_class": TextFilter},
    models.SlugField: {"filter_class": TextFilter},
    models.URLField: {"filter_class": TextFilter},
    models.BooleanField: {"filter_class": BooleanFilter},
    models.DateTimeField: {"filter_class": MomentFilter},
}


class Filters(django_filters.FilterSet):
    """Filters of one list; names are `field` or `field__lookup`, all given must hold.

    Declare `Meta.model` and `Meta.fields = {"name": ["exact", "icontains"]}`; a foreign
    key is filtered by number: `"owner_id": ["exact", "in"]`.
    """

    FILTER_DEFAULTS = DEFAULTS

    def __init__(self, data: dict[str, Any], queryset: QuerySet[Any]) -> None:
        """Prepare only the filters that are asked for: each costs a copy and a form field."""
        self.base_filters = OrderedDict(
            (name, each) for name, each in self.base_filters.items() if name in data
        )
        super().__init__(data=data, queryset=queryset)

    @classmethod
    def filter_for_lookup(
        cls, field: models.Field[Any, Any], lookup_type: str
    ) -> tuple[Any, dict[str, Any]]:
        """Return the filter class for a lookup; choices stay closed lists."""
        if getattr(field, "choices", None) and lookup_type in {"exact", "in"}:
            extra = {"choices": field.choices}
            return (WordsFilter if lookup_type == "in" else WordFilter), extra
        found: tuple[Any, dict[str, Any]] = super().filter_for_lookup(
            field, lookup_type
        )
        return found


class WordsFilter(django_filters.BaseInFilter, WordFilter):
    """Any of the choices, separated by commas."""


def narrow(
    rows: QuerySet[Any], filters: type[Filters], given: Mapping[str, str]
) -> QuerySet[Any]:
    """Return the rows that all the given filters let through.

    :raises ProblemError: 400 naming each parameter whose value is not acceptable.
    """
    asked: dict[str, Any] = {
        name: given[name] for name in filters_of(filters) if name in given
    }
    if not asked:
        return rows
    filterset = filters(data=asked, queryset=rows)
    _check_list_lengths(filterset, asked)
    if not filterset.is_valid():
        raise invalid(
            [
                {
                    "parameter": name,
                    "code": str(error.code or "invalid"),
                    "detail": text,
                }
                for name, faults in filterset.form.errors.as_data().items()
                for error in faults
                for text in error.messages
            ]
        )
    narrowed: QuerySet[Any] = filterset.qs
    return narrowed


def _check_list_lengths(filterset: Filters, asked: Mapping[str, str]) -> None:
    long = [
        name
        for name, each in filterset.filters.items()
        if issubclass(each.field_class, BaseCSVField) or name.endswith("__in")
        if asked[name].count(",") >= LONGEST_LIST
    ]
    if long:
        raise invalid(
            [
                {
                    "parameter": name,
                    "code": "too-many-items",
                    "detail": f"At most {LONGEST_LIST} values.",
                }
                for name in long
            ]
        )


def filters_of(filters: type[Filters]) -> Mapping[str, Any]:
    """Return all filters of a list by the name of their parameter."""
    declared: Mapping[str, Any] = vars(filters)["base_filters"]
    return declared

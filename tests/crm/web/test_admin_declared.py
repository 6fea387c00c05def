"""What an admin page may not declare: it is refused when the product starts."""

import pytest
from django.contrib import admin
from django.core.exceptions import ImproperlyConfigured

from crm.web.admin import OperationAdmin
from crm.web.labels import Tones
from tests.gallery.admin import SampleAdmin
from tests.gallery.models import Part, Sample


def test_model_without_a_policy_is_not_accepted() -> None:
    with pytest.raises(ImproperlyConfigured, match="visible_to"):
        OperationAdmin(Part, admin.site)


def test_list_editable_is_not_accepted() -> None:
    class Careless(SampleAdmin):
        list_editable = ("name",)

    with pytest.raises(ImproperlyConfigured, match="list_editable"):
        Careless(Sample, admin.site)


def test_inline_that_can_be_edited_is_not_accepted() -> None:
    class PartsInline(admin.TabularInline[Part, Sample]):
        model = Part

    class Careless(SampleAdmin):
        inlines = (PartsInline,)  # type: ignore[assignment]  # is to be refused

    with pytest.raises(ImproperlyConfigured, match="ReadOnlyInline"):
        Careless(Sample, admin.site)


def test_coloured_labels_never_show_a_bare_code() -> None:
    labels = [
        label
        for page in admin.site._registry.values()
        for name in page.list_display
        if isinstance(name, str)
        and isinstance(label := getattr(getattr(page, name, None), "label", None), dict)
    ]

    assert len(labels) > 9
    assert all(isinstance(label, Tones) for label in labels)
    assert Tones({"done": "success"})["new"] == ""

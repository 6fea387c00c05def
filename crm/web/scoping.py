"""Rows scoped by person, everywhere a page shows or accepts one."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.utils import unquote
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse

from crm.web.acting import acting_user
from crm.web.pagination import PeekingFormSet

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as ThemedModelAdmin
    from django.contrib.admin import TabularInline as ThemedTabularInline
else:
    from unfold.admin import ModelAdmin as ThemedModelAdmin
    from unfold.admin import TabularInline as ThemedTabularInline

M = TypeVar("M", bound=models.Model)
P = TypeVar("P", bound=models.Model)

ROWS_SEEN = "crm.web.rows_seen"
ROWS_KEPT = "crm.web.rows_kept"


def visible_rows(rows: models.QuerySet[M], request: HttpRequest) -> models.QuerySet[M]:
    """Return the rows this person may see; all of them where no policy exists."""
    narrowed = getattr(rows, "visible_to", None)
    if narrowed is None:
        return rows
    scoped: models.QuerySet[M] = narrowed(acting_user(request))
    return scoped


class ScopedAdmin(ThemedModelAdmin[M]):
    """Shows only what the person may see: in lists, details, choices and actions.

    A model whose rows everybody with the view permission may see says so with
    `visible_to_all`; all others need `visible_to(user)` on their QuerySet.
    """

    visible_to_all: ClassVar[bool] = False
    # the theme's own checks ask the database for permissions that the first
    # migration has not made yet
    checks_class = ModelAdminChecks
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        models.URLField: {"assume_scheme": "https"}
    }

    def __init__(self, model: type[M], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        rows = model._default_manager.all()
        if not (self.visible_to_all or hasattr(rows, "visible_to")):
            raise ImproperlyConfigured(
                f"{type(self).__name__}: give {model.__name__} a QuerySet with "
                "visible_to(user), or set visible_to_all = True."
            )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        return visible_rows(super().get_queryset(request), request)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> M | None:
        """Return the row when this person may see it; read once for a page that shows."""
        kept, place = rows_kept(request), (self.model, str(object_id))
        if from_field is None and place in kept:
            return kept[place]  # type: ignore[return-value]  # under its own model
        obj: M | None = self.read_object(request, object_id, from_field)
        if obj is not None:
            rows_seen(request).add((self.model, obj.pk))
            if from_field is None and request.method == "GET":
                kept[place] = obj
        return obj

    def read_object(
        self, request: HttpRequest, object_id: str, from_field: str | None
    ) -> M | None:
        """Read the row from the database; for pages that read more with it."""
        return super().get_object(request, object_id, from_field)

    def row_of(self, request: HttpRequest, obj: Any) -> M | None:
        """Return the row that a button is about, which is asked with the row or its key."""
        if obj is None or isinstance(obj, self.model):
            return obj
        return self.get_object(request, str(obj))

    def is_visible(self, request: HttpRequest, obj: Any) -> bool:
        """Tell whether the person may see this row, given as row or as key."""
        key = getattr(obj, "pk", obj)
        if key is None:
            return True
        try:
            key = self.model._meta.pk.to_python(key)
            if (self.model, key) in rows_seen(request):
                return True
            found = self.get_queryset(request).filter(pk=key).exists()
        except (ValueError, ValidationError):
            return False
        if found:  # the buttons of a page ask one by one
            rows_seen(request).add((self.model, key))
        return found

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_visible(
            request, obj
        )

    def formfield_for_foreignkey(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        related = db_field.remote_field.model._default_manager.all()
        kwargs.setdefault("queryset", visible_rows(related, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> Any:
        related = db_field.remote_field.model._default_manager.all()
        kwargs.setdefault("queryset", visible_rows(related, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class ReadOnlyInline(ThemedTabularInline[M, P]):
    """Rows that belong to a row, shown and never edited in place."""

    formset = PeekingFormSet
    extra = 0
    can_delete = False
    show_change_link = True
    per_page = 20
    ordering: ClassVar[Any] = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[M]:
        return visible_rows(super().get_queryset(request), request)


def rows_seen(request: HttpRequest) -> set[tuple[type[models.Model], Any]]:
    """Return the rows this request was already allowed to see."""
    seen: set[tuple[type[models.Model], Any]] = request.META.setdefault(
        ROWS_SEEN, set()
    )
    return seen


def rows_kept(
    request: HttpRequest,
) -> dict[tuple[type[models.Model], str], models.Model]:
    """Return the rows a request that only shows has read; one that changes keeps none."""
    kept: dict[tuple[type[models.Model], str], models.Model] = request.META.setdefault(
        ROWS_KEPT, {}
    )
    return kept


def is_key(model: type[models.Model], object_id: str) -> bool:
    """Tell whether this can be the key of a row at all; permissions ask by it."""
    try:
        model._meta.pk.to_python(unquote(object_id))
    except ValidationError:
        return False
    return True


def no_such_row(
    page: admin.ModelAdmin[Any], request: HttpRequest, object_id: str
) -> HttpResponse:
    """Lead back, saying that there is no such row, as pages do for a key without a row."""
    answer: HttpResponse = page._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined]  # noqa: SLF001  # absent from the stubs
        request, page.opts, object_id
    )
    return answer

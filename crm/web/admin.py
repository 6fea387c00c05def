"""The base of every admin page: rows scoped by person, changes through operations."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.core.errors import DomainError
from crm.web.acting import acting_user
from crm.web.history_page import HistoryAdmin
from crm.web.pagination import LimitedPaginator
from crm.web.refusals import as_form_error, lines_of, tell
from crm.web.scoping import ReadOnlyInline, is_key, no_such_row, rows_seen

if TYPE_CHECKING:
    from crm.accounts.models import User

M = TypeVar("M", bound=models.Model)

VERSION_FIELD = "version"
EXPECTED_VERSION = "expected_version"


class StaleRefusedError(DomainError):
    """Somebody else changed the row after this form was opened."""

    code = "stale"


class OperationAdmin(HistoryAdmin[M]):
    """Read-only until a subclass says which operation registers, edits or removes.

    Override `register`, `edit`, `remove`; each calls one operation. What an operation
    refuses with a DomainError becomes an error of the form, and nothing is stored.
    """

    paginator = LimitedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0
    ordering: ClassVar[Any] = ("-pk",)
    list_filter_submit = True
    warn_unsaved_form = True
    change_form_before_template = "web/expected_version.html"

    def __init__(self, model: type[M], admin_site: Any) -> None:
        super().__init__(model, admin_site)
        if self.list_editable:
            raise ImproperlyConfigured(
                f"{type(self).__name__}: list_editable goes around operations."
            )
        if not all(issubclass(inline, ReadOnlyInline) for inline in self.inlines):
            raise ImproperlyConfigured(
                f"{type(self).__name__}: inlines must be ReadOnlyInline; give what "
                "they would change a dialog."
            )

    # --- what a subclass connects to its operations

    def register(self, *, form: Any, by: "User", at: datetime) -> M:
        """Call the operation that makes a row from this valid form; return the row."""
        raise NotImplementedError

    def edit(self, *, obj: M, form: Any, by: "User", at: datetime) -> M:
        """Call the operation that changes the row; `obj` is as stored, not as typed."""
        raise NotImplementedError

    def remove(self, *, obj: M, by: "User", at: datetime) -> None:
        """Call the operation that takes the row away."""
        raise NotImplementedError

    def connects(self, name: str) -> bool:
        """Tell whether a subclass connected this act to an operation."""
        return getattr(type(self), name) is not getattr(OperationAdmin, name)

    # --- nothing may be done that is not connected

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.connects("register") and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            self.connects("edit")
            and super().has_change_permission(request, obj)
            and self.is_visible(request, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            self.connects("remove")
            and super().has_delete_permission(request, obj)
            and self.is_visible(request, obj)
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    # --- changes go through operations

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form; a refusal rolls back and shows the form again."""
        if object_id is not None and not is_key(self.model, object_id):
            return no_such_row(self, request, object_id)
        show = super().changeform_view
        try:
            return show(request, object_id, form_url, dict(extra_context or {}))
        except DomainError as refusal:  # Django's own transaction is rolled back
            rows_seen(request).clear()
            request.META[REFUSAL] = refusal
            return show(request, object_id, form_url, dict(extra_context or {}))

    def get_form(
        self,
        request: HttpRequest,
        obj: M | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's signature
        **kwargs: Any,
    ) -> type[forms.ModelForm[M]]:
        plain = capitalised(super().get_form(request, obj, change=change, **kwargs))
        refusal = request.META.get(REFUSAL)
        if not isinstance(refusal, DomainError):
            return plain
        return refused(plain, refusal)

    def save_model(
        self,
        request: HttpRequest,
        obj: M,
        form: Any,
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        """Call the operation instead of storing what the form made."""
        by, at = acting_user(request), timezone.now()
        if change:
            stored = self.locked(request, obj)
            kept = self.edit(obj=stored, form=form, by=by, at=at)
        else:
            kept = self.register(form=form, by=by, at=at)
        vars(obj).update(vars(kept))
        rows_seen(request).add((self.model, obj.pk))

    def locked(self, request: HttpRequest, obj: M) -> M:
        """Return the row as stored and lock it until the request's transaction ends.

        :raises StaleRefusedError: when the form was opened on an older version.
        """
        rows = self.model._default_manager.select_for_update(of=("self",))
        stored = rows.get(pk=obj.pk)
        expected = request.POST.get(EXPECTED_VERSION)
        if expected is None or not hasattr(stored, VERSION_FIELD):
            return stored
        if str(getattr(stored, VERSION_FIELD)) != expected:
            raise StaleRefusedError(
                _(
                    "Somebody else changed this in the meantime. Open it again, "
                    "look at the changes, then make yours."
                )
            )
        return stored

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Iterable[Any],
        change: bool,  # noqa: FBT001  # Django's signature
    ) -> None:
        """Store nothing: what belongs to the row was the operation's work."""

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        self.remove(obj=obj, by=acting_user(request), at=timezone.now())

    def delete_queryset(
        self, request: HttpRequest, queryset: models.QuerySet[M]
    ) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def delete_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Ask, then remove; a refusal leads back to the row with the reason on top."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as refusal:
            tell(request, refusal)
            return HttpResponseRedirect(self.address_of("change", object_id))

    def run_for_each(
        self,
        request: HttpRequest,
        rows: models.QuerySet[M],
        operation: Callable[[M], object],
    ) -> None:
        """Call the operation for each selected row; say how many, and what was refused.

        Each row stands alone: one refusal does not undo the others.
        """
        done = 0
        for obj in rows:
            try:
                with transaction.atomic():
                    operation(obj)
            except DomainError as refusal:
                messages.error(request, f"{obj}: {' '.join(lines_of(refusal))}")
            else:
                done += 1
        if done:
            text = ngettext("%(count)d done.", "%(count)d done.", done)
            messages.success(request, text % {"count": done})

    def address_of(self, page: str, *arguments: object) -> str:
        """Return the address of a page of this model: changelist, add or change."""
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_{page}",
            args=arguments,
        )


REFUSAL = "crm.web.refusal"


def capitalised(form_class: type[forms.ModelForm[M]]) -> type[forms.ModelForm[M]]:
    """Write the labels of fields that a form declares like those it has from the model."""
    for field in form_class.base_fields.values():
        field.label = capfirst(field.label)
    return form_class


def refused(
    form_class: type[forms.ModelForm[M]], refusal: DomainError
) -> type[forms.ModelForm[M]]:
    """Return the form that shows what the operation refused, with all that was typed."""

    class RefusedForm(form_class):  # type: ignore[valid-type, misc]  # made per request
        def clean(self) -> Any:
            cleaned = super().clean()
            self.add_error(None, as_form_error(refusal))
            return cleaned

    return RefusedForm

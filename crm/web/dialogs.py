"""Buttons on a row's page that ask in a dialog and then call one operation.

    class PartnerAdmin(OperationAdmin[Partner]):
        actions_detail = ("archive",)

        @dialogs.button(
            title=_("Archive"), permission="partners.change_partner", form=WhyForm
        )
        def archive(self, request, partner, form):
            operations.archive_partner(
                partner=partner, by=acting_user(request), at=timezone.now()
            )
            return _("Archived.")

Opening the dialog is a GET and changes nothing; the operation runs on POST, with CSRF
token, permission and visibility of the row checked on both.
"""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from unfold import widgets
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from crm.core.errors import DomainError
from crm.web.refusals import as_form_error

if TYPE_CHECKING:
    from crm.web.admin import OperationAdmin

Text = str | Promise

FROM_BOARD = "board"
"""`?from=board` in a dialog's address: go back to the board (crm.web.board)."""

THEMED = {
    forms.TextInput: widgets.UnfoldAdminTextInputWidget,
    forms.Textarea: widgets.UnfoldAdminTextareaWidget,
    forms.EmailInput: widgets.UnfoldAdminEmailInputWidget,
    forms.URLInput: widgets.UnfoldAdminURLInputWidget,
    forms.NumberInput: widgets.UnfoldAdminDecimalFieldWidget,
    forms.Select: widgets.UnfoldAdminSelectWidget,
    forms.SelectMultiple: widgets.UnfoldAdminSelectMultipleWidget,
    forms.CheckboxInput: widgets.UnfoldBooleanSwitchWidget,
    forms.DateInput: widgets.UnfoldAdminSingleDateWidget,
    forms.FileInput: widgets.UnfoldAdminFileFieldWidget,
}
"""Plain widget → the theme's, so that dialog forms need not name any."""


class DialogForm(BaseDialogForm):  # type: ignore[misc]  # the theme has no types
    """Asks what an operation needs to know; `obj` is the row it is about."""

    obj: models.Model

    def __init__(
        self, request: HttpRequest, *args: Any, obj: models.Model, **kwargs: Any
    ) -> None:
        self.obj = obj
        super().__init__(request, obj.pk, *args, **kwargs)
        for name, field in self.fields.items():
            dress(field)
            field.label = capfirst(field.label)
            if name in request.GET:  # a dialog that a board opens knows the column
                field.initial = request.GET[name]

    @property
    def said(self) -> dict[str, Any]:
        """Return what a valid form was told, without the theme's own marker."""
        cleaned = self.cleaned_data.items()
        return {name: value for name, value in cleaned if not name.startswith("_")}


def dress(field: forms.Field) -> None:
    """Give the field the theme's widget, keeping attributes and choices."""
    themed = THEMED.get(type(field.widget))
    if themed is None:
        return
    plain = field.widget
    field.widget = themed(attrs=plain.attrs)
    field.widget.is_required = field.required
    if isinstance(field, forms.ChoiceField):
        field.widget.choices = plain.choices


Operation = Callable[[Any, HttpRequest, Any, Any], Text | HttpResponse | None]
"""admin, request, row, valid form → text that says what was done, or an answer."""


@dataclass(frozen=True)
class Dialog:
    """What a button asks, and who may press it."""

    title: Text
    description: Text
    submit: Text
    form: type[DialogForm]
    permission: str
    keeps_refusals: bool = False

    def serve(
        self,
        operation: Operation,
        model_admin: "OperationAdmin[Any]",
        request: HttpRequest,
        object_id: str,
    ) -> HttpResponse:
        """Show the dialog; on POST call the operation, and show what it refuses."""
        obj = row_or_refuse(model_admin, request, object_id, self.permission)
        is_sent = request.method == "POST"
        sent = {"data": request.POST, "files": request.FILES} if is_sent else {}
        form = self.form(request, obj=obj, **sent)
        if is_sent and form.is_valid():
            try:
                with nullcontext() if self.keeps_refusals else transaction.atomic():
                    done = operation(model_admin, request, obj, form)
            except DomainError as refusal:
                form.add_error(None, as_form_error(refusal))
            else:
                return answer(model_admin, request, obj, done)
        return render(
            request,
            "unfold/helpers/dialog.html",
            {"dialog": self.texts(), "form": form, "form_submit_text": self.submit},
        )

    def texts(self) -> dict[str, Any]:
        """Return the dialog in the theme's form."""
        return {
            "title": self.title,
            "description": self.description,
            "form_class": self.form,
            "form_submit_text": self.submit,
        }


def button(
    *,
    title: Text,
    permission: str,
    form: type[DialogForm] = DialogForm,
    description: Text = "",
    submit: Text = "",
    icon: str = "",
    variant: ActionVariant = ActionVariant.DEFAULT,
    keeps_refusals: bool = False,
) -> Callable[[Operation], Any]:
    """Make a method a button with a dialog.

    :param permission: "app.codename", or the X of a method `has_X_permission`.
    :param form: what to ask; plain confirmation when left out.
    :param submit: text of the button that runs it; the title when left out.
    :param keeps_refusals: for an operation that writes down why it refused; it cares for
        its transactions itself.
    """
    dialog = Dialog(
        title, description, submit or title, form, permission, keeps_refusals
    )

    def decorate(operation: Operation) -> Any:
        @wraps(operation)
        def view(*arguments: Any, **named: Any) -> HttpResponse:
            return dialog.serve(operation, *arguments, **named)

        vars(view).update(
            allowed_permissions=(permission,),
            short_description=title,
            icon=icon or None,
            dialog=dialog.texts(),
            variant=variant,
            attrs={},
            original_function_name=operation.__name__,
        )
        return view

    return decorate


def row_or_refuse(
    model_admin: "OperationAdmin[Any]",
    request: HttpRequest,
    object_id: str,
    permission: str,
) -> models.Model:
    """Return the row when this person may see it and press this button.

    :raises Http404: when it is absent or not visible; both look the same.
    :raises PermissionDenied: when the person lacks the permission.
    """
    obj: models.Model | None = model_admin.get_object(request, unquote(object_id))
    if obj is None or not model_admin.has_view_or_change_permission(request, obj):
        raise Http404
    if "." in permission:
        is_allowed = request.user.has_perm(permission)
    else:
        is_allowed = getattr(model_admin, f"has_{permission}_permission")(request, obj)
    if not is_allowed:
        raise PermissionDenied
    return obj


def answer(
    model_admin: "OperationAdmin[Any]",
    request: HttpRequest,
    obj: models.Model,
    done: Text | HttpResponse | None,
) -> HttpResponse:
    """Go back to the row's page, or the board, with the text on top, or pass on the answer."""
    if isinstance(done, HttpResponse):
        return done
    if done:
        messages.success(request, str(done))
    meta = obj._meta
    page = f"{model_admin.admin_site.name}:{meta.app_label}_{meta.model_name}"
    if request.GET.get("from") == FROM_BOARD and hasattr(model_admin, "board"):
        url = reverse(f"{page}_board")
    else:
        url = reverse(f"{page}_change", args=(obj.pk,))
    return lead_to(request, url)


def lead_to(request: HttpRequest, url: str, said: Text = "") -> HttpResponse:
    """Leave the dialog for another page, with the text on top."""
    if said:
        messages.success(request, str(said))
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)

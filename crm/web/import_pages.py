"""Pages of imports: what the rows would do, how far a worker is, and the buttons."""

from typing import Any, ClassVar, TypeVar

from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.enums import ActionVariant

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.downloads import download_csv
from crm.web.labels import Tones

B = TypeVar("B", bound=models.Model)


class ImportAdmin(OperationAdmin[B]):
    """One's own imports; all of them for administrators and auditors.

    :cvar jobs: the kind of imports, as the operations know it.
    :cvar outcomes: what rows do, and how it is called.
    """

    jobs: ClassVar[Any]
    outcomes: ClassVar[dict[str, Any]]
    list_select_related = ("created_by",)
    ordering: ClassVar[Any] = ("-pk",)
    actions_detail: ClassVar[Any] = ("commit", "look_again", "undo")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        right = f"{self.opts.app_label}.change_{self.opts.model_name}"
        return request.user.has_perm(right) and self.is_visible(request, obj)

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("status"),
        label=Tones({"committed": "success", "previewed": "info", "undone": "warning"}),
    )
    def state(self, batch: Any) -> tuple[str, str]:
        return batch.status, batch.get_status_display()

    @display(  # type: ignore[untyped-decorator]  # the theme has no types
        description=_("rows")
    )
    def counted(self, batch: Any) -> str:
        return " · ".join(
            f"{self.outcomes[name]} {count:,}"
            for name, count in batch.counts.items()
            if count
        )

    def told(self, batch: Any, request: HttpRequest) -> dict[str, Any]:
        """Return what the page says above the fields of one import."""
        raise NotImplementedError

    def refused(self, batch: Any) -> str:
        """Return the refused rows as CSV, with the reason in the last column."""
        raise NotImplementedError

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        return super().add_view(request, form_url, context)

    def response_add(
        self, request: HttpRequest, obj: B, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show what the rows would do at once: an upload is not the end of it."""
        messages.success(request, now("Nothing is imported yet: look, then commit."))
        return HttpResponseRedirect(self.address_of("change", obj.pk))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        context = {
            **({} if batch is None else self.told(batch, request)),
            "job": None if batch is None else self.jobs.job_of(batch),
            "show_save": False,
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, context)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        return [
            path(
                "<int:pk>/faults.csv",
                self.admin_site.admin_view(self.faults),
                name=f"{name}_faults",
            ),
            path(
                "<int:pk>/progress/",
                self.admin_site.admin_view(self.progress),
                name=f"{name}_progress",
            ),
            *super().get_urls(),
        ]

    def _seen(self, request: HttpRequest, pk: int) -> Any:
        batch = self.get_object(request, str(pk))
        if batch is None or not self.has_view_permission(request, batch):
            raise Http404
        return batch

    def faults(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the refused rows as a sheet."""
        return download_csv(self.refused(self._seen(request, pk)), name="faults.csv")

    def progress(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer how far a worker is, as a piece of the page."""
        job = self.jobs.job_of(self._seen(request, pk))
        return TemplateResponse(request, "web/import_progress.html", {"job": job})

    def has_previewed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be committed, or looked at again."""
        return self._is(request, obj, "received", "previewed")

    def has_committed_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether it can be taken back."""
        return self._is(request, obj, "committed")

    def _is(self, request: HttpRequest, obj: Any, *status: str) -> bool:
        batch: Any = self.row_of(request, obj)
        return (
            batch is not None
            and batch.status in status
            and self.has_change_permission(request, batch)
        )

    def said(self, batch: Any, done: str) -> str:
        """Return what to tell: that it is done, or that a worker does it."""
        if self.jobs.is_waiting(batch):
            return now("A worker does it; this page shows how far it is.")
        return done

    @dialogs.button(
        title=_("Commit"),
        permission="previewed",
        description=_(
            "Do what the preview shows, in one go; refused rows are left out."
        ),
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def commit(self, request: HttpRequest, batch: Any, form: Any) -> str:
        done = self.jobs.commit(batch=batch, by=acting_user(request), at=timezone.now())
        return self.said(done, now("Imported."))

    @dialogs.button(title=_("Look again"), permission="previewed", icon="refresh")
    def look_again(self, request: HttpRequest, batch: Any, form: Any) -> str:
        done = self.jobs.look_again(
            batch=batch, by=acting_user(request), at=timezone.now()
        )
        return self.said(done, now("The preview is new."))

    @dialogs.button(
        title=_("Undo"),
        permission="committed",
        description=_("Take back what it brought, as long as nothing depends on it."),
        icon="undo",
        variant=ActionVariant.DANGER,
    )
    def undo(self, request: HttpRequest, batch: Any, form: Any) -> str:
        done = self.jobs.undo(batch=batch, by=acting_user(request), at=timezone.now())
        return self.said(done, now("Undone."))

"""The button with which a cooperation counts a part of its partner's usage as its own."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from crm.web import dialogs
from crm.web.acting import acting_user
from crm.web.admin import OperationAdmin
from crm.web.dialogs import DialogForm
from partners.forms import choices_of
from partners.models import Cooperation
from partners.usage import operations, queries
from partners.usage.models import CloudAccount, Environment

PERMISSION = "usage.add_cooperationusage"
PART = ("account", "service", "model", "environment", "tag_bucket", "since", "until")


class CountForm(DialogForm):
    """Which part; what is left open is not looked at."""

    account = forms.ChoiceField(label=_("account"), required=False)
    service = forms.ChoiceField(label=_("service"), required=False)
    model = forms.ChoiceField(label=_("model"), required=False)
    environment = forms.ChoiceField(
        label=_("environment"),
        required=False,
        choices=choices_of(Environment.choices),
    )
    tag_bucket = forms.CharField(
        label=_("tag value"),
        required=False,
        max_length=400,
        help_text=_("Written key=value, for instance project=cockpit."),
    )
    since = forms.DateField(label=_("from"), required=False, widget=forms.DateInput)
    until = forms.DateField(
        label=_("up to, not included"), required=False, widget=forms.DateInput
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        partner_id = Cooperation.objects.values_list("partner_id", flat=True).get(
            pk=self.obj.pk
        )
        self.accounts = CloudAccount.objects.filter(
            ownerships__partner_id=partner_id
        ).distinct()
        parts = queries.countable(partner_id)
        self._offer("account", [(one.pk, str(one)) for one in self.accounts])
        self._offer("service", [(one, one) for one in parts.services])
        self._offer("model", [(one, one) for one in parts.models])

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices_of(choices)
        field.widget.choices = field.choices

    def part(self) -> dict[str, Any]:
        """Return what was chosen as the operation takes it."""
        said = {name: self.cleaned_data[name] for name in PART}
        said["account"] = self.accounts.filter(pk=int(said["account"] or 0)).first()
        return said


class UsageDialogs(OperationAdmin[Cooperation]):
    """What a cooperation's page can do with usage."""

    @dialogs.button(
        title=_("Count usage"),
        permission=PERMISSION,
        form=CountForm,
        description=_(
            "This part of the partner's usage becomes this cooperation's own. Without"
            " any rule the only open cooperation of a partner counts all of it."
        ),
        icon="data_usage",
    )
    def count_usage(
        self, request: HttpRequest, cooperation: Cooperation, form: Any
    ) -> str:
        operations.add_cooperation_rule(
            cooperation=cooperation,
            by=acting_user(request),
            at=timezone.now(),
            **form.part(),
        )
        return now("The usage counts for this cooperation now.")

"""My alerts by mail: for each rule nothing, what I own, or everything I may see."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.core.errors import DomainError
from crm.watch.models import AlertChoice, AlertRule
from crm.watch.operations import rules as operations
from crm.web.acting import acting_user
from crm.web.refusals import tell

PREFIX = "wish-"


def show_choices(request: HttpRequest) -> HttpResponse:
    """Show the choices of the person who looks; on POST store them."""
    person = acting_user(request)
    if request.method == "POST":
        wishes = {
            name.removeprefix(PREFIX): value
            for name, value in request.POST.items()
            if name.startswith(PREFIX) and isinstance(value, str)
        }
        try:
            operations.choose_alerts(
                person=person, wishes=wishes, by=person, at=timezone.now()
            )
        except DomainError as refusal:
            tell(request, refusal)
        else:
            messages.success(request, _("Stored."))
        return HttpResponseRedirect(request.path)
    chosen = dict(
        AlertChoice.objects.filter(person=person).values_list("rule_id", "wish")
    )
    wish = AlertChoice.Wish
    rows = [
        (rule, chosen.get(rule.pk, wish.MINE if rule.mails_owner else wish.NOTHING))
        for rule in AlertRule.objects.filter(is_active=True).order_by("pk")
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("My alerts by mail"),
        "rows": rows,
        "wishes": wish.choices,
    }
    return TemplateResponse(request, "watch/choices.html", context)

"""Evidence that the partner registry itself can give; `apps.py` registers it."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.gates import Case, Finding, missing, passed
from partners.models import Contact, ContactRole, Cooperation, Partner, Poc, PocMetric

SHORT = 80
LINKED = ("pocs", "risks", "action_items")


def plain(value: Any) -> Any:
    """Return a stored value as JSON keeps it; long texts are cut."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, str) and len(value) > SHORT:
        return f"{value[:SHORT]}…"
    return value


def value_at(cooperation: Cooperation, path: str) -> tuple[str, Any]:
    """Return name and value of a field, as `scope` or `partner.industry`.

    A relation to many, as `partner.domains`, gives whether anything is there.
    """
    owner: Cooperation | Partner = cooperation
    name = path
    if path.startswith("partner."):
        owner, name = cooperation.partner, path.removeprefix("partner.")
    field = owner._meta.get_field(name)
    if field.one_to_many or field.many_to_many:
        related: Any = field.related_model
        return str(related._meta.verbose_name), getattr(owner, name).exists()
    return str(getattr(field, "verbose_name", name)), getattr(owner, name)


def is_known_field(path: str) -> bool:
    """Tell whether a criterion may ask for this field."""
    model: type[models.Model] = Cooperation
    name = path
    if path.startswith("partner."):
        model, name = Partner, path.removeprefix("partner.")
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True


def field(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when every named field is filled, texts with at least `min_length` characters."""
    least = int(parameters.get("min_length", 1))
    seen: dict[str, Any] = {}
    lacking = []
    for path in parameters["fields"]:
        name, value = value_at(case.cooperation, path)
        seen[path] = plain(value)
        length = len(value.strip()) if isinstance(value, str) else least
        if value is None or value is False or value in ("", []):
            lacking.append(_("“%(field)s” is empty.") % {"field": name})
        elif length < least:
            lacking.append(
                _("“%(field)s” has %(count)s of at least %(least)s characters.")
                % {"field": name, "count": length, "least": least}
            )
    if lacking:
        return missing(" ".join(lacking), **seen)
    return passed(_("Everything asked for is filled in."), **seen)


def field_equals(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when one field has one value."""
    name, value = value_at(case.cooperation, parameters["field"])
    seen = {parameters["field"]: plain(value)}
    wanted = parameters["value"]
    values = {"field": name, "value": wanted}
    if value == wanted:
        return passed(_("“%(field)s” is set as asked.") % values, **seen)
    return missing(_("“%(field)s” is not “%(value)s”.") % values, **seen)


def contacts_in_role(
    cooperation: Cooperation, roles: Iterable[str]
) -> QuerySet[Contact]:
    """Return who is still with the partner and has one of the roles, here or in general."""
    wanted = list(roles)
    return (
        Contact.objects.present()
        .filter(partner_id=cooperation.partner_id)
        .filter(
            Q(roles__overlap=wanted)
            | Q(
                pk__in=cooperation.cooperation_contacts.filter(role__in=wanted).values(
                    "contact_id"
                )
            )
        )
    )


def contact(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when enough contacts with a role (any of `roles`, else whatever role) are there."""
    least = int(parameters.get("min_count", 1))
    roles = parameters.get("roles", ContactRole.values)
    ids = list(
        contacts_in_role(case.cooperation, roles)
        .order_by("pk")
        .values_list("pk", flat=True)[: max(least, 5)]
    )
    return counted(
        len(ids),
        least,
        ngettext(
            "No contact of the partner has such a role.",
            "Fewer than %(least)s contacts of the partner have such a role.",
            least,
        ),
        {"contacts": ids},
    )


def sponsors(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when both sides have named a sponsor (theirs with one of `roles`)."""
    cooperation: Cooperation = case.cooperation
    ours = cooperation.our_sponsor_id or cooperation.partner.our_sponsor_id
    theirs = list(
        contacts_in_role(cooperation, parameters["roles"])
        .order_by("pk")
        .values_list("pk", flat=True)[:5]
    )
    lacking = []
    if ours is None:
        lacking.append(_("Our executive sponsor is not named."))
    if not theirs:
        names = ", ".join(str(ContactRole(role).label) for role in parameters["roles"])
        lacking.append(_("No contact on their side is: %(roles)s.") % {"roles": names})
    if lacking:
        return missing(" ".join(lacking), ours=ours, theirs=theirs)
    return passed(_("Both sides have a sponsor."), ours=ours, theirs=theirs)


def activity(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when enough activities of the kinds took place until now (in `within_days`)."""
    cooperation: Cooperation = case.cooperation
    least = int(parameters.get("min_count", 1))
    rows = cooperation.partner.activities.filter(
        Q(cooperation_id=cooperation.pk) | Q(cooperation_id__isnull=True),
        happened_at__lte=case.at,
    )
    if "kinds" in parameters:
        rows = rows.filter(kind__in=parameters["kinds"])
    if "within_days" in parameters:
        days = timedelta(days=int(parameters["within_days"]))
        rows = rows.filter(happened_at__gte=case.at - days)
    ids = list(rows.order_by("-happened_at").values_list("pk", flat=True)[:least])
    return counted(
        len(ids), least, _("No such activity is logged."), {"activities": ids}
    )


def attachment(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when enough documents of the purposes are attached to the cooperation."""
    cooperation: Cooperation = case.cooperation
    least = int(parameters.get("min_count", 1))
    rows = cooperation.attachments.filter(removed_at__isnull=True)
    if "purposes" in parameters:
        rows = rows.filter(purpose__in=parameters["purposes"])
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:least])
    return counted(
        len(ids), least, _("No such document is attached."), {"attachments": ids}
    )


def linked_object(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when enough PoCs, risks or action items of the cooperation have one of the states."""
    relation = parameters["object"]
    if relation not in LINKED:
        raise ValueError(f"{relation!r} is none of {LINKED}.")
    least = int(parameters.get("min_count", 1))
    rows = getattr(case.cooperation, relation).filter(status__in=parameters["states"])
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:least])
    return counted(
        len(ids), least, _("Nothing is in the state asked for."), {relation: ids}
    )


def approval(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when somebody approved in the role since the cooperation came to its stage."""
    cooperation: Cooperation = case.cooperation
    found = (
        cooperation.approvals.filter(
            stay__exited_at__isnull=True, role=parameters["role"]
        )
        .order_by("pk")
        .first()
    )
    if found is None:
        return missing(_("The approval is not given."), role=parameters["role"])
    return passed(
        _("The approval is given."), role=parameters["role"], approved_by=found.by_id
    )


def latest_proof(cooperation: Cooperation) -> Poc | None:
    """Return the proof that counts: the latest that was not cancelled."""
    return (
        cooperation.pocs.exclude(status=Poc.Status.CANCELLED)
        .order_by("-planned_start_on", "-pk")
        .first()
    )


def poc_decision(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when the latest proof was decided as asked (`go` unless told)."""
    wanted = parameters.get("decision", "go")
    proof = latest_proof(case.cooperation)
    if proof is None:
        return missing(_("There is no PoC."), poc=None)
    if proof.status == wanted:
        return passed(_("The PoC is decided."), poc=proof.pk, status=proof.status)
    return missing(
        _("The PoC “%(title)s” is: %(status)s.")
        % {"title": proof.title, "status": proof.get_status_display()},
        poc=proof.pk,
        status=proof.status,
    )


def is_met(metric: PocMetric) -> bool:
    """Tell whether a metric is measured and on the good side of its target (bound included)."""
    if metric.measured is None:
        return False
    if metric.direction == PocMetric.Direction.AT_MOST:
        return metric.measured <= metric.target
    return metric.measured >= metric.target


def poc_metrics(case: Case, parameters: Mapping[str, Any]) -> Finding:
    """Pass when the latest proof has metrics and every mandatory one is measured and met."""
    proof = latest_proof(case.cooperation)
    if proof is None:
        return missing(_("There is no PoC."), poc=None)
    metrics = list(proof.metrics.filter(is_mandatory=True).order_by("pk"))
    seen = {
        metric.name: {
            "measured": plain(metric.measured),
            "target": plain(metric.target),
            "direction": metric.direction,
        }
        for metric in metrics
    }
    least = int(parameters.get("min_count", 1))
    if len(metrics) < least:
        return missing(
            _("The PoC has fewer mandatory metrics than %(least)s.") % {"least": least},
            poc=proof.pk,
            metrics=seen,
        )
    failed = [metric.name for metric in metrics if not is_met(metric)]
    if failed:
        return missing(
            _("Not measured or not met: %(names)s.") % {"names": ", ".join(failed)},
            poc=proof.pk,
            metrics=seen,
        )
    return passed(_("All mandatory metrics are met."), poc=proof.pk, metrics=seen)


def counted(count: int, least: int, words: str, seen: dict[str, Any]) -> Finding:
    """Pass when at least so many were found."""
    if count >= least:
        return passed(_("Found as asked."), **seen, count=count)
    return missing(words % {"least": least}, **seen, count=count, least=least)

"""The names and numbers of a partner beside its fields: compare, replace, refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import IN_THE_WAY, DomainError
from partners import names
from partners.models import (
    ExternalId,
    Partner,
    PartnerAlias,
    PartnerDomain,
    RegistrationId,
)


class PartnerRefusedError(DomainError):
    """The partner cannot be registered, changed or removed like this."""

    code = "partner.refused"
    missing_as = IN_THE_WAY


@dataclass(frozen=True, kw_only=True)
class Marks:
    """The names and numbers beside the fields; None leaves what is there as it is.

    The first domain is the website. Pairs are (scheme, number) and (system, id).
    """

    aliases: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    registration_ids: Sequence[tuple[str, str]] | None = None
    external_ids: Sequence[tuple[str, str]] | None = None
    named_people: Sequence[User] | None = None


def set_marks(
    partner: Partner, marks: Marks, *, by: User
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Replace the given parts; return the old and the new ones of those that differ.

    :raises PartnerRefusedError: when another partner has one; `missing` names that partner
        if the person may see it.
    """
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    for name, model, wanted in _wanted(partner, marks):
        rows = model._default_manager.filter(partner=partner).order_by("pk")
        stored = [str(row) for row in rows]
        if sorted(stored) == sorted(str(row) for row in wanted):
            continue
        try:
            _replace(model, list(rows), wanted)
        except PartnerRefusedError as refusal:
            refusal.missing = _holders(partner, wanted, by=by)
            raise
        old[name], new[name] = stored, [str(row) for row in wanted]
    if marks.named_people is not None:
        before = sorted(partner.named_people.values_list("pk", flat=True))
        after = sorted({person.pk for person in marks.named_people})
        if before != after:
            partner.named_people.set(marks.named_people)
            old["named_people"], new["named_people"] = before, after
    return old, new


def _replace(
    model: type[models.Model], rows: list[models.Model], wanted: list[models.Model]
) -> None:
    """Delete what is not wanted, then add what is new; a clash names its holder's kind."""
    keep = {str(row) for row in wanted}
    gone = [row.pk for row in rows if str(row) not in keep]
    model._default_manager.filter(pk__in=gone).delete()
    has = {str(row) for row in rows}
    try:
        with transaction.atomic():
            model._default_manager.bulk_create(r for r in wanted if str(r) not in has)
    except IntegrityError as error:
        raise refusal_of(error) from error


def _holders(
    partner: Partner, wanted: Sequence[models.Model], *, by: User
) -> tuple[str, ...]:
    """Return the other partners that have one of these already, as far as the person sees."""
    found: set[int] = set()
    for row in wanted:
        same = {name: getattr(row, name) for name in UNIQUE.get(type(row), ())}
        if same:
            rows = type(row)._default_manager.filter(**same)
            found.update(rows.values_list("partner_id", flat=True))
    seen = Partner.objects.visible_to(by).filter(pk__in=found - {partner.pk})
    return tuple(seen.order_by("display_name").values_list("display_name", flat=True))


def _wanted(
    partner: Partner, marks: Marks
) -> list[tuple[str, type[models.Model], list[models.Model]]]:
    found: list[tuple[str, type[models.Model], list[models.Model]]] = []
    if marks.aliases is not None:
        aliases = {alias.strip().lower(): alias.strip() for alias in marks.aliases}
        rows = [PartnerAlias(partner=partner, name=n) for n in aliases.values() if n]
        found.append(("aliases", PartnerAlias, [*rows]))
    if marks.domains is not None:
        found.append(("domains", PartnerDomain, _domains(partner, marks.domains)))
    if marks.registration_ids is not None:
        numbers = [
            RegistrationId(partner=partner, scheme=scheme, value=value.strip().upper())
            for scheme, value in dict.fromkeys(marks.registration_ids)
        ]
        found.append(("registration_ids", RegistrationId, [*numbers]))
    if marks.external_ids is not None:
        ids = [
            ExternalId(partner=partner, system=system.strip(), value=value.strip())
            for system, value in dict.fromkeys(marks.external_ids)
        ]
        found.append(("external_ids", ExternalId, [*ids]))
    return found


def _domains(partner: Partner, given: Sequence[str]) -> list[models.Model]:
    try:
        bare = list(dict.fromkeys(names.domain(text) for text in given if text.strip()))
    except names.DomainNameError as error:
        raise PartnerRefusedError(
            _("“%(text)s” is no internet domain of one company.") % {"text": error},
            code="partner.domain",
        ) from error
    has_website = PartnerDomain.objects.filter(partner=partner, is_primary=True)
    first = bare[0] if bare and not has_website.filter(domain__in=bare).exists() else ""
    return [
        PartnerDomain(partner=partner, domain=text, is_primary=text == first)
        for text in bare
    ]


UNIQUE: Mapping[type[models.Model], tuple[str, ...]] = {
    PartnerDomain: ("domain",),
    RegistrationId: ("scheme", "value"),
    ExternalId: ("system", "value"),
}
"""What only one partner can have."""
REFUSALS = {
    "partneralias_unique_per_partner": "partner.alias",
    "partnerdomain_unique": "partner.domain-taken",
    "registrationid_unique_in_scheme": "partner.number-taken",
    "externalid_unique_in_system": "partner.external-id-taken",
    "registrationid_has_its_form": "partner.number",
}


def refusal_of(error: IntegrityError) -> PartnerRefusedError:
    """Say in words what the database refused, without naming who holds it."""
    text = str(error)
    code = next((c for name, c in REFUSALS.items() if name in text), "partner.refused")
    words = {
        "partner.domain-taken": _("Another partner has this domain."),
        "partner.number-taken": _("Another partner has this registration number."),
        "partner.external-id-taken": _("Another partner has this id of that system."),
        "partner.number": _("The registration number does not have its form."),
        "partner.alias": _("The same alias stands twice."),
        "partner.refused": _("The database refused this change: %(text)s")
        % {"text": text.splitlines()[0]},
    }
    return PartnerRefusedError(words[code], code=code)

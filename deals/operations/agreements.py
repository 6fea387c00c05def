"""Draft and edit agreements, and keep their documents by version."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from deals.agreements import NEGOTIATED, AgreementType
from deals.models import Agreement, AgreementVersion
from partners import documents
from partners.models import Cooperation, Partner
from partners.operations.attachments import Document
from partners.operations.changes import Act, check_fields
from partners.operations.locks import lock

EDITABLE = frozenset(
    [
        "title",
        "reference",
        "agreement_type",
        "is_binding",
        "parent",
        "effective_on",
        "expires_on",
        "auto_renews",
        "renewal_months",
        "notice_days",
        "value",
        "currency",
        "owner",
        "team",
    ]
)
ALWAYS = frozenset(["title", "reference", "owner", "team"])
"""What may be edited after both have signed: how we file it, not what it says."""


class AgreementRefusedError(DomainError):
    """The agreement cannot be changed like this; the text says why."""

    code = "agreement.refused"


class AgreementInputError(AgreementRefusedError):
    """A value of an agreement cannot be taken."""

    code = "agreement.bad-value"
    is_input = True


@transaction.atomic
def draft_agreement(
    *,
    partner: Partner,
    agreement_type: str,
    title: str,
    by: User,
    at: datetime,
    cooperations: Iterable[Cooperation] = (),
    values: Mapping[str, Any] | None = None,
) -> Agreement:
    """Begin a paper as a draft, with its code.

    :param cooperations: what it covers; none means all there are with the partner.
    :param values: further fields of `EDITABLE`; owner, team and currency come from the
        partner unless given. A MoU is not binding unless told.
    :raises AgreementRefusedError: for an archived partner, or a frame of another partner.
    """
    parent = _lock_live(partner)
    fields = _checked(
        {"title": title, "agreement_type": agreement_type, **(values or {})}
    )
    inherited = {
        "owner": parent.owner or by,
        "team": parent.team or by.team,
        "currency": parent.reporting_currency,
        "is_binding": agreement_type != AgreementType.MOU,
    }
    agreement = Agreement(
        partner=parent,
        code=_next_code(parent),
        status_since=at,
        **{**inherited, **fields},
    )
    _check_parent(agreement)
    store(agreement)
    _cover(agreement, cooperations)
    agreement.status_changes.create(to_status="draft", entered_at=at, by=by)
    Act(by, at, parent.pk).record("agreement.drafted", agreement, new=fields)
    return agreement


def _lock_live(partner: Partner) -> Partner:
    locked = lock(partner)
    if locked.archived_at is not None:
        raise AgreementRefusedError(
            _("%(name)s is archived; restore it first.") % {"name": locked},
            code="partner.archived",
        )
    return locked


@transaction.atomic
def edit_agreement(
    *,
    agreement: Agreement,
    by: User,
    at: datetime,
    values: Mapping[str, Any],
    cooperations: Iterable[Cooperation] | None = None,
    expected_version: int | None = None,
) -> Agreement:
    """Change what is given; after both have signed only how it is filed.

    :param cooperations: what it covers from now on; None leaves that.
    :raises AgreementRefusedError: when it is signed and terms would change.
    """
    locked = lock(agreement, expected_version=expected_version)
    fields = _checked(values)
    changes = {k: v for k, v in fields.items() if getattr(locked, k) != v}
    covered = None if cooperations is None else list(cooperations)
    if covered is not None and {c.pk for c in covered} == _covered_by(locked):
        covered = None
    if not changes and covered is None:
        return locked
    if locked.status not in NEGOTIATED and (set(changes) - ALWAYS or covered):
        raise AgreementRefusedError(
            _("“%(title)s” is signed; an amendment changes its terms.")
            % {"title": locked},
            code="agreement.signed",
        )
    old = {name: getattr(locked, name) for name in changes}
    for name, value in changes.items():
        setattr(locked, name, value)
    _check_parent(locked)
    advance(locked, changes)
    new: dict[str, Any] = dict(changes)
    if covered is not None:
        old["cooperations"] = sorted(_covered_by(locked))
        _cover(locked, covered)
        new["cooperations"] = sorted(c.pk for c in covered)
    Act(by, at, locked.partner_id).record("agreement.edited", locked, old=old, new=new)
    return locked


def add_version(
    *,
    agreement: Agreement,
    document: Document,
    by: User,
    at: datetime,
    note: str = "",
) -> AgreementVersion:
    """Keep the next version of the document; the ones before stay.

    :raises AgreementInputError: when the file is empty, too large or of no type taken.
    :raises AgreementRefusedError: when the agreement has ended.
    """
    name, content_type = _judged(document)
    digest = hashlib.sha256(document.content).hexdigest()
    version = AgreementVersion(
        agreement=agreement,
        file_name=name,
        content_type=content_type,
        size=len(document.content),
        sha256=digest,
        note=note.strip(),
        uploaded_by=by,
        uploaded_at=at,
    )
    version.content.save(digest, ContentFile(document.content), save=False)
    try:
        _insert_version(version, by=by, at=at)
    except BaseException:
        version.content.delete(save=False)
        raise
    return version


@transaction.atomic
def _insert_version(version: AgreementVersion, *, by: User, at: datetime) -> None:
    locked = lock(version.agreement)
    if locked.status in {"expired", "terminated", "superseded"}:
        raise AgreementRefusedError(
            _("“%(title)s” has ended.") % {"title": locked}, code="agreement.ended"
        )
    latest = locked.versions.aggregate(latest=Max("number"))["latest"] or 0
    version.number = latest + 1
    version.save(force_insert=True)
    Act(by, at, locked.partner_id).record(
        "agreement.version-added",
        locked,
        new={
            "number": version.number,
            "file_name": version.file_name,
            "sha256": version.sha256,
        },
    )


def store(agreement: Agreement) -> None:
    """Insert the row and read back what the database computed.

    :raises AgreementInputError: what the database refused.
    """
    try:
        with transaction.atomic():
            agreement.save(force_insert=True)
    except IntegrityError as error:
        raise refusal_of(error) from error
    agreement.refresh_from_db()


def advance(agreement: Agreement, changes: Mapping[str, Any]) -> None:
    """Write changes and the next version of a locked row; read back what was computed.

    :raises AgreementInputError: what the database refused.
    """
    try:
        with transaction.atomic():
            versions.advance(agreement, expected=None, **changes)
    except IntegrityError as error:
        raise refusal_of(error) from error
    agreement.refresh_from_db(fields=["notice_deadline_on"])


FAULTS: dict[str, str] = {
    "agreement_signed_before_effective": gettext_noop(
        "It is signed before it is effective."
    ),
    "agreement_effective_before_expiry": gettext_noop(
        "It is effective before it expires."
    ),
    "agreement_renewal_has_term": gettext_noop(
        "What renews by itself needs an expiry and the months of a renewal."
    ),
    "agreement_amendment_has_parent": gettext_noop(
        "An amendment names what it amends."
    ),
    "agreement_parent_acyclic": gettext_noop("An agreement cannot hang under itself."),
    "agreement_value_is_not_negative": gettext_noop("A value is not negative."),
}
"""What the database refuses, in words."""


def refusal_of(error: IntegrityError) -> AgreementInputError:
    """Say in words what the database refused."""
    for name, words in FAULTS.items():
        if name in str(error):
            return AgreementInputError(_(words), code=name.replace("_", "."))
    return AgreementInputError(
        _("The database refused this change: %(text)s")
        % {"text": str(error).splitlines()[0]}
    )


def _next_code(partner: Partner) -> str:
    """Return the next free code; the partner is locked, so nobody else takes it."""
    start = f"A{partner.pk}-"
    rows = Agreement.objects.filter(code__startswith=start)
    taken = [
        int(code.removeprefix(start)) for code in rows.values_list("code", flat=True)
    ]
    return f"{start}{max(taken, default=0) + 1}"


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    check_fields(values, EDITABLE)
    fields = {k: v.strip() if isinstance(v, str) else v for k, v in values.items()}
    if "title" in fields and not fields["title"]:
        raise AgreementInputError(_("An agreement needs a title."))
    kind = fields.get("agreement_type")
    if kind is not None and kind not in AgreementType.values:
        raise AgreementInputError(
            _("There is no type “%(kind)s” of agreements.") % {"kind": kind}
        )
    return fields


def _check_parent(agreement: Agreement) -> None:
    above = agreement.parent
    if above is not None and above.partner_id != agreement.partner_id:
        raise AgreementInputError(
            _("“%(title)s” belongs to another partner.") % {"title": above},
            code="agreement.elsewhere",
        )
    if agreement.agreement_type == AgreementType.AMENDMENT and above is None:
        words = FAULTS["agreement_amendment_has_parent"]
        raise AgreementInputError(_(words))


def _covered_by(agreement: Agreement) -> set[int]:
    return set(agreement.cooperations.values_list("pk", flat=True))


def _cover(agreement: Agreement, cooperations: Iterable[Cooperation]) -> None:
    rows = list(cooperations)
    if any(row.partner_id != agreement.partner_id for row in rows):
        raise AgreementInputError(
            _("A cooperation belongs to another partner."), code="agreement.elsewhere"
        )
    agreement.cooperations.set(rows)


def _judged(document: Document) -> tuple[str, str]:
    name = documents.bare_name(document.name)
    if not document.content or not name:
        raise AgreementInputError(_("The file is empty."), code="agreement.empty-file")
    if len(document.content) > documents.MAX_BYTES:
        raise AgreementInputError(
            _("The file is larger than %(size)s MB.")
            % {"size": documents.MAX_BYTES // 1024**2},
            code="agreement.file-too-large",
        )
    try:
        return name, documents.content_type_of(document.content)
    except documents.DocumentTypeError as error:
        raise AgreementInputError(
            _("Taken are PDF, PNG, JPEG, Office documents without macros, and text."),
            code="agreement.file-type",
        ) from error

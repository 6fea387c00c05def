"""Make one partner of two, and two of one again.

The relations to re-point are read from the models themselves, so that a package above
this one takes part without being imported. What a merge moved and dropped stands in its
journal entry; splitting back reads that entry and nothing else.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.core.errors import IN_THE_WAY, DomainError
from crm.journal import operations as journal
from crm.journal.models import Event
from partners.models import (
    Contact,
    ImportRow,
    Partner,
    PartnerAlias,
    PartnerDomain,
    PartnerSearch,
)
from partners.operations import search

KIND = "partner.merged"
KEPT = (PartnerSearch, ImportRow)
"""What stays with the row it was made for."""


Hindrance = Callable[[Partner, Partner], Iterable[str]]
"""Loser, winner → what stands against their merge, in words."""

_hindrances_above: list[Hindrance] = []


def ask_before_merge(hindrance: Hindrance) -> None:
    """Let a package above say what stands against a merge; called from its `apps.py`."""
    if hindrance not in _hindrances_above:
        _hindrances_above.append(hindrance)


class MergeRefusedError(DomainError):
    """Two partners cannot become one, or one not two again; the text says why."""

    code = "merge.refused"
    missing_as = IN_THE_WAY


@dataclass(frozen=True, kw_only=True)
class MovedRelation:
    """How many rows of one relation a merge re-points."""

    name: str
    count: int


@dataclass(frozen=True, kw_only=True)
class MergePreview:
    """What a merge would do, and what stands against it."""

    moved: tuple[MovedRelation, ...]
    hindrances: tuple[str, ...]


def relations() -> Iterator[models.ForeignKey[Any, Any]]:
    """Every foreign key to a partner that a merge re-points, in all packages."""
    for relation in Partner._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ManyToOneRel):
            continue
        key = relation.field
        if relation.related_model not in KEPT and key.name != "merged_into":
            yield key


def preview_merge(*, loser: Partner, winner: Partner) -> MergePreview:
    """Say what would move from the loser to the winner; nothing is changed."""
    counts = [
        MovedRelation(
            name=str(key.model._meta.verbose_name_plural),
            count=key.model._default_manager.filter(**{key.name: loser}).count(),
        )
        for key in relations()
    ]
    return MergePreview(
        moved=tuple(moved for moved in counts if moved.count),
        hindrances=tuple(_hindrances(loser=loser, winner=winner)),
    )


def _hindrances(*, loser: Partner, winner: Partner) -> Iterator[str]:
    if loser.pk == winner.pk:
        yield _("A partner cannot be merged with itself.")
    for partner in (loser, winner):
        if partner.merged_into_id is not None:
            yield _("%(name)s was merged away already.") % {"name": partner}
    shared = (
        Contact.objects.filter(partner=loser)
        .exclude(email="")
        .annotate(mail=Lower("email"))
        .filter(
            mail__in=Contact.objects.filter(partner=winner)
            .exclude(email="")
            .values(mail=Lower("email"))
        )
    )
    count = shared.count()
    if count:
        yield _(
            "%(count)d contacts stand at both with the same e-mail address;"
            " archive or change one of each first."
        ) % {"count": count}
    for ask in _hindrances_above:
        yield from ask(loser, winner)


@transaction.atomic
def merge_partners(
    *, loser: Partner, winner: Partner, by: User, at: datetime
) -> Partner:
    """Re-point every relation of the loser to the winner and leave a redirect.

    The loser stays as an archived row that names the winner; its names become aliases.

    :raises MergeRefusedError: naming all that stands against it.
    """
    loser, winner = _lock_mergeable(loser=loser, winner=winner)
    tree = _untie(loser=loser, winner=winner)
    dropped = _drop_doubles(loser=loser, winner=winner)
    moved = {_label(key): _move(key, loser, winner) for key in relations()}
    named = _share_names(loser=loser, winner=winner)
    Partner.objects.filter(pk=loser.pk).update(
        archived_at=at, merged_into=winner, parent=None, version=F("version") + 1
    )
    Partner.objects.filter(pk=winner.pk).update(version=F("version") + 1)
    search.refresh_search(partner_ids=[loser.pk, winner.pk])
    journal.record(
        kind=KIND,
        subject=loser,
        by=by,
        at=at,
        partner_id=winner.pk,
        old={"archived_at": loser.archived_at, **tree},
        new={
            "merged_into": winner.pk,
            "moved": {name: ids for name, ids in moved.items() if ids},
            "dropped": dropped,
            "aliases": named,
        },
    )
    winner.refresh_from_db()
    return winner


def _lock_mergeable(*, loser: Partner, winner: Partner) -> tuple[Partner, Partner]:
    locked = (
        Partner.objects.select_for_update()
        .order_by("pk")
        .in_bulk([loser.pk, winner.pk])
    )
    loser, winner = locked[loser.pk], locked[winner.pk]
    hindrances = tuple(_hindrances(loser=loser, winner=winner))
    if hindrances:
        raise MergeRefusedError(
            _("These partners cannot be merged."), missing=hindrances
        )
    return loser, winner


def _untie(*, loser: Partner, winner: Partner) -> dict[str, Any]:
    """Keep the tree acyclic: the winner leaves the loser's subtree first."""
    ancestors, current = set(), winner.parent
    while current is not None:
        ancestors.add(current.pk)
        current = current.parent
    if loser.pk in ancestors:
        Partner.objects.filter(pk=winner.pk).update(parent=loser.parent)
        return {"parent": loser.parent_id, "winner_parent": winner.parent_id}
    return {"parent": loser.parent_id}


def _drop_doubles(*, loser: Partner, winner: Partner) -> dict[str, Any]:
    """Remove what the winner has already, and let it keep its own website."""
    has = PartnerAlias.objects.filter(partner=winner).values(low=Lower("name"))
    doubled = PartnerAlias.objects.filter(partner=loser).annotate(low=Lower("name"))
    aliases = doubled.filter(low__in=has)
    names = list(aliases.values_list("name", flat=True))
    PartnerAlias.objects.filter(
        pk__in=list(aliases.values_list("pk", flat=True))
    ).delete()
    website = PartnerDomain.objects.filter(partner=loser, is_primary=True)
    websites = list(website.values_list("pk", flat=True))
    if PartnerDomain.objects.filter(partner=winner, is_primary=True).exists():
        website.update(is_primary=False)
    else:
        websites = []
    return {"aliases": names, "websites": websites}


def _move(
    key: models.ForeignKey[Any, Any], loser: Partner, winner: Partner
) -> list[int]:
    rows = key.model._default_manager.filter(**{key.name: loser})
    if key.model is Partner:
        rows = rows.exclude(pk=winner.pk)
    if _is_through(key):
        has = key.model._default_manager.filter(**{key.name: winner})
        other = next(
            f for f in key.model._meta.concrete_fields if f.is_relation and f is not key
        )
        rows = rows.exclude(**{f"{other.name}__in": has.values(other.name)})
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    key.model._default_manager.filter(pk__in=ids).update(**{key.name: winner})
    return ids


def _is_through(key: models.ForeignKey[Any, Any]) -> bool:
    return bool(key.model._meta.auto_created)


def _label(key: models.ForeignKey[Any, Any]) -> str:
    return f"{key.model._meta.label_lower}.{key.name}"


def _share_names(*, loser: Partner, winner: Partner) -> list[int]:
    """Let the loser's names find the winner; return the ids of the new aliases."""
    known = {winner.display_name.lower(), winner.legal_name.lower()}
    known |= {winner.local_name.lower()}
    known |= {
        name.lower()
        for name in PartnerAlias.objects.filter(partner=winner).values_list(
            "name", flat=True
        )
    }
    own = dict.fromkeys((loser.display_name, loser.legal_name, loser.local_name))
    fresh = {name.lower(): name for name in own if name and name.lower() not in known}
    made = PartnerAlias.objects.bulk_create(
        PartnerAlias(partner=winner, name=name) for name in fresh.values()
    )
    return [alias.pk for alias in made]


@transaction.atomic
def split_partner(*, loser: Partner, by: User, at: datetime) -> Partner:
    """Take the latest merge of a partner back, as its journal entry tells.

    Only rows that still belong to the winner go back; what came since stays there, but for
    what is about a cooperation that goes back: it goes with it.

    :raises MergeRefusedError: when the partner was not merged away.
    """
    locked = Partner.objects.select_for_update().get(pk=loser.pk)
    winner_id = locked.merged_into_id
    if winner_id is None:
        raise MergeRefusedError(_("%(name)s was not merged away.") % {"name": locked})
    event = Event.objects.filter(
        kind=KIND, subject_type="partners.partner", subject_id=locked.pk
    ).latest("id")
    Partner.objects.filter(pk=locked.pk).update(
        archived_at=event.old["archived_at"],
        merged_into=None,
        parent_id=event.old["parent"],
        version=F("version") + 1,
    )
    _restore(event, loser_id=locked.pk, winner_id=winner_id)
    Partner.objects.filter(pk=winner_id).update(version=F("version") + 1)
    search.refresh_search(partner_ids=[locked.pk, winner_id])
    journal.record(
        kind="partner.split",
        subject=locked,
        by=by,
        at=at,
        partner_id=locked.pk,
        old={"merged_into": winner_id},
        new={"undoes": event.pk},
    )
    locked.refresh_from_db()
    return locked


def _restore(event: Event, *, loser_id: int, winner_id: int) -> None:
    PartnerAlias.objects.filter(pk__in=event.new["aliases"]).delete()
    moved = event.new["moved"]
    for key in relations():
        rows = key.model._default_manager.filter(
            pk__in=moved.get(_label(key), ()), **{f"{key.name}_id": winner_id}
        )
        rows.update(**{f"{key.name}_id": loser_id})
    _follow_cooperations(loser_id=loser_id, winner_id=winner_id)
    if "winner_parent" in event.old:
        Partner.objects.filter(pk=winner_id).update(
            parent_id=event.old["winner_parent"]
        )
    PartnerAlias.objects.bulk_create(
        PartnerAlias(partner_id=loser_id, name=name)
        for name in event.new["dropped"]["aliases"]
    )
    PartnerDomain.objects.filter(
        pk__in=event.new["dropped"]["websites"], partner_id=loser_id
    ).update(is_primary=True)


def _follow_cooperations(*, loser_id: int, winner_id: int) -> None:
    """Let what came since the merge about a cooperation be where the cooperation is."""
    for key in relations():
        fields = key.model._meta.get_fields()
        if key.name == "partner" and any(f.name == "cooperation" for f in fields):
            key.model._default_manager.filter(
                partner_id=winner_id, cooperation__partner_id=loser_id
            ).update(partner_id=loser_id)

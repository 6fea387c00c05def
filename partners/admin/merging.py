"""The dialog in which a partner is merged into another: found, looked at, then merged."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from crm.web.acting import acting_user
from crm.web.dialogs import DialogForm
from partners.models import Partner
from partners.operations import merging
from partners.queries.search import likely_duplicates, search

MOST_SHOWN = 20


class MergeForm(DialogForm):
    """Into which partner this one goes; what would move is shown before it does.

    Partners of nearly the same name are offered, others are found by their words: a list of
    all would be too long to read.
    """

    winner = forms.ModelChoiceField(
        label=_("goes into"),
        queryset=Partner.objects.none(),
        required=False,
        help_text=_("Everything moves there; this one stays as an archived redirect."),
    )
    wanted = forms.CharField(
        label=_("find another"),
        required=False,
        help_text=_("Any part of a name, alias, domain or id; 中文亦可"),
    )
    data: Any
    looked_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        live = Partner.objects.live().visible_to(acting_user(request))
        field = self.fields["winner"]
        field.queryset = live.exclude(pk=self.obj.pk).order_by("display_name", "pk")
        self.offered = self._offered(field.queryset)
        choices = [(each.pk, str(each)) for each in self.offered]
        field.widget.choices = [("", "–"), *choices]

    def _offered(self, rows: Any) -> list[Partner]:
        wanted = self.data.get("wanted", "").strip() if self.is_bound else ""
        if wanted:
            return list(search(rows, wanted)[:MOST_SHOWN])
        loser: Any = self.obj
        names = [loser.display_name, loser.legal_name, loser.local_name]
        near = likely_duplicates(names_given=names, exclude_id=loser.pk)
        keys = set(near.values_list("pk", flat=True)[:MOST_SHOWN])
        chosen = self.data.get("winner", "") if self.is_bound else ""
        if chosen.isdecimal():
            keys.add(int(chosen))
        return list(rows.filter(pk__in=keys)[:MOST_SHOWN])

    def clean(self) -> Any:
        """Show what would move, once for each choice, before the merge is done."""
        said: Any = super().clean()
        if self.errors:
            return said
        winner = said.get("winner")
        if winner is None:
            raise forms.ValidationError(
                now("Choose where it goes; %(count)d were found.")
                % {"count": len(self.offered)}
            )
        if said["looked_at"] == str(winner.pk):
            return said
        loser: Any = self.obj
        preview = merging.preview_merge(loser=loser, winner=winner)
        if not preview.hindrances:
            self.data = {**self.data.dict(), "looked_at": str(winner.pk)}
        raise forms.ValidationError(list(_told(preview)))


def _told(preview: merging.MergePreview) -> Iterator[str]:
    """Say what a merge would do, or what stands against it."""
    if preview.hindrances:
        yield from preview.hindrances
        return
    yield now("This would move: %(what)s. Press again to merge.") % {
        "what": ", ".join(f"{each.name} {each.count}" for each in preview.moved) or "–"
    }

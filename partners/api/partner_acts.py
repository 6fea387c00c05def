"""Acts on partners: archive, restore, merge, split."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers
from rest_framework.request import Request

from crm.accounts.models import User
from crm.web import api
from crm.web.api.shapes import to_json
from partners.api.partners import PartnerShape
from partners.models import Partner
from partners.operations import merging
from partners.operations import partners as operations


class MergeGiven(api.Given):
    """Into which partner it goes."""

    into = serializers.IntegerField(min_value=1)


class RemarkGiven(api.Given):
    """Why, if there is something to say."""

    reason = serializers.CharField(required=False, allow_blank=True, default="")


class PartnerAct(api.Act[Partner]):
    """What all acts on a partner share."""

    access = api.Access(
        "partners", read="partners.view_partner", add="partners.change_partner"
    )
    shape = PartnerShape
    given: ClassVar[type[api.Given]] = RemarkGiven

    def rows(self) -> QuerySet[Partner]:
        return Partner.objects.visible_to(self.user)


class Archive(PartnerAct):
    """Take a partner out of every list; it can be restored."""

    plural = "partner-archive"

    def act(
        self, row: Partner, given: dict[str, Any], *, by: User, at: datetime
    ) -> Partner:
        return operations.archive_partner(
            partner=row, by=by, at=at, reason=given["reason"]
        )


class Restore(PartnerAct):
    """Bring an archived partner back."""

    plural = "partner-restore"

    def act(
        self, row: Partner, given: dict[str, Any], *, by: User, at: datetime
    ) -> Partner:
        return operations.restore_partner(partner=row, by=by, at=at)


class Merge(PartnerAct):
    """Move everything of a partner to another and leave a redirect; shows the redirect."""

    plural = "partner-merge"
    access = api.Access(
        "partners", read="partners.view_partner", add="partners.delete_partner"
    )
    given = MergeGiven

    def act(
        self, row: Partner, given: dict[str, Any], *, by: User, at: datetime
    ) -> Partner:
        visible = Partner.objects.live().visible_to(by)
        winner = get_object_or_404(visible, pk=given["into"])
        merging.merge_partners(loser=row, winner=winner, by=by, at=at)
        return row


class MovedAnswer(serializers.Serializer[Any]):
    """How many rows of one relation would move."""

    name = serializers.CharField()
    count = serializers.IntegerField()


class MergePreviewAnswer(serializers.Serializer[Any]):
    """What a merge would move, and what stands against it."""

    moved = MovedAnswer(many=True)
    hindrances = serializers.ListField(child=serializers.CharField())


class MergePreview(api.Door):
    """What merging a partner into another would do; nothing is changed."""

    access = api.Access("partners", read="partners.view_partner")
    answers: ClassVar[Any] = {
        "200": OpenApiResponse(MergePreviewAnswer, "What would happen.")
    }

    def get(self, request: Request, pk: int, into: int) -> HttpResponse:
        visible = Partner.objects.visible_to(self.user)
        preview = merging.preview_merge(
            loser=get_object_or_404(visible, pk=pk),
            winner=get_object_or_404(visible, pk=into),
        )
        return HttpResponse(to_json(asdict(preview)), content_type="application/json")


class Split(PartnerAct):
    """Take the merge of a redirect back."""

    plural = "partner-split"
    access = Merge.access

    def act(
        self, row: Partner, given: dict[str, Any], *, by: User, at: datetime
    ) -> Partner:
        return merging.split_partner(loser=row, by=by, at=at)


urlpatterns = [
    api.act("partners/<int:pk>/archive", Archive),
    api.act("partners/<int:pk>/restore", Restore),
    api.act("partners/<int:pk>/merge", Merge),
    api.act("partners/<int:pk>/split", Split),
    path(
        "partners/<int:pk>/merge-preview/<int:into>/",
        MergePreview.as_view(),
        name="partner-merge-preview",
    ),
]

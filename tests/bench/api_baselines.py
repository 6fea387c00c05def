"""What one would write otherwise: a stock DRF ModelViewSet, and a view with raw SQL and orjson.

Both are open to everybody and do less than ours: no token, no rate limit, no visibility.
"""

from typing import Any

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers, viewsets
from rest_framework.pagination import PageNumberPagination

from crm.accounts.models import User
from partners.models import Partner

NAMES = ("id", "key", "display_name", "legal_name", "local_name", "industry", "country", "segment",
         "partner_type", "tier", "lifecycle", "parent_id", "owner_id", "team_id", "confidentiality",
         "reporting_currency", "time_zone", "is_test", "version")  # fmt: skip
LIST = f"""
SELECT {", ".join(f"p.{name}" for name in NAMES)}, t.name, u.id, u.name, u.email
FROM partners_partner p LEFT JOIN accounts_user u ON u.id = p.owner_id
LEFT JOIN accounts_team t ON t.id = p.team_id ORDER BY p.id LIMIT %s
"""  # noqa: S608 - our own names


class OwnerSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "name", "email")


class PartnerSerializer(serializers.ModelSerializer[Partner]):
    owner = OwnerSerializer(read_only=True)
    team_name = serializers.CharField(source="team.name", default=None)

    class Meta:
        model = Partner
        fields = (*NAMES, "team_name", "owner")


class Pages(PageNumberPagination):
    page_size_query_param = "limit"
    max_page_size = 1_000


class Partners(viewsets.ModelViewSet[Partner]):
    queryset = Partner.objects.select_related("owner", "team").order_by("id")
    serializer_class = PartnerSerializer
    pagination_class = Pages
    permission_classes = ()
    authentication_classes = ()


def plain(request: HttpRequest) -> HttpResponse:
    """Answer with the same rows and names, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(LIST, [int(request.GET["limit"])])
        rows = cursor.fetchall()
    width = len(NAMES)
    shown: list[dict[str, Any]] = []
    for row in rows:
        each = dict(zip(NAMES, row, strict=False))
        each["team_name"] = row[width]
        each["owner"] = dict(
            zip(("id", "name", "email"), row[width + 1 :], strict=True)
        )
        shown.append(each)
    return HttpResponse(
        orjson.dumps({"next": None, "results": shown}), content_type="application/json"
    )


urlpatterns = [
    path("stock/", Partners.as_view({"get": "list"})),
    path("stock/<int:pk>/", Partners.as_view({"get": "retrieve"})),
    path("plain/", plain),
]

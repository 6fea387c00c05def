"""The doors of the API: a resource is declared, reading it is written once, here."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.module_loading import import_string
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from crm.core.statements import NUMBER
from crm.web import acting
from crm.web.api import formats, lists, parsing, versions
from crm.web.api.access import Access, HasAccess
from crm.web.api.filters import Filters, filters_of, narrow
from crm.web.api.limits import CallerRate, Standing
from crm.web.api.schema import AutoSchema
from crm.web.api.shapes import Plan, Row, Shape, plan_for, to_json

if TYPE_CHECKING:
    from crm.accounts.models import User

M = TypeVar("M", bound=Model)
SHOW = frozenset({"fields", "omit", "expand"})
LIST = SHOW | {"cursor", "limit", "ordering", "count", "format"}
WRITE = frozenset({"dry_run"})
LARGEST_KEY = 2**63 - 1
ANYTHING = "*/*"
KNOWN_PARAMETERS = {
    "list": LIST,
    "retrieve": SHOW,
    "create": WRITE | {"atomic"},
    "edit_many": WRITE | {"atomic"},
    "remove_many": WRITE | {"atomic"},
    "upsert_list": WRITE | {"atomic"},
}


@lru_cache(maxsize=4)
def _authentication(names: tuple[str, ...]) -> tuple[type[BaseAuthentication], ...]:
    return tuple(import_string(name) for name in names)


class Door(APIView):
    """One address under /api/: it must say whom it lets in."""

    access: ClassVar[Access | None] = None
    permission_classes = (HasAccess,)
    renderer_classes: Sequence[type[formats.JSONRenderer]] = (formats.JSONRenderer,)
    parser_classes: Sequence[type[BaseParser]] = (parsing.JSONParser,)
    throttle_classes = (CallerRate,)
    schema = AutoSchema()
    parameters: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Query parameters of its own: name → JSON schema."""
    query: dict[str, str]
    standing: Standing | None = None

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Return the ways to say who one is; the room of people provides them."""
        return [kind() for kind in _authentication(tuple(settings.API_AUTHENTICATION))]

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002 - DRF's own signature
    ) -> tuple[Any, Any]:
        """Take JSON where nothing else is asked for; otherwise negotiate."""
        usual = self.renderer_classes[0]
        accepted = request.META.get("HTTP_ACCEPT", ANYTHING)
        if accepted in {ANYTHING, usual.media_type} and "format" not in request.GET:
            return usual(), usual.media_type
        return super().perform_content_negotiation(request, force)

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Say what the address can; by what answers vary is said for all in one place."""
        return {"Allow": ", ".join(self.allowed_methods)}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in or refuse; then read the query string, refusing what is unknown."""
        super().initial(request, *args, **kwargs)
        if any(parsing.NUL in str(value) for value in kwargs.values()):
            raise Http404
        self.query = parsing.read_query(request, self.known_parameters())

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Say on every answer where the caller stands with the rate limit."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.standing is not None:
            for name, value in self.standing.headers.items():
                response.headers[name] = value
        return response

    def check_permissions(self, request: Request) -> None:
        """Say 405 before 403: what nobody can do is not a matter of rights.

        :raises MethodNotAllowed: when the address does not have this method.
        """
        if request.user.is_authenticated and not self._has(str(request.method)):
            raise exceptions.MethodNotAllowed(str(request.method))
        super().check_permissions(request)

    def _has(self, method: str) -> bool:
        return hasattr(self, method.lower())

    def known_parameters(self) -> frozenset[str]:
        """Return the query parameters this request may have."""
        return frozenset(self.parameters)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer with the methods of this address, in the header Allow."""
        return HttpResponse(status=204)

    @property
    def user(self) -> "User":
        """Return the person who acts."""
        return acting.acting_user(self.request)

    @property
    def now(self) -> datetime:
        """Return the time of this request."""
        return timezone.now()


class Resource(ViewSetMixin, Door, Generic[M]):
    """Rows of one kind: a list and details. With Adds, Edits … also writes.

    Declare `plural`, `access`, `shape`, `rows`; for lists also `filters` and `orderings`.
    """

    plural: ClassVar[str]
    """As in the address; names exports and groups the schema."""
    shape: ClassVar[type[Shape[Any]]]
    filters: ClassVar[type[Filters] | None] = None
    orderings: ClassVar[Sequence[str]] = ("id",)
    """Names of the shape (or annotations) callers may order by; each needs an index."""
    default_ordering: ClassVar[str] = "id"
    renderer_classes: Sequence[type[formats.JSONRenderer]] = (
        formats.JSONRenderer,
        formats.CSVRenderer,
        formats.XLSXRenderer,
    )
    action: str

    def rows(self) -> QuerySet[M]:
        """Return the rows this person may see: `Model.objects.visible_to(self.user)`."""
        raise NotImplementedError

    def shown_rows(self) -> QuerySet[Any]:
        """Return the rows among which the answer to a write lies; an act may make another thing."""
        return self.rows()

    def known_parameters(self) -> frozenset[str]:
        """Return the parameters of the action, for lists with those of the filters."""
        known = KNOWN_PARAMETERS.get(self.action or "", WRITE)
        known |= self.parameters.keys()
        if self.action == "list" and self.filters is not None:
            return known | frozenset(filters_of(self.filters))
        return known

    def _has(self, method: str) -> bool:
        return method == "OPTIONS" or method.lower() in self.action_map

    @property
    def model(self) -> type[Model]:
        """Return the model of the rows."""
        shown: type[Model] = self.shape.Meta.model
        return shown

    def plan(self) -> Plan:
        """Return the columns this request asks for."""
        query = self.query
        return plan_for(
            self.shape,
            fields=query.get("fields"),
            omit=query.get("omit"),
            expand=query.get("expand"),
        )

    def list(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """Answer with one page, or with the whole list as a table."""
        listing = lists.Listing(
            name=self.plural,
            rows=self.narrowed,
            plan=self.plan(),
            keys=lists.keys_for(self, self.model),
            query=self.query,
            user=request.user,
            kept_by=self.kept_by(),
        )
        return lists.answer(listing, request)

    def sight(self) -> Hashable | None:
        """Return how far the person sees, where `rows` depends on that, class and address alone.

        Not where it depends on the time or on other rows. Statements are then kept.
        """
        return None

    def narrowed(self) -> QuerySet[M]:
        """Return the rows that the filters of the request let through."""
        rows = self.rows()
        return rows if self.filters is None else narrow(rows, self.filters, self.query)

    def kept_by(self) -> Hashable | None:
        """Return all that `rows` depends on: door, address, and how far the person sees."""
        sight = self.sight()
        if sight is None:
            return None
        address = tuple(item for item in self.kwargs.items() if item[0] != "pk")
        return type(self), address, sight

    def retrieve(self, request: Request, pk: int, **kwargs: Any) -> HttpResponseBase:
        """Answer with one row and its ETag, or 304."""
        return self.show(pk, request=request)

    def show(
        self, pk: int, *, request: Request | None = None, status: int = 200
    ) -> HttpResponse:
        """Return one row as an answer.

        :param request: when given, its If-None-Match is honoured.
        :raises Http404: when there is none, or this person may not see it.
        """
        plan = self.plan() if request else plan_for(self.shape)
        has_version = lists.has_version(self.model)
        extra = () if "version" in plan.paths or not has_version else ("version",)
        row = self._row(pk, (*plan.paths, *extra))
        body = to_json(plan.show([row], user=self.request.user)[0])
        headers = {}
        if has_version:
            version = row[-1] if extra else row[plan.paths.index("version")]
            headers["ETag"] = versions.tag_for(version, body)
            same = request and versions.not_modified(request, headers["ETag"])
            if same:
                return same
        return HttpResponse(
            body, status=status, content_type="application/json", headers=headers
        )

    def _row(self, pk: int, paths: tuple[str, ...]) -> Row:
        def asked(number: int) -> QuerySet[M, Row]:
            return self.shown_rows().filter(pk=number).values_list(*paths)[:1]

        seen_by = self.kept_by()
        if seen_by is None or pk > LARGEST_KEY:
            rows = list(asked(pk))
        else:
            kept = lists.STATEMENTS.statement((seen_by, paths), lambda: asked(NUMBER))
            rows = kept.run(pk)
        if not rows:
            raise Http404
        return rows[0]

    def find(self, pk: int) -> M:
        """Return one row as an object, for an operation.

        :raises Http404: when there is none, or this person may not see it.
        """
        found = self.rows().filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

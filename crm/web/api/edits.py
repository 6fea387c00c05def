"""Writing to a resource: mixins that carry shape, retry, versions and bulk to operations.

Each asks the resource for one call inward: `add`, `edit`, `remove` or `upsert`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from django.db.models import Model
from django.http import HttpResponse
from rest_framework.request import Request

from crm.web.api import bulk, parsing, versions, writes
from crm.web.api.bulk import Outcome
from crm.web.api.doors import Resource
from crm.web.api.given import Given
from crm.web.api.shapes import Shape

if TYPE_CHECKING:
    from crm.accounts.models import User

M = TypeVar("M", bound=Model)
Values = dict[str, Any]
Upserted = Literal["created", "updated", "unchanged"]


class Writes(Resource[M]):
    """What all writes share."""

    given: ClassVar[type[Given]]

    def write(self, work: Callable[[], HttpResponse]) -> HttpResponse:
        """Run the work in one transaction, once per Idempotency-Key, maybe only pretending."""
        dry_run = parsing.flag(self.query, "dry_run", default=False)
        return writes.perform(self.request, work, dry_run=dry_run)

    @property
    def is_atomic(self) -> bool:
        """Tell whether a bulk write happens as a whole or not at all."""
        return parsing.flag(self.query, "atomic", default=True)

    def accepted(self, data: Any, *, partial: bool = False) -> Values:
        """Return the validated input.

        :raises ValidationError: with a pointer to every fault.
        """
        serializer = self.input(partial=partial)
        values: Values = serializer.run_validation(data)
        return values

    def input(self, *, partial: bool = False) -> Given:
        """Return the reader of the input; `partial` when members may be left out."""
        return self.given(partial=partial, context={"request": self.request})

    def changed(self, row: Model, *, status: int = 200) -> HttpResponse:
        """Answer with the row after a write, as the person may now see it."""
        response = self.show(row.pk, status=status)
        if status == 201:
            response.headers["Location"] = f"{self.request.path}{row.pk}/"
        return response


class Adds(Writes[M]):
    """POST: one object, or a list of them."""

    takes_lists: ClassVar[bool] = True
    """False where `create` is one's own and takes a single object."""

    def add(self, given: Values, *, by: "User", at: datetime) -> M:
        """Call the operation that makes one."""
        raise NotImplementedError

    def create(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Make one and show it (201), or each of a list."""
        data: Any = request.data
        if isinstance(data, list):
            return self.write(lambda: self._create_each(data))
        values = self.accepted(data)
        return self.write(
            lambda: self.changed(
                self.add(values, by=self.user, at=self.now), status=201
            )
        )

    def _create_each(self, items: list[Any]) -> HttpResponse:
        by, at = self.user, self.now

        def add(values: Values) -> Outcome:
            return Outcome.of(self.add(values, by=by, at=at), "created")

        return bulk.answer(
            bulk.each(items, self.input().run_validation, add, atomic=self.is_atomic)
        )


class Edits(Writes[M]):
    """PATCH: one object with If-Match, or a list of objects with `id` and `version`."""

    changes: ClassVar[type[Given] | None] = None
    """Input of changes when it differs from that of `given`."""

    def edit(
        self, row: M, given: Values, *, version: int | None, by: "User", at: datetime
    ) -> M:
        """Call the operation that changes one; it compares `version` inside its UPDATE."""
        raise NotImplementedError

    def input(self, *, partial: bool = False) -> Given:
        """Return the reader of changes or of whole objects."""
        reader = (self.changes or self.given) if partial else self.given
        return reader(partial=partial, context={"request": self.request})

    def partial_update(self, request: Request, pk: int, **kwargs: Any) -> HttpResponse:
        """Change one that still has the version the caller saw."""
        row = self.find(pk)
        version = versions.expected_version(request)
        values = self.accepted(request.data, partial=True)

        def work() -> HttpResponse:
            return self.changed(
                self.edit(row, values, version=version, by=self.user, at=self.now)
            )

        return self.write(work)

    def edit_many(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Change each of a list."""
        return self.write(lambda: self._edit_each(bulk.a_list(request.data)))

    def _edit_each(self, items: list[Any]) -> HttpResponse:
        by, at = self.user, self.now
        addressed = bulk.Addressed(items, self.rows())
        reader = self.input(partial=True)

        def edit(target: bulk.Target[Values]) -> Outcome:
            row = self.edit(
                target.row, target.values, version=target.version, by=by, at=at
            )
            is_same = getattr(row, "version", None) == target.version
            return Outcome.of(row, "unchanged" if is_same else "updated")

        read = addressed.reader(reader.run_validation)
        return bulk.answer(bulk.each(items, read, edit, atomic=self.is_atomic))


class Removes(Writes[M]):
    """DELETE: one object with If-Match, or a list of `id` and `version`."""

    def remove(
        self, row: M, *, version: int | None, by: "User", at: datetime
    ) -> object:
        """Call the operation that removes one."""
        raise NotImplementedError

    def destroy(self, request: Request, pk: int, **kwargs: Any) -> HttpResponse:
        """Remove one that still has the version the caller saw."""
        row = self.find(pk)
        version = versions.expected_version(request)

        def work() -> HttpResponse:
            self.remove(row, version=version, by=self.user, at=self.now)
            return HttpResponse(status=204)

        return self.write(work)

    def remove_many(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Remove each of a list."""
        return self.write(lambda: self._remove_each(bulk.a_list(request.data)))

    def _remove_each(self, items: list[Any]) -> HttpResponse:
        by, at = self.user, self.now
        addressed = bulk.Addressed(items, self.rows())

        def remove(target: bulk.Target[Values]) -> Outcome:
            self.remove(target.row, version=target.version, by=by, at=at)
            return Outcome("deleted", id=target.id)

        read = addressed.reader(bulk.nothing_more)
        return bulk.answer(bulk.each(items, read, remove, atomic=self.is_atomic))


class Upserts(Writes[M]):
    """PUT by external id: made when new, changed when different, one or a list."""

    def upsert(
        self,
        system: str,
        external_id: str,
        given: Values,
        *,
        by: "User",
        at: datetime,
    ) -> tuple[M, Upserted]:
        """Call the operation that makes or changes the one known by this id elsewhere."""
        raise NotImplementedError

    def upsert_many(
        self,
        system: str,
        items: Sequence[tuple[str, Values]],
        *,
        by: "User",
        at: datetime,
    ) -> list[Outcome] | None:
        """Call one operation for all, and return outcomes in order; None: one by one."""
        return None

    def upsert_one(
        self, request: Request, system: str, external_id: str, **kwargs: Any
    ) -> HttpResponse:
        """Make (201) or change (200) one."""
        values = self.accepted(request.data)

        def work() -> HttpResponse:
            row, result = self.upsert(
                system, external_id, values, by=self.user, at=self.now
            )
            response = self.show(row.pk, status=201 if result == "created" else 200)
            response.headers["Upsert-Result"] = result
            return response

        return self.write(work)

    def upsert_list(self, request: Request, system: str, **kwargs: Any) -> HttpResponse:
        """Make or change each of a list; every item carries `external_id`."""
        return self.write(lambda: self._upsert_each(system, bulk.a_list(request.data)))

    def _upsert_each(self, system: str, items: list[Any]) -> HttpResponse:
        by, at = self.user, self.now
        read = bulk.external(self.input().run_validation)

        def upsert(item: tuple[str, Values]) -> Outcome:
            row, result = self.upsert(system, item[0], item[1], by=by, at=at)
            return Outcome.of(row, result)

        def upsert_all(accepted: Sequence[tuple[str, Values]]) -> list[Outcome] | None:
            return self.upsert_many(system, accepted, by=by, at=at)

        return bulk.answer(
            bulk.each(items, read, upsert, atomic=self.is_atomic, at_once=upsert_all)
        )


class Act(Writes[M]):
    """POST to a sub-resource: one act on one row (`/deliveries/7/withdraw/`).

    Route it with `api.act`; the answer shows the row afterwards.
    """

    shape: ClassVar[type[Shape[Any]]]

    def act(self, row: M, given: Values, *, by: "User", at: datetime) -> Model:
        """Call the operation; return the row to show."""
        raise NotImplementedError

    def perform(self, request: Request, pk: int, **kwargs: Any) -> HttpResponse:
        """Do it and show the row."""
        row = self.find(pk)
        values = self.accepted(request.data)
        return self.write(
            lambda: self.changed(self.act(row, values, by=self.user, at=self.now))
        )

"""A resource that exists only in tests, so that the kit is tried without any business."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import QuerySet
from django.urls import include, path, re_path
from rest_framework import serializers

from crm.accounts.models import User
from crm.core import versions
from crm.core.errors import DomainError
from crm.web import api
from crm.web.api import pages


class Note(models.Model):
    """One note."""

    title = models.CharField(max_length=200, unique=True)
    price = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    version = models.IntegerField(default=1)
    external_id = models.CharField(max_length=200, null=True)  # noqa: DJ001 - stands for a table of ids

    objects: ClassVar[models.Manager["Note"]] = models.Manager()

    class Meta:
        app_label = "web"
        db_table = "test_note"

    def __str__(self) -> str:
        return self.title


class LockedError(DomainError):
    """The note may not be changed."""

    code = "note.locked"


class NoteShape(api.Shape[Note]):
    class Meta:
        model = Note
        fields = ("id", "title", "price", "owner_id", "version")


class NoteFilters(api.Filters):
    class Meta:
        model = Note
        fields = {"price": ["gte"], "title": ["exact"]}


class NoteGiven(api.Given):
    title = serializers.CharField(max_length=200)
    price = serializers.DecimalField(max_digits=20, decimal_places=6, required=False)


class Notes(api.Adds[Note], api.Edits[Note], api.Removes[Note], api.Upserts[Note]):
    """Notes; people see their own and those of nobody."""

    plural = "notes"
    access = api.Access(
        "partners", add=api.anyone, change=api.anyone, delete=api.anyone
    )
    shape = NoteShape
    filters = NoteFilters
    given = NoteGiven
    orderings = ("id", "title", "price")

    def rows(self) -> QuerySet[Note]:
        mine = models.Q(owner_id=self.user.pk) | models.Q(owner__isnull=True)
        return Note.objects.filter(mine)

    def add(self, given: dict[str, Any], *, by: User, at: datetime) -> Note:
        return Note.objects.create(**given)

    @transaction.atomic
    def edit(
        self,
        row: Note,
        given: dict[str, Any],
        *,
        version: int | None,
        by: User,
        at: datetime,
    ) -> Note:
        if row.title == "locked":
            raise LockedError("It is locked.", missing=("an open lock",))
        if all(getattr(row, name) == value for name, value in given.items()):
            return row
        return versions.advance(row, expected=version, **given)

    def remove(
        self, row: Note, *, version: int | None, by: User, at: datetime
    ) -> object:
        versions.advance(row, expected=version)
        return row.delete()

    def upsert(
        self,
        system: str,
        external_id: str,
        given: dict[str, Any],
        *,
        by: User,
        at: datetime,
    ) -> tuple[Note, Any]:
        found = Note.objects.filter(external_id=external_id).first()
        if found is None:
            return Note.objects.create(external_id=external_id, **given), "created"
        edited = self.edit(found, given, version=None, by=by, at=at)
        return edited, "unchanged"


class Broken(api.Door):
    """A door with a fault."""

    access = api.Access("partners")

    def get(self, request: Any) -> Any:
        raise RuntimeError("a secret detail")


class Lock(api.Act[Note]):
    """Lock a note."""

    plural = "note-locks"
    access = api.Access("partners", add=api.anyone)
    shape = NoteShape
    given = api.Given

    def rows(self) -> QuerySet[Note]:
        return Note.objects.all()

    def act(self, row: Note, given: dict[str, Any], *, by: User, at: datetime) -> Note:
        return versions.advance(row, expected=None, title="locked")


urlpatterns = [
    path(
        "api/v1/",
        include(
            [
                *api.routes("notes", Notes),
                api.act("notes/<int:pk>/lock", Lock),
                path("broken/", Broken.as_view()),
            ]
        ),
    ),
    re_path(r"^api/", pages.NothingHere.as_view()),
]
handler500 = "crm.web.views.server_error"

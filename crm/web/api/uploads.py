"""POST of a file: the body is the file, what else there is to know stands in the address."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpResponse
from rest_framework import parsers
from rest_framework.request import Request

from crm.web.api.edits import Writes
from crm.web.api.parsing import too_large
from crm.web.api.problems import ProblemError

if TYPE_CHECKING:
    from crm.accounts.models import User

M = TypeVar("M", bound=Model)


class SentFile(dict[str, Any]):
    """A file as it came; as data it is its hash, so that a repeat is known by it."""

    def __init__(self, content: bytes) -> None:
        super().__init__(sha256=hashlib.sha256(content).hexdigest(), size=len(content))
        self.content = content


class FileParser(parsers.BaseParser):
    """Takes the body as it is; what it holds is told from the content, not from its type."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the file.

        :raises ProblemError: 413 when it is too large.
        """
        content = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(content) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise too_large()
        return SentFile(content)


class Uploads(Writes[M]):
    """POST: one file in the body; `told` names the parameters that say more about it."""

    parser_classes = (FileParser,)
    takes_file: ClassVar[bool] = True
    told: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """Query parameters of the upload: name → JSON schema."""

    def upload(
        self, content: bytes, told: Mapping[str, str], *, by: "User", at: datetime
    ) -> M:
        """Call the operation that takes the file."""
        raise NotImplementedError

    def known_parameters(self) -> frozenset[str]:
        """Return the parameters; those of the upload only where one uploads."""
        known = super().known_parameters()
        if self.action == "create":
            return (known - {"atomic"}) | self.told.keys()
        return known

    def create(self, request: Request, **kwargs: Any) -> HttpResponse:
        """Take the file and show what it became (201)."""
        sent = request.data
        if not isinstance(sent, SentFile) or not sent.content:
            raise ProblemError(400, "empty", "Send the file as the body.")
        return self.write(
            lambda: self.changed(
                self.upload(sent.content, self.query, by=self.user, at=self.now),
                status=201,
            )
        )

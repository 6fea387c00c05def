"""Strong ETags from a version column, and the conditions callers put on them (RFC 9110).

A tag is `"<version>"` or `"<version>.<digest of the body>"`. If-Match looks at the version,
which the operation compares inside its UPDATE; If-None-Match looks at the whole tag. Whatever
compresses an answer on its way has to make its tag weak (`W/"…"`); the version in it is the same.
"""

import hashlib
import re

from django.http import HttpResponse
from rest_framework.request import Request

from crm.web.api.problems import ProblemError

TAG = re.compile(r'(?:W/)?"(\d{1,18})(?:\.[0-9a-f]{16})?"')
ANY = "*"


def tag_for(version: int, body: bytes) -> str:
    """Return the strong tag of this representation of this version."""
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return f'"{version}.{digest}"'


def expected_version(request: Request) -> int | None:
    """Return the version the caller last saw; None for `If-Match: *` (any).

    :raises ProblemError: 428 without If-Match, 400 when it is not a tag of ours.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise ProblemError(428, detail="Send the ETag you last saw as If-Match.")
    if header.strip() == ANY:
        return None
    match = TAG.fullmatch(header.strip())
    if match is None:
        fault = {"header": "If-Match", "code": "invalid"}
        fault["detail"] = "One strong ETag of this object, or *."
        raise ProblemError(400, "invalid", errors=[fault])
    return int(match.group(1))


def not_modified(request: Request, tag: str) -> HttpResponse | None:
    """Return 304 when the caller already has this representation, else None."""
    header = request.headers.get("If-None-Match")
    if header is None:
        return None
    known = {each.strip().removeprefix("W/") for each in header.split(",")}
    if tag not in known and ANY not in known:
        return None
    return HttpResponse(status=304, headers={"ETag": tag})

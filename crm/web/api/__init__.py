"""The kit of the API doors; `docs/api.md` shows how to add an endpoint with it."""

from crm.web.api.access import Access, anyone, nobody
from crm.web.api.authentication import BearerAuthentication, count_failure
from crm.web.api.bulk import Outcome
from crm.web.api.doors import Door, Resource
from crm.web.api.edits import Act, Adds, Edits, Removes, Upserts
from crm.web.api.filters import Filters, MomentFilter, UpdatedSince, narrow
from crm.web.api.given import Given
from crm.web.api.lists import limit_of
from crm.web.api.parsing import one_of
from crm.web.api.problems import ProblemError, problem_of
from crm.web.api.routes import act, routes
from crm.web.api.shapes import Shape, to_json
from crm.web.api.uploads import Uploads

__all__ = [
    "Access",
    "Act",
    "Adds",
    "BearerAuthentication",
    "Door",
    "Edits",
    "Filters",
    "Given",
    "MomentFilter",
    "Outcome",
    "ProblemError",
    "Removes",
    "Resource",
    "Shape",
    "UpdatedSince",
    "Uploads",
    "Upserts",
    "act",
    "anyone",
    "count_failure",
    "limit_of",
    "narrow",
    "nobody",
    "one_of",
    "problem_of",
    "routes",
    "to_json",
]

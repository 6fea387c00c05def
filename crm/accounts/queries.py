"""What screens and pages ask about roles."""

from collections import defaultdict

from django.contrib.auth.models import Permission
from django.db.models import Q

from crm.accounts.roles import Role

OURS = Q(content_type__model="group") | ~Q(
    content_type__app_label__in=["auth", "axes", "admin", "contenttypes", "sessions"]
)


def role_table() -> str:
    """Return what every role may do, as a Markdown table: one row per permission."""
    holders: dict[str, set[str]] = defaultdict(set)
    rows = Permission.objects.filter(OURS, group__name__in=Role.values).values_list(
        "content_type__app_label", "codename", "group__name"
    )
    for app, codename, role in rows:
        holders[f"{app}.{codename}"].add(role)
    head = ["permission", *(role.replace("_", " ") for role in Role.values)]
    lines = [head, ["---", *(":-:" for _role in Role.values)]]
    for permission in sorted(holders):
        marks = ("●" if role in holders[permission] else "" for role in Role.values)
        lines.append([permission, *marks])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"

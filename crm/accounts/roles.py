"""The roles, and how a package's migration gives them its permissions.

A role is a Django group whose name is the code. What a role may do is written once per model, as a
table in the migration of the package that brings the model:

    operations = [
        roles.granting({
            "partners.partner": {
                "view": roles.EVERYONE,
                "add": (Role.ALLIANCE_MANAGER, Role.ALLIANCE_DIRECTOR),
                "merge": (Role.ALLIANCE_DIRECTOR,),
            },
        }),
    ]

The migration depends on `("accounts", "0003_roles")` and on the one that makes the model. An action
is one of Django's four (view, add, change, delete) or the verb of a permission that the model
declares in `Meta.permissions` as `<verb>_<model>`. Which rows a permission reaches is `policy`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody is in the alliances organisation; the value is the group's name."""

    ALLIANCE_MANAGER = "alliance_manager", _("Alliance manager")
    ALLIANCE_DIRECTOR = "alliance_director", _("Alliance director")
    EXECUTIVE = "executive", _("Executive")
    FINANCE = "finance", _("Finance")
    LEGAL = "legal", _("Legal")
    TECHNICAL_LEAD = "technical_lead", _("Technical lead")
    MODEL_TEAM = "model_team", _("Model team")
    INTEGRATION = "integration", _("Integration")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")


EVERYONE: tuple[str, ...] = tuple(Role.values)
"""Every role; for what all who work here may do."""

Actions = Mapping[str, Iterable[str]]
"""Action → the roles that may do it."""

Grants = Mapping[str, Actions]
"""Model label (`partners.partner`) → its actions."""


class UnknownGrantError(Exception):
    """A table of grants names a model, an action or a role that does not exist."""


def granting(grants: Grants) -> RunPython:
    """Return the migration operation that gives these permissions, and takes them at reversal."""

    def forward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        grant(apps, schema_editor, grants)

    def backward(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        withdraw(apps, schema_editor, grants)

    return RunPython(forward, backward)


def grant(apps: Apps, schema_editor: BaseDatabaseSchemaEditor, grants: Grants) -> None:
    """Give roles their permissions; missing permission rows are made.

    Django makes permission rows only after all migrations have run, too late for a migration that
    wants to give them to somebody; later it finds these rows and leaves them alone.

    :raises UnknownGrantError: when a model, action or role of the table does not exist.
    """
    groups = _groups(apps, schema_editor)
    for label, actions in grants.items():
        for action, roles in actions.items():
            permission = _permission(apps, schema_editor, label, action)
            for role in roles:
                _known(groups, role).permissions.add(permission)


def withdraw(
    apps: Apps, schema_editor: BaseDatabaseSchemaEditor, grants: Grants
) -> None:
    """Take these permissions from these roles again; the permission rows stay.

    :raises UnknownGrantError: when a model, action or role of the table does not exist.
    """
    groups = _groups(apps, schema_editor)
    for label, actions in grants.items():
        for action, roles in actions.items():
            permission = _permission(apps, schema_editor, label, action)
            for role in roles:
                _known(groups, role).permissions.remove(permission)


def create_roles(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the groups of all roles that are not there yet."""
    for code in Role.values:
        _rows(apps, schema_editor, "auth.Group").get_or_create(name=code)


def _rows(
    apps: Apps, schema_editor: BaseDatabaseSchemaEditor, label: str
) -> models.QuerySet[Any]:
    return models.QuerySet(apps.get_model(label), using=schema_editor.connection.alias)


def _groups(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> dict[str, Any]:
    groups = _rows(apps, schema_editor, "auth.Group")
    return {group.name: group for group in groups.filter(name__in=Role.values)}


def _known(groups: dict[str, Any], role: str) -> Any:
    if role not in groups:
        raise UnknownGrantError(f"There is no role {role!r}.")
    return groups[role]


def _permission(
    apps: Apps, schema_editor: BaseDatabaseSchemaEditor, label: str, action: str
) -> Any:
    model = _model(apps, label)
    options = model._meta
    names = _permission_names(model)
    codename = f"{action}_{options.model_name}"
    if codename not in names:
        raise UnknownGrantError(
            f"{label} has no permission {codename!r}; it has {', '.join(sorted(names))}."
        )
    content_type, _made = _rows(
        apps, schema_editor, "contenttypes.ContentType"
    ).get_or_create(app_label=options.app_label, model=str(options.model_name))
    permission, _made = _rows(apps, schema_editor, "auth.Permission").get_or_create(
        content_type_id=content_type.pk,
        codename=codename,
        defaults={"name": names[codename]},
    )
    return permission


def _model(apps: Apps, label: str) -> type[models.Model]:
    try:
        return apps.get_model(label)
    except LookupError as error:
        raise UnknownGrantError(f"There is no model {label!r} yet.") from error


def _permission_names(model: type[models.Model]) -> dict[str, str]:
    """Return codename → name of all permissions of a model, as Django would make them."""
    options = model._meta
    names = {
        f"{action}_{options.model_name}": f"Can {action} {options.verbose_name_raw}"
        for action in options.default_permissions
    }
    names.update({str(code): str(name) for code, name in options.permissions})
    return names

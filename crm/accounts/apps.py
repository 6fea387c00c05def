from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from crm.accounts import handover
from crm.journal import visibility
from crm.web import navigation

PAGES = (
    (_("People"), "accounts_user_changelist", "group", "accounts.view_user"),
    (_("Teams"), "accounts_team_changelist", "account_tree", "accounts.view_team"),
    (_("Roles"), "auth_group_changelist", "shield_person", "auth.view_group"),
    (
        _("Invitations"),
        "accounts_invitation_changelist",
        "mail",
        "accounts.view_invitation",
    ),
    (_("API tokens"), "accounts_apitoken_changelist", "key", "accounts.view_apitoken"),
    (
        _("Sessions"),
        "accounts_browsersession_changelist",
        "devices",
        "accounts.view_browsersession",
    ),
    (_("About me"), "accounts_me", "person", ""),
)


class AccountsConfig(AppConfig):
    name = "crm.accounts"
    label = "accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        visibility.provide("crm.accounts.policy.entries_of_no_partner")
        handover.register(
            handover.Belonging(
                model="accounts.Team",
                field="lead",
                label=_("Teams led"),
                kind="team.lead-changed",
            )
        )
        for order, (title, name, icon, permission) in enumerate(PAGES):
            navigation.add(
                navigation.Page(
                    group=navigation.Group.ADMINISTRATION,
                    title=title,
                    url_name=f"admin:{name}",
                    icon=icon,
                    permission=permission,
                    order=10 + order,
                    is_personal=not permission,
                )
            )

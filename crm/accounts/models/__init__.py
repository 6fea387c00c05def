"""People and teams, invitations, sessions and API tokens."""

from crm.accounts.models.invitations import Invitation
from crm.accounts.models.people import Team, User
from crm.accounts.models.sessions import BrowserSession
from crm.accounts.models.tokens import ApiToken, OAuthClient

__all__ = [
    "ApiToken",
    "BrowserSession",
    "Invitation",
    "OAuthClient",
    "Team",
    "User",
]

"""Everything that changes people, teams, roles, invitations and tokens."""

from crm.accounts.operations.tokens import (
    TokenInputError,
    TokenIssueRefusedError,
    TokenRefusedError,
    authenticate_token,
    find_token,
    issue_token,
    revoke_token,
)

__all__ = [
    "TokenInputError",
    "TokenIssueRefusedError",
    "TokenRefusedError",
    "authenticate_token",
    "find_token",
    "issue_token",
    "revoke_token",
]

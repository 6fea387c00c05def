"""The admin pages of people, teams, roles, invitations, sessions and tokens."""

from crm.accounts.admin import invitations, people, roles, sessions, teams, tokens

__all__ = ["invitations", "people", "roles", "sessions", "teams", "tokens"]

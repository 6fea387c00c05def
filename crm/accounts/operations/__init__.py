"""Everything that changes people, teams, roles, invitations, sessions and tokens."""

from crm.accounts.operations.authority import (
    AdministratorOnlyRefusedError,
    LatestAdministratorRefusedError,
)
from crm.accounts.operations.clients import (
    authenticate_granted,
    forget_access_tokens,
    issue_client,
)
from crm.accounts.operations.first import (
    AdministratorExistsRefusedError,
    create_administrator,
    invite_administrator,
)
from crm.accounts.operations.invitations import (
    InvitationRefusedError,
    accept_invitation,
    find_invitation,
    invite_again,
    invite_person,
    make_link,
    revoke_invitation,
    send_invitation,
)
from crm.accounts.operations.leaving import (
    DeactivationRefusedError,
    HandOverRefusedError,
    Owned,
    deactivate_person,
    hand_over,
    owned_by,
    reactivate_person,
)
from crm.accounts.operations.passwords import (
    ask_password_reset,
    send_password_reset,
)
from crm.accounts.operations.people import (
    PasswordInputError,
    PersonRefusedError,
    ProfileInputError,
    assign_team,
    change_email,
    choose_password,
    edit_person,
    edit_profile,
    end_session,
    end_sessions,
)
from crm.accounts.operations.roles import (
    RoleInputError,
    RoleRefusedError,
    grant_role,
    withdraw_role,
)
from crm.accounts.operations.sessions import (
    note_session,
)
from crm.accounts.operations.teams import (
    TeamInputError,
    TeamRefusedError,
    edit_team,
    move_team,
    register_team,
    rename_team,
    set_lead,
)
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
    "AdministratorExistsRefusedError",
    "AdministratorOnlyRefusedError",
    "DeactivationRefusedError",
    "HandOverRefusedError",
    "InvitationRefusedError",
    "LatestAdministratorRefusedError",
    "Owned",
    "PasswordInputError",
    "PersonRefusedError",
    "ProfileInputError",
    "RoleInputError",
    "RoleRefusedError",
    "TeamInputError",
    "TeamRefusedError",
    "TokenInputError",
    "TokenIssueRefusedError",
    "TokenRefusedError",
    "accept_invitation",
    "ask_password_reset",
    "assign_team",
    "authenticate_granted",
    "authenticate_token",
    "change_email",
    "choose_password",
    "create_administrator",
    "deactivate_person",
    "edit_person",
    "edit_profile",
    "edit_team",
    "end_session",
    "end_sessions",
    "find_invitation",
    "find_token",
    "forget_access_tokens",
    "grant_role",
    "hand_over",
    "invite_administrator",
    "invite_again",
    "invite_person",
    "issue_client",
    "issue_token",
    "make_link",
    "move_team",
    "note_session",
    "owned_by",
    "reactivate_person",
    "register_team",
    "rename_team",
    "revoke_invitation",
    "revoke_token",
    "send_invitation",
    "send_password_reset",
    "set_lead",
    "withdraw_role",
]

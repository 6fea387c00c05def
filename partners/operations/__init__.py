"""Every change of what the partner registry stores; call `operations.move_stage(...)`."""

from partners.operations.attempts import (
    StageInputError,
    StageRefusedError,
    WaiverRefusedError,
)
from partners.operations.gates import (
    ApprovalRefusedError,
    approve_step,
    waive_criterion,
)
from partners.operations.holds import HoldRefusedError, put_on_hold, resume
from partners.operations.locks import GoneRefusedError
from partners.operations.stages import (
    Closing,
    MoveResult,
    complete_cooperation,
    confirm_stage,
    move_stage,
    move_stages,
    reopen_cooperation,
    terminate_cooperation,
)

__all__ = [
    "ApprovalRefusedError",
    "Closing",
    "GoneRefusedError",
    "HoldRefusedError",
    "MoveResult",
    "StageInputError",
    "StageRefusedError",
    "WaiverRefusedError",
    "approve_step",
    "complete_cooperation",
    "confirm_stage",
    "move_stage",
    "move_stages",
    "put_on_hold",
    "reopen_cooperation",
    "resume",
    "terminate_cooperation",
    "waive_criterion",
]

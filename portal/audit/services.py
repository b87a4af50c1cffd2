"""Writing down what was seen and done (rules 5 and 6)."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser

from portal.audit.models import AuditEvent


def record(
    action: str,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    young_person_id: int | None = None,
    subject: str = "",
    part: str = "",
    reason: str = "",
    role: str = "",
    team: str = "",
    detail: dict[str, int | str | bool | None] | None = None,
) -> AuditEvent:
    """Add one line to the trail, in the caller's transaction. `detail` holds ids, codes and numbers, never words."""
    return AuditEvent.objects.create(
        at=now,
        action=action,
        actor_id=by.pk if by is not None else None,
        actor_role=role,
        actor_team=team,
        young_person_id=young_person_id,
        subject=subject,
        part=part,
        reason=reason,
        detail=detail or {},
    )


def record_many(
    action: str,
    *,
    by: AbstractBaseUser,
    now: datetime,
    part: str,
    team: str,
    whom: Iterable[tuple[int, str, str]],
) -> None:
    """Add a line for each young person that one page listed, in one statement: `whom` is (id, subject,
    role) of each.
    """
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                at=now, action=action, actor_id=by.pk, actor_role=role, actor_team=team,
                young_person_id=young_person_id, subject=subject, part=part, detail={},
            )
            for young_person_id, subject, role in whom
        ]
    )  # fmt: skip

"""The handbook as open data: what is published, in plain JSON, with the same honest labels as the pages."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from entitlements.amounts import pence_on, say_amount
from entitlements.content import WORDS
from entitlements.models import (
    AffectsBenefits,
    AmountType,
    ApproverLevel,
    Confidence,
    Duty,
    EntitlementVersion,
    HowToGet,
    Kind,
    Per,
    Section,
    Status,
)
from entitlements.readback import read_back
from entitlements.reading import Versions, current_versions, labels_of
from entitlements.rules import from_data
from entitlements.tokens import Reading

FORMAT = 1


@login_not_required
@require_safe
def handbook(request: HttpRequest) -> HttpResponse:
    """Every published entitlement. `labels` must be shown wherever an amount is."""
    on = request.today  # type: ignore[attr-defined]
    versions = current_versions(request)
    entries = [entry(version, versions, on) for version in versions.values()]
    about = {
        "$schema": f"{settings.BASE_URL}/api/handbook.schema.json",
        "format": FORMAT,
        "council": settings.COUNCIL_NAME,
        "on": on.isoformat(),
        "note": "The label EXAMPLE: the council has not confirmed it. NOT_STARTED: nobody can have it yet.",
    }
    return _open(JsonResponse({**about, "entitlements": entries}, json_dumps_params={"ensure_ascii": False}))


@login_not_required
@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """What the answer above holds, as a JSON schema."""
    return _open(JsonResponse(SCHEMA, json_dumps_params={"ensure_ascii": False, "indent": 1}))


def _open(response: HttpResponse) -> HttpResponse:
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def entry(version: EntitlementVersion, others: Versions, on: date) -> dict[str, Any]:
    """One published version, as the schema says."""
    reading = Reading(version, others, on)
    code = version.entitlement.code
    return {
        "code": code,
        "url": f"{settings.BASE_URL}/handbook/{code}/",
        "title": version.title,
        "one_line": reading.text(version.one_line),
        "also_called": version.words.get("also_called", []),
        "section": version.section,
        "status": version.status,
        "in_force_from": _day(version.in_force_from),
        "in_force_until": _day(version.in_force_until),
        "labels": [{"code": label.code, "text": label.text} for label in labels_of(version, on)],
        "duty": version.duty,
        "duty_line": version.duty_line,
        "kind": version.kind,
        "confidence": version.confidence,
        "confirmed": version.is_confirmed,
        "confirmed_on": _day(version.confirmed_on),
        "amount": {
            "type": version.amount_type,
            "pence": pence_on(version, on),
            "per": version.per or None,
            "words": say_amount(version, on),
            "cap_pence": version.cap_pence,
            "cap_period": version.cap_period or None,
            "affects_benefits": version.affects_benefits,
        },
        "rule": version.rule["when"],
        "rule_in_words": read_back(from_data(version.rule)),
        "how_to_get": version.how_to_get,
        "decided_by": version.approver_level or None,
        "decision_working_days": version.decision_days,
        "have_ready": version.evidence,
        "words": {name: reading.text(version.words[name]) for name in WORDS if version.words.get(name)},
        "source": {name: version.source.get(name, "") for name in ("name", "url", "date")},
        "version": version.number,
        "published_at": version.published_at.isoformat(),
        "review_by": _day(version.review_by),
    }


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _one_of(choices: Any, *, empty: bool = False) -> dict[str, Any]:
    return {"enum": [*choices.values, None] if empty else choices.values}


TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
DAY = {"type": ["string", "null"], "format": "date"}
PENCE = {"type": ["integer", "null"], "minimum": 0}


def _object(properties: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    required = [] if optional else list(properties)
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "The financial entitlements handbook",
    "description": "Money is whole pence. Whoever shows an entry shows its labels with it.",
    **_object(
        {
            "$schema": TEXT,
            "format": {"const": FORMAT},
            "council": TEXT,
            "on": {"type": "string", "format": "date"},
            "note": TEXT,
            "entitlements": {
                "type": "array",
                "items": _object(
                    {
                        "code": {"type": "string", "pattern": "^[a-z0-9-]+$"},
                        "url": {"type": "string", "format": "uri"},
                        "title": TEXT,
                        "one_line": TEXT,
                        "also_called": TEXTS,
                        "section": _one_of(Section),
                        "status": _one_of(Status),
                        "in_force_from": DAY,
                        "in_force_until": DAY,
                        "labels": {
                            "type": "array",
                            "items": _object(
                                {"code": {"enum": ["NOT_STARTED", "ENDED", "EXAMPLE"]}, "text": TEXT}
                            ),
                        },
                        "duty": _one_of(Duty),
                        "duty_line": TEXT,
                        "kind": _one_of(Kind),
                        "confidence": _one_of(Confidence),
                        "confirmed": {"type": "boolean"},
                        "confirmed_on": DAY,
                        "amount": _object(
                            {
                                "type": _one_of(AmountType),
                                "pence": PENCE,
                                "per": _one_of(Per, empty=True),
                                "words": TEXT,
                                "cap_pence": PENCE,
                                "cap_period": _one_of(Per, empty=True),
                                "affects_benefits": _one_of(AffectsBenefits),
                            }
                        ),
                        "rule": {"type": "object", "required": ["is"]},
                        "rule_in_words": TEXT,
                        "how_to_get": _one_of(HowToGet),
                        "decided_by": _one_of(ApproverLevel, empty=True),
                        "decision_working_days": {"type": ["integer", "null"], "minimum": 1},
                        "have_ready": TEXTS,
                        "words": _object(dict.fromkeys(WORDS, TEXT), optional=True),
                        "source": _object({"name": TEXT, "url": TEXT, "date": TEXT}),
                        "version": {"type": "integer", "minimum": 1},
                        "published_at": {"type": "string", "format": "date-time"},
                        "review_by": DAY,
                    }
                ),
            },
        }
    ),
}

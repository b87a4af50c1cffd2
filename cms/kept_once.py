"""Phone numbers and explained words: small, kept once, wanted by nearly every page. Read together in one statement.

Whoever reads them also hands editors' corrections to `cms.phones`, the memory behind the help block.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import F, Model, Value
from django.db.models.functions import JSONObject
from django.http import HttpRequest

from cms import phones as in_memory
from cms.content_version import held
from cms.models import GlossaryTerm, Phone


@dataclass(frozen=True)
class KeptOnce:
    """All of them. `phones` by id, in the editors' order; `terms` by language, in the order they were made."""

    phones: Mapping[int, Phone] = field(default_factory=dict)
    terms: Mapping[str, tuple[GlossaryTerm, ...]] = field(default_factory=dict)


def kept_once(request: HttpRequest | None = None) -> KeptOnce:
    """As they stand now, only to be read. Held in memory until an editor changes something."""
    return held("kept once", _read, request=request)


def _read() -> KeptOnce:
    phones: list[Phone] = []
    terms: dict[str, list[GlossaryTerm]] = {}
    for language, said in _rows(Phone, language=Value("")).union(
        _rows(GlossaryTerm, language=F("locale__language_code")), all=True
    ):
        if not language:
            phones.append(_made(Phone, said))
        else:
            terms.setdefault(language, []).append(_made(GlossaryTerm, said))
    phones.sort(key=lambda phone: (phone.order, phone.name))
    in_memory.correct(_for_memory(phone) for phone in phones)
    return KeptOnce(
        {phone.pk: phone for phone in phones},
        {language: tuple(sorted(found, key=lambda term: term.pk)) for language, found in terms.items()},
    )


def _for_memory(phone: Phone) -> in_memory.Phone:
    """For the help block, error pages included, which asks no database."""
    return in_memory.Phone(**{column.name: getattr(phone, column.name) for column in fields(in_memory.Phone)})


def _rows(model: type[Model], *, language: Any) -> Any:
    """Every row as (language, its columns as JSON), so that two tables fit into one answer."""
    columns = {column.attname: column.attname for column in model._meta.concrete_fields}
    return model._default_manager.order_by().values_list(language, JSONObject(**columns))


def _made(model: type[Any], said: Mapping[str, Any]) -> Any:
    columns = {column.attname: column for column in model._meta.concrete_fields}
    return model(**{name: columns[name].to_python(value) for name, value in said.items()})

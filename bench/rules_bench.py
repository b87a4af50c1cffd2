"""The rules beside the least Python that decides the same, and beside OpenFisca.

OpenFisca is among the packages of development for this one comparison; the portal itself never imports it.

The plain loop and the one big function decide the same rules three-valued, from facts already flattened for
them; ours starts from dated statuses, staleness and a birth date, and must give the same answers.
"""

import importlib.metadata
import importlib.util
import random
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from bench.row import Row, measured, table, timed, timed_together
from entitlements.circumstances import catalogue
from entitlements.rules import (
    CareLeaverStatus,
    Facts,
    Known,
    Rulebook,
    Source,
    StatusPeriod,
    age_on,
    evaluate,
    rule_from_record,
)

ON = date(2026, 11, 21)
HANDBOOK = Path(__file__).parent.parent / "entitlements" / "data" / "handbook"
EXTRA = {
    "code": "moving-in-london",
    "status": "in_force",
    "rule": {"min_age": 18, "max_age": 21, "statuses": ["former_relevant"], "all": ["lives_in_london"]},
}

T = TypeVar("T")
Record = dict[str, Any]
Person = tuple[int, str, dict[str, bool]]


def records() -> list[Record]:
    """The 59 of the handbook and one more: 60."""
    return [
        *(tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted(HANDBOOK.glob("*.toml"))),
        EXTRA,
    ]


def somebody(chance: random.Random) -> Facts:
    """A young person with a birth date, a status, and about half of what could be known."""
    circumstances: dict[str, Known] = {}
    for key in catalogue().entries:
        if key in circumstances or chance.random() < 0.5:
            continue
        value = chance.random() < 0.3
        implied = catalogue().settled_by(key, value)
        if all(circumstances.get(other, Known(told)).value is told for other, told in implied.items()):
            circumstances[key] = Known(value, chance.choice(list(Source)))
            circumstances |= {other: circumstances.get(other, Known(told)) for other, told in implied.items()}
    status = chance.choice([status for status in CareLeaverStatus if status != "NONE_OF_THESE"])
    for key, told in catalogue().by_status[status].items():
        circumstances[key] = Known(told)
    born_on = date(chance.randint(2000, 2010), chance.randint(1, 12), chance.randint(1, 28))
    eighteen = born_on.replace(year=born_on.year + 18)
    circumstances["near_18th_birthday"] = Known(0 < (eighteen - ON).days <= 28)
    return Facts(born_on, statuses=(StatusPeriod(status, date(2015, 1, 1)),), circumstances=circumstances)


def flattened(facts: Facts) -> Person:
    """What the plain loop needs, worked out for it."""
    period = facts.status_on(ON)
    if facts.born_on is None or period is None:
        raise ValueError("The plain loop only knows people with a birth date and a status.")
    known = {key: fact.value for key, fact in facts.circumstances.items()}
    return age_on(facts.born_on, ON), period.status.value.lower(), known


def plain_loop(rules: list[Record], person: Person) -> list[int]:
    """The least Python: 0 no, 1 need to know, 2 yes."""
    age, status, known = person
    answers = []
    for record in rules:
        rule = record["rule"]
        if record["status"] != "in_force" or age < rule["min_age"] or status not in rule["statuses"]:
            answers.append(0)
            continue
        if (until := rule.get("max_age")) is not None and age >= until:
            answers.append(0)
            continue
        answer = 2
        for key in rule.get("all", ()):
            value = known.get(key)
            if value is None:
                answer = 1
            elif not value:
                answer = 0
                break
        if answer:
            for key in rule.get("none", ()):
                value = known.get(key)
                if value is None:
                    answer = 1
                elif value:
                    answer = 0
                    break
        if answer and (keys := rule.get("any")):
            best = 0
            for key in keys:
                value = known.get(key)
                if value:
                    best = 2
                    break
                if value is None:
                    best = 1
            answer = min(answer, best)
        answers.append(answer)
    return answers


def one_function(rules: list[Record]) -> Callable[[Person], list[int]]:
    """All the rules written out as one function and compiled."""
    decided = ",\n".join(_written(record) for record in rules)
    source = (
        f"def decide(person):\n    age, status, known = person\n    get = known.get\n    return [{decided}]"
    )
    scope: dict[str, Any] = {}
    exec(compile(source, "rules", "exec"), scope)
    decide: Callable[[Person], list[int]] = scope["decide"]
    return decide


def _written(record: Record) -> str:
    rule = record["rule"]
    if record["status"] != "in_force":
        return "0"
    no = [f"age < {rule['min_age']}", f"status not in {set(rule['statuses'])!r}"]
    yes = [f"get({key!r})" for key in rule.get("all", ())]
    yes += [f"get({key!r}) is False" for key in rule.get("none", ())]
    no += [f"get({key!r}) is False" for key in rule.get("all", ())]
    no += [f"get({key!r})" for key in rule.get("none", ())]
    if rule.get("max_age") is not None:
        no.append(f"age >= {rule['max_age']}")
    if rule.get("any"):
        no.append(f"({' and '.join(f'get({key!r}) is False' for key in rule['any'])})")
        yes.append(f"({' or '.join(f'get({key!r})' for key in rule['any'])})")
    return f"(0 if {' or '.join(no)} else 2 if {' and '.join(yes) or 'True'} else 1)"


def rows() -> list[Row]:
    """The pure lines of the entitlements bench."""
    written = records()
    sixty = [rule_from_record(record) for record in written]
    book = Rulebook(sixty)
    people = [somebody(random.Random(seed)) for seed in range(200)]
    flat = [flattened(person) for person in people]
    decide = one_function(written)
    for person, plain in zip(people, flat, strict=True):
        ours = [answer.value for answer in book.answers(person, ON)]
        assert ours == plain_loop(written, plain) == decide(plain)
    many = Rulebook([replace(rule, code=f"{rule.code}-{copy}") for copy in range(10) for rule in sixty])
    few = people[:4]
    runs = timed_together(
        {
            "loop": lambda: _each(flat, lambda person: plain_loop(written, person)),
            "function": lambda: _each(flat, decide),
            "answers": lambda: _each(people, lambda person: book.answers(person, ON)),
            "reasons": lambda: _each(people, lambda person: [o.reasons for o in book.outcomes(person, ON)]),
            "dates": lambda: _each(few, lambda who: [(o.questions, o.spans) for o in book.outcomes(who, ON)]),
            "alone": lambda: _each(few, lambda person: [evaluate(rule, person, ON) for rule in sixty]),
            "600": lambda: _each(people, lambda person: many.answers(person, ON)),
        },
        repeats=25,
    )
    crowd = timed(lambda: _each(people * 500, lambda person: book.answers(person, ON)), repeats=1)
    per_person = {name: 1 / (len(few) if name in ("dates", "alone") else len(people)) for name in runs}

    def row(what: str, name: str, beside: str = "", limit: float | None = None, note: str = "") -> Row:
        ours, share = runs[name], per_person[name]
        ratio = ours.beside(runs[beside]) * share / per_person[beside] if beside else None
        names = {"loop": "plain loop", "function": "one function", "answers": "60 rules"}
        return Row(
            what,
            ours.middle_ms * share,
            names.get(beside, beside),
            ratio,
            limit,
            ours.low_ms * share,
            ours.high_ms * share,
            note,
        )

    return [
        row("the plain loop itself, 1 person x 60", "loop"),
        row("the one function itself, 1 person x 60", "function"),
        row("answers, 1 person x 60", "answers", "loop", 1.5),
        row("answers, 1 person x 60", "answers", "function"),
        row("every reason, 1 person x 60", "reasons", "loop", 4.0),
        row("reasons, questions and all dates, 1 person x 60", "dates", "loop"),
        row("60 times one rule with reasons, 1 person", "alone", "loop"),
        row("answers, 1 person x 600", "600", "answers", 11.0),
        measured("answers alone, 100,000 people x 60", crowd),
        *_openfisca_rows(written),
    ]


def _each(people: Iterable[T], work: Callable[[T], object]) -> None:
    for person in people:
        work(person)


TEN = (
    "setting-up-home-allowance",
    "council-tax-relief-lewisham",
    "festival-payment",
    "moving-help",
    "housing-register-band-1",
    "higher-education-bursary",
    "laptop",
    "travel-to-education",
    "passport-and-birth-certificate",
    "free-prescriptions-lewisham",
)


def _openfisca_rows(written: list[Record]) -> list[Row]:
    """Ten rules, one person about whom everything is known: OpenFisca has no "need to know"."""
    what = "answers, 1 person x 10 rules, everything known"
    if importlib.util.find_spec("openfisca_core") is None:
        return [Row(what, limit_name="OpenFisca", note="openfisca-core is not installed: not measured")]
    ten = [record for record in written if record["code"] in TEN]
    book = Rulebook([rule_from_record(record) for record in ten])
    person = somebody(random.Random(3))
    missing = {key: Known(False) for key in catalogue().entries if key not in person.circumstances}
    person = replace(person, circumstances={**missing, **person.circumstances})
    openfisca = _openfisca(ten, flattened(person))
    assert [answer.value == 2 for answer in book.answers(person, ON)] == openfisca()
    runs = timed_together({"ours": lambda: book.answers(person, ON), "theirs": openfisca}, number=20)
    ours, theirs = runs["ours"], runs["theirs"]
    version = importlib.metadata.version("openfisca-core")
    note = f"openfisca-core {version} takes {theirs.middle_ms:.2f} ms; the ratio is how much faster ours is"
    return [
        Row(
            what,
            ours.middle_ms,
            "OpenFisca",
            theirs.beside(ours),
            100.0,
            ours.low_ms,
            ours.high_ms,
            note,
            at_least=True,
        )
    ]


def _openfisca(ten: list[Record], person: Person) -> Callable[[], list[bool]]:
    """The ten rules as OpenFisca variables, and one run of them for one person."""
    core = importlib.import_module("openfisca_core.entities")
    variables = importlib.import_module("openfisca_core.variables").Variable
    one_day = importlib.import_module("openfisca_core.periods").DateUnit.DAY
    entity = core.Entity("person", "people", "", "")
    system = importlib.import_module("openfisca_core.taxbenefitsystems").TaxBenefitSystem([entity])
    build = importlib.import_module("openfisca_core.simulation_builder").SimulationBuilder
    age, status, known = person
    statuses = ("eligible", "relevant", "former_relevant", "qualifying")
    facts: dict[str, int | bool] = {"age": age, **{name: name == status for name in statuses}, **known}
    shared = {"entity": entity, "definition_period": one_day, "label": ""}
    for name, value in facts.items():
        system.add_variable(type(name, (variables,), {**shared, "value_type": type(value)}))
    for record in ten:
        name = record["code"].replace("-", "_")
        members = {**shared, "value_type": bool, "formula": _formula(record["rule"])}
        system.add_variable(type(name, (variables,), members))
    values = {name: {ON.isoformat(): value} for name, value in facts.items()}

    def run() -> list[bool]:
        simulation = build().build_from_entities(system, {"people": {"somebody": values}})
        names = (record["code"].replace("-", "_") for record in ten)
        return [bool(simulation.calculate(name, ON.isoformat())[0]) for name in names]

    return run


def _formula(rule: Record) -> Callable[..., Any]:
    def formula(people: Any, period: Any) -> Any:
        holds = people("age", period) >= rule["min_age"]
        if rule.get("max_age") is not None:
            holds = holds & (people("age", period) < rule["max_age"])
        holds = holds & _one_of(people, period, rule["statuses"])
        for key in rule.get("all", ()):
            holds = holds & people(key, period)
        for key in rule.get("none", ()):
            holds = holds & ~people(key, period)
        return holds & _one_of(people, period, rule["any"]) if rule.get("any") else holds

    return formula


def _one_of(people: Any, period: Any, names: list[str]) -> Any:
    found = people(names[0], period)
    for name in names[1:]:
        found = found | people(name, period)
    return found


if __name__ == "__main__":
    found = rows()
    table(found)
    raise SystemExit(not all(row.ok for row in found))

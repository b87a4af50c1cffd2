"""Everybody against the whole handbook: read their facts, answer every rule. What an editor's preview does."""

from bench import demo
from bench.row import Row, measured, timed

NIGHT = "the job for everybody"


def rows() -> list[Row]:
    """The demo's people, about as many as one borough has; the job of a hundred thousand waits.

    Comes first of all rooms: what others add to the demo would be measured too.
    """
    demo.ready()

    from entitlements.for_person import book
    from portal import clock
    from portal.desk.population import everybody

    on = clock.local_date(clock.now())
    rules = book().rules
    people = len(list(everybody(on)))

    def whole_job() -> None:
        for facts in everybody(on):
            rules.answers(facts, on)

    return [
        measured(
            f"read and answer {people} people x {len(rules.rules)}", timed(whole_job),
            most_ms=500.0, queries=demo.count(whole_job), most_queries=10,
        ),
        Row("100,000 people x 60, reading and writing", most_ms=20_000.0, note="not measured", due=NIGHT),
    ]  # fmt: skip

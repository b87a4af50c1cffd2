"""Who gets an answer at which address: the one table (safety rules 1 and 2). An address without a row fails the build.

To add an address, add one line to `ROWS`:

    "desk/reports/": Row("casework"),                                  everybody in that audience, by GET and POST
    "me/requests/<str:ref>/": Row("the young person", about="request"),         an object of somebody's: see below
    "desk/requests/<str:ref>/": Row("may see", about="request", post="may change"),     POST for fewer than GET

The key is the whole address as `./run manage authz_table --missing` prints it. The first word is an
audience of `AUDIENCES`.
`about` names a builder in `world.py` that makes the object behind the address for a young person: the row is then tried
three times, for Maya's object, for a stranger's and for somebody's without an adviser, and the audiences "the young
person", "may see" and "may change" mean *of that one*. `given` fills the other parts of an address.
`no_answer=True`: even
those let in may meet a 404 (nothing is there). `outside` says what everybody else meets, if not the usual: a visitor is
sent to sign in, and all others get 404 (or 403).

`GROUPS` gives one rule to all addresses that begin alike, for the page editor's own. A row always wins over a group.
"""

from dataclasses import dataclass, field

# Everybody of rule 2, and a few more. `world.py` makes each of them.
PERSONS = {
    "visitor": "somebody who is not signed in",
    "yp_self": "Maya herself",
    "yp_other": "the stranger, another young person",
    "yp_16": "a young person of 16",
    "pa_allocated": "Maya's personal adviser",
    "pa_other": "the stranger's personal adviser",
    "pa_covering": "covers while Maya's adviser is away",
    "pa_cover_ended": "covered until yesterday",
    "social_worker": "Maya's social worker from before she was 18",
    "duty": "a duty adviser",
    "tm_own": "manages the team of Maya's adviser",
    "tm_other": "manages the stranger's adviser's team",
    "service_manager": "a service manager",
    "finance": "a finance officer",
    "editor": "a participation editor",
    "publisher": "a publisher",
    "budget_holder": "a budget holder",
    "data_officer": "a data officer",
    "auditor": "an auditor",
    "administrator": "an administrator",
    "out_of_hours": "an out-of-hours officer",
    "advocate": "an advocate without an invitation",
    "advocate_seated": "an advocate whom Maya invited to one request",
    "disabled": "a service manager whose account is closed",
    "frozen": "a service manager whose account is frozen",
    "break_glass": "an adviser of nobody who opened Maya's record a moment ago, with a reason",
    "break_glass_over": "the same, an hour later",
}
OUT = frozenset({"visitor", "disabled", "frozen"})  # nobody, as far as the service knows
YOUNG = frozenset({"yp_self", "yp_other", "yp_16"})
CASEWORK = frozenset({
    "pa_allocated", "pa_other", "pa_covering", "pa_cover_ended", "social_worker", "duty", "tm_own", "tm_other",
    "service_manager", "break_glass", "break_glass_over",
})  # fmt: skip
SIGNED_IN = frozenset(PERSONS) - OUT

AUDIENCES = {
    "everybody": frozenset(PERSONS),
    "nobody": frozenset(),
    "signed in": SIGNED_IN,
    "not signed in": OUT,
    "young people": YOUNG,
    "casework": CASEWORK,
    "who may help on the spot": CASEWORK | {"out_of_hours"},
    "service managers": frozenset({"service_manager"}),
    "finance": frozenset({"finance"}),
    "data officers": frozenset({"data_officer"}),
    "publishing": frozenset({"editor", "publisher", "budget_holder"}),
    "advocates": frozenset({"advocate", "advocate_seated"}),
    "who answers those who come back": frozenset({"duty", "tm_own", "tm_other", "service_manager"}),
    "managers": frozenset({"tm_own", "tm_other", "service_manager"}),
    "staff": SIGNED_IN - YOUNG - {"advocate", "advocate_seated"},
}
# Of one young person: Maya ("own"), the stranger ("foreign"), somebody without an adviser ("nobodys").
ABOUT = {
    "the young person": {"own": {"yp_self"}, "foreign": {"yp_other"}, "nobodys": {"yp_16"}},
    "may see": {
        "own": {"pa_allocated", "pa_covering", "tm_own", "service_manager", "break_glass"},
        "foreign": {"pa_other", "tm_other", "service_manager"},
        "nobodys": {"duty", "service_manager"},
    },
    "the invited advocate": {"own": {"advocate_seated"}, "foreign": set(), "nobodys": set()},
    "their managers": {
        "own": {"tm_own", "service_manager"},
        "foreign": {"tm_other", "service_manager"},
        "nobodys": {"service_manager"},
    },
    "coordinates complaints": {
        "own": {"service_manager"},
        "foreign": {"service_manager"},
        "nobodys": {"service_manager"},
    },
    "may change": {
        "own": {"pa_allocated", "pa_covering", "tm_own", "service_manager"},
        "foreign": {"pa_other", "tm_other", "service_manager"},
        "nobodys": {"duty", "service_manager"},
    },
}


@dataclass(frozen=True)
class Row:
    """What to expect at one address."""

    get: str
    post: str = ""  # empty: as GET
    about: str = ""
    given: dict[str, object] = field(default_factory=dict)
    no_answer: bool = False
    note: str = ""


EVERYBODY = Row("everybody")
ROWS: dict[str, Row] = {
    # Signing in and out
    "account/login/": EVERYBODY,
    "account/code/": EVERYBODY,
    "account/invite/": EVERYBODY,
    "account/leave/": EVERYBODY,
    "account/left/": EVERYBODY,
    "account/logout/": EVERYBODY,
    "account/own-phone/": Row("signed in"),
    "account/home/": Row("signed in"),
    "account/work-phone/": Row("casework"),
    "account/staff/": EVERYBODY,
    "account/inactive/": EVERYBODY,
    "account/reauthenticate/": Row("staff", no_answer=True),
    "account/second-factor/": Row("staff"),
    "account/second-factor/authenticate/": Row("signed in", note="else only after a right password"),
    "account/second-factor/reauthenticate/": Row("staff", no_answer=True),
    "account/second-factor/totp/activate/": Row("staff"),
    "account/second-factor/totp/deactivate/": Row("staff", no_answer=True),
    "account/second-factor/recovery-codes/": Row("staff", no_answer=True),
    "account/second-factor/recovery-codes/generate/": Row("staff", no_answer=True),
    "account/second-factor/recovery-codes/download/": Row("staff", no_answer=True),
    # A young person's own pages
    "me/": Row("young people"),
    "me/adviser/": Row("young people"),
    "me/adviser/today/": Row("young people"),
    "me/entitlements/": Row("young people"),
    "me/entitlements/about/": Row("young people"),
    "me/settings/": Row("young people"),
    "me/settings/details/": Row("young people", no_answer=True),
    "me/settings/details/check/": Row("young people", no_answer=True),
    "me/settings/details/take-back/": Row("young people", no_answer=True),
    "me/settings/details/<slug:step>/": Row("young people", no_answer=True),
    "me/settings/contact/": Row("young people"),
    "me/settings/contact/change/": Row("young people"),
    "me/settings/contact/no-thanks/": Row("young people"),
    "me/settings/contact/still-mine/": Row("young people"),
    "me/settings/language/": Row("young people"),
    "me/settings/not-safe/": Row("young people"),
    "me/settings/sure/": Row("young people"),
    "me/settings/pin/": Row("young people"),
    "me/settings/devices/": Row("young people"),
    "me/settings/who-looked/": Row("young people"),
    # Requests
    "me/requests/": Row("young people"),
    "me/requests/new/": Row("young people"),
    "me/requests/told-no/": Row("young people"),
    "me/requests/<str:ref>/": Row("the young person", about="request"),
    "me/requests/<str:ref>/ask/<slug:name>/": Row(
        "the young person", about="draft", given={"name": "story"}, no_answer=True
    ),
    "me/requests/<str:ref>/check/": Row("the young person", about="draft"),
    "me/requests/<str:ref>/more/": Row("the young person", about="request", no_answer=True),
    "me/requests/<str:ref>/review/": Row("the young person", about="request", no_answer=True),
    "me/requests/<str:ref>/withdraw/": Row("the young person", about="request", no_answer=True),
    "me/requests/<str:ref>/photo/<str:photo>/<int:number>/": Row("the young person", about="photo"),
    "me/requests/<str:ref>/photo/<str:photo>/remove/": Row("the young person", about="photo", no_answer=True),
    "me/requests/<str:ref>/letter/": Row("the young person", about="request", no_answer=True),
    "me/requests/<str:ref>/letter/file/": Row("the young person", about="request", no_answer=True),
    "desk/requests/": Row("casework"),
    "desk/requests/panel/": Row("casework", post="service managers", no_answer=True),
    "desk/requests/new/<str:ref>/": Row("may see", about="young_person", post="may change"),
    "desk/requests/<str:ref>/": Row("may see", about="request", post="may change", no_answer=True),
    "me/requests/<str:ref>/look-again/": Row("the young person", about="request", no_answer=True),
    "desk/requests/<str:ref>/award/": Row("may change", about="request"),
    "desk/requests/<str:ref>/exception/": Row("may change", about="request"),
    "desk/requests/elsewhere/<str:ref>/": Row("may see", about="young_person", post="may change"),
    "desk/requests/<str:ref>/again/": Row("may change", about="request"),
    "desk/requests/<str:ref>/letter/": Row("may change", about="request", no_answer=True),
    "desk/requests/<str:ref>/plan/": Row("may change", about="request"),
    "desk/requests/<str:ref>/photo/<str:photo>/<int:number>/": Row(
        "may see", about="photo", post="may change"
    ),
    # Advocates: one request, for a time
    "me/requests/<str:ref>/say/": Row("the young person", about="request"),
    "me/requests/<str:ref>/with-me/": Row("the young person", about="request"),
    "me/requests/<str:ref>/with-me/<str:seat>/end/": Row(
        "the young person", about="request", given={"seat": "nothing"}, no_answer=True
    ),
    "seat/": Row("advocates"),
    "seat/<str:ref>/": Row("the invited advocate", about="seated"),
    "seat/<str:ref>/photo/<str:photo>/<int:number>/": Row("the invited advocate", about="seated_photo"),
    # Coming back: anybody may ask; duty and managers ring
    "help/back/": EVERYBODY,
    "desk/coming-back/": Row("who answers those who come back"),
    "desk/coming-back/<str:ref>/": Row("who answers those who come back", given={"ref": "@coming_back"}),
    # Complaints: anybody may complain and look it up by number and word; managers answer
    "help/complain/": EVERYBODY,
    "help/complain/look/": EVERYBODY,
    "me/said/": Row("young people"),
    "me/said/<str:ref>/": Row("the young person", about="complaint"),
    "desk/complaints/": Row("managers"),
    "desk/complaints/feedback/": Row("managers", no_answer=True),
    "desk/complaints/new/": Row("casework"),
    "desk/complaints/new/<slug:ref>/": Row("may see", about="young_person", post="may change"),
    "desk/complaints/from/<str:ref>/": Row("may change", about="request"),
    "desk/complaints/<str:ref>/": Row("coordinates complaints", about="complaint"),
    # Drop-ins
    "drop-ins/": EVERYBODY,
    "drop-ins/<slug:ref>/": Row("everybody", given={"ref": "@session"}),
    "b/<slug:token>/": Row("everybody", given={"token": "@booking_token"}, note="whoever holds the link"),
    "me/bookings/": Row("young people"),
    "me/bookings/new/<slug:ref>/": Row("young people", given={"ref": "@session"}),
    "me/bookings/wait/<slug:ref>/": Row("young people", given={"ref": "@session"}),
    "me/bookings/waiting/<slug:ref>/leave/": Row("young people", no_answer=True),
    "me/bookings/offers/<slug:ref>/no/": Row("young people", no_answer=True),
    "me/bookings/<slug:ref>/": Row("the young person", about="booking"),
    "me/bookings/<slug:ref>/move/": Row("the young person", about="booking"),
    "me/bookings/<slug:ref>/appointment.ics": Row("the young person", about="booking"),
    "me/bookings/<slug:ref>/cancel/": Row("the young person", about="booking", no_answer=True),
    "desk/drop-ins/": Row("casework"),
    "desk/drop-ins/new/": Row("casework"),
    "desk/drop-ins/weekly/<int:pk>/": Row("casework", given={"pk": "@series"}),
    "desk/drop-ins/<slug:ref>/": Row("casework", given={"ref": "@session"}),
    "desk/drop-ins/<slug:ref>/called-off/": Row("casework", given={"ref": "@session"}),
    "desk/drop-ins/<slug:ref>/<slug:booking_ref>/": Row(
        "casework", given={"ref": "@session"}, no_answer=True
    ),
    # The desk
    "desk/": Row("casework"),
    "desk/insight/": Row("managers"),
    "desk/handbook/": Row("casework"),
    "desk/handbook/<slug:code>/": Row("casework", no_answer=True),
    "desk/young-people/": Row("casework"),
    "desk/young-people/break-glass/": Row("casework"),
    "desk/young-people/new-phones/": Row("casework"),
    "desk/young-people/<slug:ref>/invite/": Row("may change", about="young_person"),
    "desk/young-people/<slug:ref>/new-phone/": Row("may change", about="young_person"),
    "desk/young-people/<slug:ref>/": Row("may see", about="young_person", post="may change"),
    "desk/young-people/<slug:ref>/looks/": Row("their managers", about="young_person"),
    "desk/young-people/<slug:ref>/facts/": Row("may see", about="young_person", post="may change"),
    "desk/young-people/<slug:ref>/notes/": Row("may see", about="young_person", post="may change"),
    # Notes for the case record: counts and a file
    "desk/imports/notes/": Row("data officers"),
    "desk/imports/notes/<slug:ref>/file/": Row("data officers", no_answer=True),
    "desk/imports/notes/unmatched/<int:pk>/": Row("data officers", given={"pk": 1}, no_answer=True),
    # Finance: approved payments, never a story
    "desk/finance/": Row("finance"),
    "desk/finance/batches/": Row("finance"),
    "desk/finance/batches/make/": Row("finance"),
    "desk/finance/batches/<slug:ref>/": Row("finance", no_answer=True),
    "desk/finance/batches/<slug:ref>/file/": Row("finance", no_answer=True),
    "desk/finance/batches/<slug:ref>/call-off/": Row("finance", no_answer=True),
    "desk/finance/returns/": Row("finance"),
    "desk/finance/payees/": Row("finance"),
    "desk/finance/payees/<slug:ref>/end/": Row("finance", no_answer=True),
    # Only where the council keeps bank details: tests/finance/test_bank_pages.py walks them with the setting on.
    "desk/finance/bank/": Row("finance", no_answer=True),
    "desk/finance/bank/<slug:ref>/": Row("finance", no_answer=True),
    "desk/finance/budget/": Row("finance"),
    "desk/finance/pay-to/<str:ref>/": Row("may change", about="request"),
    "desk/finance/remittances/": Row("finance"),
    "desk/finance/remittances/<slug:ref>/": Row("finance", no_answer=True),
    "desk/finance/remittances/<slug:ref>/<int:number>/": Row("finance", no_answer=True),
    "desk/finance/unmatched/": Row("finance"),
    "desk/finance/hand-over/<str:ref>/": Row("may change", about="request"),
    # Help on the spot
    "help/now/": EVERYBODY,
    "me/requests/help/<str:ref>/": Row("the young person", about="spot_help"),
    "desk/spot-help/": Row("who may help on the spot"),
    "desk/spot-help/authority/": Row("service managers"),
    "desk/spot-help/authority/<int:pk>/end/": Row("service managers", given={"pk": 1}, no_answer=True),
    "desk/spot-help/new/<str:ref>/": Row(
        "may change", about="young_person", note="or whom one has just found"
    ),
    "desk/spot-help/<str:ref>/": Row("may change", about="spot_help", note="or whoever gave it"),
    # For all
    "check/": EVERYBODY,
    "search/": EVERYBODY,
    "language/": EVERYBODY,
    "feedback/": EVERYBODY,
    "feedback/thanks/": EVERYBODY,
    "news/feed/": EVERYBODY,
    "sitemap.xml": EVERYBODY,
    "robots.txt": EVERYBODY,
    ".well-known/security.txt": EVERYBODY,
    "search/suggest/": EVERYBODY,
    "handbook.pdf": EVERYBODY,
    "api/": EVERYBODY,
    "api/openapi.json": EVERYBODY,
    "api/<kind:name>": Row("everybody", no_answer=True, note="the lists of the open data standard"),
    "api/<kind:name>/<uuid:id>": Row("everybody", no_answer=True),
    "api/handbook.json": EVERYBODY,
    "api/handbook.schema.json": EVERYBODY,
    "manifest.webmanifest": EVERYBODY,
    "offline/": EVERYBODY,
    "worker.js": EVERYBODY,
    "saved/": EVERYBODY,
    "healthz": EVERYBODY,
    "readyz": Row("everybody", no_answer=True),
    r"^((?:[\w\-]+/)*)$": Row(
        "everybody", no_answer=True, note="published pages; what is not published is a 404"
    ),
    r"documents/(\d+)/(.*)$": Row("signed in", no_answer=True),
    "documents/authenticate_with_password/<int:restriction_id>/": Row("signed in", no_answer=True),
    # The demo alone
    "demo/": EVERYBODY,
    "demo/be/<slug:key>/": Row("everybody", no_answer=True),
    "demo/clock/": EVERYBODY,
    "demo/components/": EVERYBODY,
    "demo/outbox/": EVERYBODY,
    # The page editor's few addresses that show nothing of anybody's
    "cms/login/": Row("nobody", note="leads to the one door of staff"),
    "cms/logout/": EVERYBODY,
    "cms/jsi18n/": Row("signed in"),
    "cms/sprite/": Row("signed in"),
}
GROUPS: dict[str, Row] = {
    "cms/": Row("publishing"),
    "cms/password_reset/": Row("signed in", no_answer=True, note="switched off"),
}


def in_words(row: Row) -> str:
    """One row as a sentence."""
    of = {
        "the young person": "the young person it belongs to, and nobody else",
        "may see": "staff who may see that young person now",
        "the invited advocate": "the advocate who was invited to it, until the day they were invited for",
        "their managers": "the managers of that young person",
        "coordinates complaints": "service managers whom it is not about, and the team manager it was given to",
        "may change": "staff who may see that young person now, but not by break-glass",
    }
    reads, writes = (of.get(word, word) for word in (row.get, row.post or row.get))
    said = f"Answers {reads}" if reads == writes else f"Shows itself to {reads}; takes changes from {writes}"
    return f"{said}{f' ({row.note})' if row.note else ''}."

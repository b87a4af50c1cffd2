"""`/check/`: what can I get? Answers travel in the page from question to question; nothing is kept anywhere."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cms.form_fields import RadiosField
from cms.same_origin import same_origin_posts
from entitlements.check import UNKNOWN, Answers, hint_for, options_for, question_for
from entitlements.circumstances import BORN_ON, CARE_STATUS, CHILDREN, catalogue
from entitlements.for_person import Assessed, Book, assess_all, book, say_question
from entitlements.questions import next_question, pending
from entitlements.rules import Facts, Outcome

ALWAYS_FIRST = (CARE_STATUS, BORN_ON)
A_FEW = 8
"""After so many questions we show what we know so far; whoever wants to goes on."""


class AnswerForm(forms.Form):
    """One question and its answers."""

    def __init__(self, *args: Any, question: str, key: str, status: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = options_for(key, status)
        self.fields["answer"] = RadiosField(
            label=format_html("<h1>{}</h1>", question),
            help_text=hint_for(key),
            choices=[(option.value, option.label) for option in options],
            option_hints={option.value: option.hint for option in options},
            error_messages={"required": _("Choose an answer. “I don't know” is fine too")},
        )


@dataclass(frozen=True)
class Checker:
    """The questions of one visit to one page."""

    request: HttpRequest
    handbook: Book
    answers: Answers

    @property
    def outcomes(self) -> list[Outcome]:
        return self.handbook.rules.outcomes(self.answers.facts(self.today), self.today)

    @property
    def today(self) -> date:
        today: date = self.request.today  # type: ignore[attr-defined]
        return today

    def next_key(self) -> str:
        for key in ALWAYS_FIRST:
            if key not in self.answers.given:
                return key
        facts = self.answers.facts(self.today)
        asked = self.answers.asked
        key = next_question(self.handbook.rules, facts, self.today, skipped=asked) or ""
        return next(
            (other for other, words in catalogue().entries.items() if key and words.opposite == key), key
        )

    def words(self, key: str) -> str:
        """The question in words."""
        reasons = [reason for outcome in self.outcomes for reason in outcome.reasons] if "." in key else []
        if key == CARE_STATUS:
            return _("Which of these is you?")
        return question_for(key) or say_question(key, reasons, self.handbook.by_code)

    def left(self) -> int:
        """How many more questions could still change something."""
        waiting = pending(self.handbook.rules, self.answers.facts(self.today), self.today)
        return len(waiting.keys() - self.answers.asked)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@same_origin_posts
def check(request: HttpRequest) -> HttpResponse:
    """One question a page, then what they can get. Posts only carry answers back to the person who gave them."""
    handbook = book(request)
    keys = _keys(handbook, request.today)  # type: ignore[attr-defined]
    answers = Answers.read(request.POST.getlist("a"), keys)
    asked, go = request.POST.get("key", ""), request.POST.get("go", "")
    changing = request.POST.get("change", "")
    if changing in keys:
        return _ask(Checker(request, handbook, answers.without(changing)), changing)
    if go == "back" and answers:
        return _ask(Checker(request, handbook, answers.without(answers.last)), answers.last)
    if go == "back" or request.method != "POST":
        return _ask(Checker(request, handbook, Answers({})), CARE_STATUS)
    if go == "results":
        return _results(Checker(request, handbook, answers))
    if asked in keys:
        checker = Checker(request, handbook, answers)
        form = _form(checker, asked, request.POST)
        if not form.is_valid():
            return _ask(checker, asked, form)
        answers = answers.with_answer(asked, form.cleaned_data["answer"])
    checker = Checker(request, handbook, answers)
    following = checker.next_key()
    pause = asked in keys and len(answers.given) % A_FEW == 0
    return _ask(checker, following) if following and not pause else _results(checker)


def _keys(handbook: Book, today: date) -> set[str]:
    """Every question the checker may ask."""
    return {*ALWAYS_FIRST, CHILDREN, *catalogue().entries, *pending(handbook.rules, Facts(), today)}


def _form(checker: Checker, key: str, data: Any = None) -> AnswerForm:
    status = checker.answers.given.get(CARE_STATUS, "")
    return AnswerForm(data, question=checker.words(key), key=key, status=status, auto_id="check_%s")


def _ask(checker: Checker, key: str, form: AnswerForm | None = None) -> HttpResponse:
    form = form or _form(checker, key)
    context = {
        "form": form,
        "key": key,
        "hidden": checker.answers.hidden(),
        "number": len(checker.answers.given) + 1,
        "left": checker.left() if len(checker.answers.given) >= len(ALWAYS_FIRST) else None,
        "is_first": not checker.answers,
        "can_stop": len(checker.answers.given) >= len(ALWAYS_FIRST),
    }
    return _unkept(render(checker.request, "entitlements/check.html", context))


def _results(checker: Checker) -> HttpResponse:
    answers, today = checker.answers, checker.today
    groups = assess_all(answers.facts(today), today, request=checker.request)
    status = answers.given.get(CARE_STATUS, "")
    told = [
        (key, checker.words(key), next(o.label for o in options_for(key) if o.value == value))
        for key, value in answers.given.items()
    ]
    context = {
        "groups": groups,
        "told": told,
        "hidden": answers.hidden(),
        "maybe": _by_question(groups.maybe),
        "left": checker.left() if checker.next_key() else 0,
        "status_unknown": status in {"", UNKNOWN},
        "nothing": not (groups.now or groups.maybe or groups.later),
        "today": today,
    }
    return _unkept(render(checker.request, "entitlements/check_results.html", context))


def _by_question(maybe: list[Assessed]) -> list[Assessed]:
    """What one question would settle stands together, the question that settles most first."""
    settles = Counter(found.question_key for found in maybe)
    return sorted(maybe, key=lambda found: (-settles[found.question_key], found.question_key))


def _unkept(response: HttpResponse) -> HttpResponse:
    """A page with somebody's answers in it is kept by nothing on the way, nor by the phone."""
    response.headers["Cache-Control"] = "no-store"
    return response

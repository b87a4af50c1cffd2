"""Staff pages: one person's notes to copy, and the data officer's files, which show no note and no name."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.models import Role
from portal.case_notes import services
from portal.case_notes.forms import AnswerForm
from portal.case_notes.models import CaseNote, NotesFile, RecordAnswer, Unmatched
from portal.people.access import look_at_all, open_record, staff_only
from portal.people.models import BREAK_GLASS, YoungPerson

A_PAGE = 50
ANSWERS_SHOWN = 5
data_officers_only = staff_only(Role.DATA_OFFICER)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only()
def notes(request: HttpRequest, ref: str) -> HttpResponse:
    """One person's notes: what the case record does not hold yet, to copy; and what it does."""
    person = open_record(request, ref, part="case_notes")
    by, now = request.user, request.now  # type: ignore[attr-defined]
    if request.method == "POST":
        mark = services.mark_not_yet if "not_yet" in request.POST else services.mark_copied
        marked: dict[str, Any] = {
            "young_person": person,
            "refs": request.POST.getlist("note"),
            "by": by,
            "now": now,
        }
        try:
            how_many = mark(**marked)
        except ValidationError as refusal:
            messages.error(request, refusal.messages[0])
        else:
            _say(request, how_many, copied=mark is services.mark_copied)
        about = request.POST.get("about", "")
        back = person.case_notes.filter(about=about).exclude(about="").first()
        if back is not None and "from_request" in request.POST:
            return redirect("payments:decide", back.about)
        return redirect("case_notes:notes", ref)
    theirs = CaseNote.objects.filter(young_person=person).select_related("arrived__by", "carried__file")
    context = {
        "section": "people",
        "person": person,
        "waiting": list(theirs.not_yet()[:A_PAGE]),
        "page": Paginator(theirs.exclude(arrived=None), A_PAGE).get_page(request.GET.get("page")),
        "look_only": getattr(person, "seen_as", "") == BREAK_GLASS,
    }
    return render(request, "case_notes/notes.html", context)


def _say(request: HttpRequest, how_many: int, *, copied: bool) -> None:
    if copied:
        words = ngettext("%(n)d note is in LCS now.", "%(n)d notes are in LCS now.", how_many)
    else:
        words = ngettext("%(n)d note is not in LCS yet.", "%(n)d notes are not in LCS yet.", how_many)
    if how_many:
        messages.success(request, words % {"n": how_many})


@require_http_methods(["GET", "HEAD", "POST"])
@data_officers_only
def files(request: HttpRequest) -> HttpResponse:
    """The file of each night, and the case record's answers: counts alone."""
    form = AnswerForm(request.POST, request.FILES) if request.method == "POST" else AnswerForm()
    if request.method == "POST" and form.is_valid():
        try:
            read = services.read_answer(
                content=form.cleaned_data["file"].read(),
                by=request.user,  # type: ignore[arg-type]
                now=request.now,  # type: ignore[attr-defined]
            )
        except ValidationError as refusal:
            form.add_error("file", refusal)
        else:
            _say_what_it_did(request, read)
            return redirect("case_notes:files")
    arrived = Count("notes", filter=Q(notes__note__arrived__isnull=False))
    nights = NotesFile.objects.exclude(sha256="").annotate(arrived=arrived, left=F("count") - arrived)
    nights = nights.order_by("-night")
    context = {
        "section": "notes",
        "form": form,
        "page": Paginator(nights, A_PAGE).get_page(request.GET.get("page")),
        "tonight": CaseNote.objects.for_tonight(now=request.now).count(),  # type: ignore[attr-defined]
        "not_yet": CaseNote.objects.filter(arrived=None).exclude(carried=None).count(),
        "unmatched": Unmatched.objects.filter(looked_at=None).select_related("answer"),
        "answers": RecordAnswer.objects.all()[:ANSWERS_SHOWN],
    }
    return render(request, "case_notes/files.html", context)


def _say_what_it_did(request: HttpRequest, read: RecordAnswer) -> None:
    if read.repeated:
        messages.warning(request, _("This file was read before. Nothing was done twice."))
        return
    words = ngettext("%(n)d note has arrived.", "%(n)d notes have arrived.", read.written)
    messages.success(request, words % {"n": read.written})


@require_GET
@data_officers_only
def file(request: HttpRequest, ref: str) -> HttpResponse:
    """The file of a night: the same bytes each time. Everybody in it can see that it was taken."""
    shown = get_object_or_404(NotesFile.objects.exclude(sha256=""), ref=ref)
    people = YoungPerson.objects.filter(case_notes__carried__file=shown).distinct()
    look_at_all(people, request=request, part="notes_file")
    try:
        content = services.content_of(file=shown, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("case_notes:files")
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{shown.file_name}"'},
    )


@require_POST
@data_officers_only
def unmatched(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody found out what one unmatched line was about."""
    line = get_object_or_404(Unmatched, pk=pk)
    services.look_at_line(line=line, by=request.user, now=request.now)  # type: ignore[arg-type, attr-defined]
    return redirect("case_notes:files")

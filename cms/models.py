"""How anything is published. Knows nothing of care leavers."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    PublishingPanel,
    TabbedInterface,
)
from wagtail.fields import StreamField
from wagtail.images.models import AbstractImage, AbstractRendition, Image, get_upload_to
from wagtail.models import Page, TranslatableMixin
from wagtail.search import index
from wagtail.utils.decorators import cached_classmethod
from wagtail_localize.fields import SynchronizedField

from cms import phones
from cms.blocks import ChipBlocks, ContentBlocks, SaidDidBlocks, SourceBlocks, TaskBlocks, check_address
from cms.images import StrippedImageField
from cms.languages import in_language
from cms.search import Document
from cms.text import to_plain


class PortalImage(AbstractImage):
    """An editor's picture. The original is re-made on upload, so no place or camera data is ever kept (rule 41)."""

    file = StrippedImageField(
        verbose_name=_("file"), upload_to=get_upload_to, width_field="width", height_field="height"
    )
    # After the file, so that they are stored as the re-made picture has them.
    width = models.IntegerField(verbose_name=_("width"), editable=False)
    height = models.IntegerField(verbose_name=_("height"), editable=False)
    file_size = models.PositiveIntegerField(null=True, editable=False)
    file_hash = models.CharField(max_length=40, blank=True, editable=False, db_index=True)

    admin_form_fields = Image.admin_form_fields


class PortalRendition(AbstractRendition):
    """A picture at the size a screen needs."""

    image = models.ForeignKey(PortalImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta(AbstractRendition.Meta):
        unique_together = (("image", "filter_spec", "focal_point_key"),)


class ContentVersion(models.Model):
    """One row: a number that grows whenever something readers see has changed."""

    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class LoadedContent(models.Model):
    """What a loading command last wrote, so that running it again changes nothing an editor has changed."""

    key = models.CharField(max_length=120, unique=True)  # "page:/offer/home/", "phone:duty"
    digest = models.CharField(max_length=64)
    revision_id = models.BigIntegerField(null=True)  # the page's revision we made; another one is an editor's

    def __str__(self) -> str:
        return self.key


class KeptPageForm(WagtailAdminPageForm):
    """Whoever begins a page keeps it true, until they choose somebody else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and self.for_user and "keeper" in self.fields:
            self.initial["keeper"] = self.initial.get("keeper") or self.for_user.pk


class StampPanel(FieldPanel):
    """The day of the stamp, or that there is none and where it is put on."""

    def format_value_for_display(self, value: Any) -> Any:
        """Words, where Wagtail would show “None”."""
        return super().format_value_for_display(value) if value else _("Not yet")


class ContentPage(Page):
    """What every page of ours has: its answer in one line, the words people type for it, and who keeps it true."""

    one_line = models.CharField(
        _("in one line"),
        max_length=300,
        blank=True,
        help_text=_("The answer, in one plain sentence. Shown in lists and in search."),
    )
    also_called = models.TextField(
        blank=True,
        help_text=_("Official and other names, one a line. Search treats them almost like the title."),
    )
    search_words = models.TextField(
        blank=True,
        help_text=_(
            "What people type when they want this page: slang too. One a line. No misspellings needed."
        ),
    )
    review_by = models.DateField(null=True, blank=True, help_text=_("The keeper is reminded, then the team."))
    keeper = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Who keeps this page true. When they leave, it shows as nobody's in the report."),
    )
    review_note = models.TextField(
        blank=True, help_text=_("For editors: what to check next time. Never shown to readers.")
    )
    sources = StreamField(SourceBlocks(), blank=True, help_text=_("Where each fact comes from. For editors."))
    checked_by_elevation_on = models.DateField(
        _("checked by Elevation on"),
        null=True,
        blank=True,
        help_text=_("The care leavers' council read this page and said it is right."),
    )

    finding_panels = [
        FieldPanel("also_called"),
        FieldPanel("search_words"),
        FieldPanel(
            "slug",
            heading=_("End of its web address"),
            help_text=_(
                "Made from the title: small letters and hyphens. Leave it once people have the link."
            ),
        ),
    ]
    truth_panels = [
        FieldRowPanel([FieldPanel("review_by"), FieldPanel("keeper")]),
        FieldPanel("review_note"),
        FieldPanel("sources"),
        StampPanel("checked_by_elevation_on", read_only=True),  # see `cms.stamps`
    ]
    content_panels = [*Page.content_panels, FieldPanel("one_line")]
    promote_panels = [
        MultiFieldPanel(finding_panels, heading=_("How people find it")),
        MultiFieldPanel(truth_panels, heading=_("Keeping it true")),
    ]
    settings_panels = [PublishingPanel()]
    base_form_class = KeptPageForm
    # What an editor's own search looks through, besides the title: the words readers use for a page.
    search_fields = [
        *Page.search_fields,
        *(index.AutocompleteField(name) for name in ("one_line", "also_called", "search_words")),
    ]

    search_kind = "page"
    search_needs: tuple[
        str, ...
    ] = ()  # what its document reads besides the page, fetched for all pages at once
    listed_by = ""  # its field of other pages that list it, read with every page's card
    # Never translated: what is for editors, what search types, where it stands. Amounts and numbers are tokens.
    override_translatable_fields = [
        SynchronizedField(name, overridable=False)
        for name in ("slug", "also_called", "search_words", "review_by", "keeper", "review_note", "sources")
    ]

    class Meta:
        abstract = True

    @cached_classmethod
    def get_edit_handler(cls) -> Any:
        """The tabs of the page editor, named after what is done there. Some kinds of page have their own."""
        if hasattr(cls, "edit_handler"):
            return cls.edit_handler.bind_to_model(cls)
        tabs = [
            (cls.content_panels, _("What people read")),
            (cls.promote_panels, _("Finding it, keeping it true")),
            (cls.settings_panels, _("Settings")),
        ]
        lists = [ObjectList(panels, heading=heading) for panels, heading in tabs if panels]
        return TabbedInterface(lists, base_form_class=cls.base_form_class).bind_to_model(cls)

    def get_url_parts(self, request: HttpRequest | None = None) -> Any:
        """Wagtail's own, with the language before the path, as everywhere on this site."""
        parts = super().get_url_parts(request=request)
        if parts is None or parts[2] is None:
            return parts
        site, root, path = parts
        return site, root, in_language(path, self.locale.language_code)

    def search_document(self, on: date) -> Document | None:
        """How search sees this page on a day; None keeps it out."""
        return Document(
            kind=self.search_kind,
            title=self.title,
            address=self.get_url() or "",
            one_line=self.one_line,
            also_called=tuple(lines(self.also_called)),
            search_words=tuple(lines(self.search_words)),
            body=self.words_of_body(),
            page_id=self.pk,
        )

    def own_faults(self, on: date) -> list[tuple[str, str]]:
        """What this kind of page adds to "What is wrong with my site": (kind, words), kinds as in `cms.faults`."""
        return []

    def words_of_body(self) -> str:
        """All the words a reader meets, for search and reading age."""
        body = getattr(self, "body", None)
        return " ".join(words_in(body.get_prep_value())) if body else ""

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context(request, *args, **kwargs), "section": self.nav_section}

    nav_section = ""


class HomePage(ContentPage):
    """The front door: what do you need?"""

    lead = models.TextField(blank=True)
    search_label = models.CharField(max_length=80, default="Search for anything")
    search_hint = models.CharField(max_length=160, blank=True)
    urgent_title = models.CharField(max_length=120, default="Not safe, or no food, heat or bed tonight?")
    urgent_line = models.CharField(max_length=160, default="Get urgent help now. Day or night.")
    urgent_address = models.CharField(max_length=200, default="/help/urgent/", validators=[check_address])
    tasks = StreamField(TaskBlocks(max_num=4), blank=True)
    chips_title = models.CharField(max_length=80, default="What brings you here?")
    chips = StreamField(ChipBlocks(max_num=12), blank=True)

    content_panels = [
        *Page.content_panels,
        FieldPanel("lead"),
        FieldRowPanel([FieldPanel("search_label"), FieldPanel("search_hint")]),
        MultiFieldPanel(
            [FieldPanel("urgent_title"), FieldPanel("urgent_line"), FieldPanel("urgent_address")],
            heading=_("Urgent help"),
        ),
        FieldPanel("tasks"),
        FieldRowPanel([FieldPanel("chips_title")]),
        FieldPanel("chips"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    max_count = 1
    override_translatable_fields = [
        *ContentPage.override_translatable_fields,
        SynchronizedField("urgent_address", overridable=False),
    ]
    template = "cms/home_page.html"

    def search_document(self, on: date) -> None:
        return None


class HelpIndexPage(ContentPage):
    """`/help/`: all the help pages."""

    intro = models.TextField(blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("intro")]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.HelpPage"]
    max_count = 1
    search_kind = "section"
    template = "cms/help_index_page.html"


class HelpPage(ContentPage):
    """Help now, complaints, advocates, coming back, and what this site does with what you tell it."""

    body = StreamField(ContentBlocks(), blank=True)
    see_also = StreamField(ChipBlocks(), blank=True)

    content_panels = [*ContentPage.content_panels, FieldPanel("body"), FieldPanel("see_also")]
    parent_page_types = ["cms.HelpIndexPage"]
    subpage_types: list[str] = []
    search_kind = "help"
    template = "cms/help_page.html"

    @property
    def is_urgent(self) -> bool:
        """The page for tonight: its numbers come first, large, and cannot be edited away (rule 8)."""
        return self.slug == "urgent"


class NewsIndexPage(ContentPage):
    """`/news/`: what changed, Elevation's news and events, and "you said, we did"."""

    said_did_title = models.CharField(max_length=80, default="You said, we did")
    said_did_intro = models.TextField(blank=True)
    said_did = StreamField(SaidDidBlocks(), blank=True)

    content_panels = [
        *ContentPage.content_panels,
        MultiFieldPanel(
            [FieldPanel("said_did_title"), FieldPanel("said_did_intro"), FieldPanel("said_did")],
            heading=_("You said, we did"),
        ),
    ]
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]
    max_count = 1
    search_kind = "section"
    template = "cms/news_index_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        from cms.contents import contents  # it reads the models

        shown = [card.page_id for card in contents(request).children(self.path)]
        news = NewsPage.objects.filter(pk__in=shown).order_by("-published_on", "-pk")[:30]
        return {**super().get_context(request, *args, **kwargs), "news": news}


class NewsPage(ContentPage):
    """One piece of news, or an event with its day and place."""

    published_on = models.DateField()
    event_on = models.DateTimeField(null=True, blank=True, help_text=_("For an event: when it starts."))
    event_place = models.CharField(max_length=160, blank=True)
    body = StreamField(ContentBlocks(), blank=True)

    content_panels = [
        *ContentPage.content_panels,
        FieldRowPanel(
            [
                FieldPanel("published_on", heading=_("Day of the news")),
                FieldPanel("event_on", heading=_("Event starts"), help_text=_("Only for an event.")),
                FieldPanel("event_place", heading=_("Place"), help_text=_("Only for an event.")),
            ]
        ),
        FieldPanel("body"),
    ]
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []
    search_kind = "news"
    template = "cms/news_page.html"


class Phone(models.Model):
    """A phone number, kept once. Pages quote it as {phone:key}; an editor may correct it alone."""

    key = models.SlugField(
        max_length=40, unique=True, help_text=_("Pages quote it by this word. Do not change it.")
    )
    name = models.CharField(max_length=120)
    number = models.CharField(
        max_length=30,
        blank=True,
        validators=[RegexValidator(r"^\+?[0-9 ]*$", _("Use digits and spaces."))],
        help_text=_("Leave it empty until somebody has rung it. The page then says how to find it."),
    )
    text_number = models.BooleanField(_("for texts, not calls"), default=False)
    hours = models.CharField(max_length=160, blank=True)
    checked_on = models.DateField(null=True, blank=True, help_text=_("The day somebody last rang it."))
    confirmed = models.BooleanField(
        default=False, help_text=_("Somebody rang it and the right people answered.")
    )
    how_to_find = models.TextField(blank=True, help_text=_("Shown instead, while there is no number."))
    note = models.TextField(blank=True, help_text=_("For editors."))
    order = models.PositiveSmallIntegerField(default=0)

    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("number"), FieldPanel("text_number")]),
        FieldPanel("hours", help_text=_("When somebody answers: “Monday to Friday, 9am to 5pm”.")),
        FieldRowPanel([FieldPanel("checked_on"), FieldPanel("confirmed")]),
        FieldPanel("how_to_find", heading=_("How to find it")),
        FieldPanel("note"),
        FieldPanel("key", heading=_("Word pages quote it by")),
    ]

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.number or _('no number yet')}"

    def clean(self) -> None:
        """A number that changed is unchecked until somebody has rung it; the word pages quote it by stays.

        The help block's national numbers stand on every page for trouble: none of them is left empty (rule 8).
        """
        super().clean()
        before = Phone.objects.filter(pk=self.pk).first()
        if before is not None and before.key != self.key:
            raise ValidationError({"key": _("Pages quote the number by this word: it never changes.")})
        if self.key in phones.NEVER_EMPTY and not self.number:
            raise ValidationError(
                {"number": _("This number is in the help on every page: it cannot be empty.")}
            )
        if before is not None and before.number != self.number and before.checked_on == self.checked_on:
            self.confirmed = False

    @property
    def dialled(self) -> str:
        """The number as a phone dials it."""
        return self.number.replace(" ", "")


class GlossaryTerm(TranslatableMixin, models.Model):
    """A word of the field, explained in place."""

    term = models.CharField(max_length=80)
    also = models.TextField(blank=True, help_text=_("Other forms of the word, one a line."))
    plain = models.TextField(help_text=_("What it means, in one or two plain sentences."))

    panels = [
        FieldPanel("term", heading=_("The word"), help_text=_("As pages say it: “pathway plan”.")),
        FieldPanel("also", heading=_("Other forms of it")),
        FieldPanel("plain", heading=_("What it means")),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("word explained")
        verbose_name_plural = _("words explained")
        ordering = ["term"]

    def __str__(self) -> str:
        return self.term


class SynonymGroup(models.Model):
    """Words that mean the same to somebody who searches."""

    words = models.TextField(
        help_text=_("Words and short phrases, one a line. Search treats them as the same.")
    )

    panels = [FieldPanel("words")]

    class Meta:
        verbose_name = _("group of words that mean the same")
        verbose_name_plural = _("groups of words that mean the same")
        ordering = ["words"]

    def __str__(self) -> str:
        return ", ".join(lines(self.words)[:6])


class SearchMiss(models.Model):
    """Words that found nothing, counted without the person; editors see them from five visitors on (rule 19)."""

    SHOWN_FROM = 5

    words = models.CharField(max_length=80, unique=True)
    visitors = models.PositiveIntegerField(default=1)
    last_on = models.DateField()

    class Meta:
        ordering = ["-visitors", "words"]

    def __str__(self) -> str:
        return self.words


class UsefulPanel(FieldPanel):
    """A vote in words."""

    def format_value_for_display(self, value: Any) -> Any:
        """Yes, no, or that they only wrote."""
        return {True: _("Yes"), False: _("No")}.get(value, _("They did not say"))


class PageFeedback(models.Model):
    """A reader's word on a page: was it useful, what should change, and what we did about it. No person is kept."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="feedback")
    useful = models.BooleanField(null=True)
    words = models.CharField(max_length=500, blank=True)
    given_at = models.DateTimeField()
    outcome = models.CharField(max_length=300, blank=True, help_text=_("What we did. Shown on the page."))
    outcome_on = models.DateField(null=True, blank=True)

    panels = [
        FieldPanel("page", read_only=True),
        UsefulPanel("useful", read_only=True, heading=_("Useful to them")),
        FieldPanel("words", read_only=True, heading=_("What they say")),
        FieldPanel("given_at", read_only=True, heading=_("When")),
        FieldPanel("outcome", heading=_("What we did"), help_text=_("Shown on the page, with its day.")),
        FieldPanel("outcome_on", heading=_("On"), help_text=_("Left empty, it is today.")),
    ]

    class Meta:
        verbose_name = _("word from a reader")
        verbose_name_plural = _("words from readers")
        ordering = ["-given_at"]

    def __str__(self) -> str:
        return self.words or (str(_("useful")) if self.useful else str(_("not useful")))


class TranslatedPage(models.Model):
    """How far a page in another language can be trusted: who drafted it, who checked it, has English moved on since."""

    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="translated")
    by_machine = models.BooleanField(default=False)
    source_words = models.CharField(max_length=64)  # the English words it was made from, as one number
    out_of_date_since = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True)
    checked_revision = models.BigIntegerField(null=True)  # words published later are unchecked again

    def __str__(self) -> str:
        return str(self.page)


class OutsideTranslation(models.Model):
    """The stop switch and the cap of a translation service that costs money for each letter. One row; off at first."""

    on = models.BooleanField(default=False, help_text=_("Off: nothing is ever sent to the service."))
    monthly_cap = models.PositiveIntegerField(
        _("most letters a month"),
        default=0,
        help_text=_("When they are used up, the service is not asked again."),
    )
    month = models.CharField(max_length=7, blank=True, editable=False)  # "2026-11"
    used = models.PositiveIntegerField(default=0, editable=False)

    panels = [FieldPanel("on"), FieldPanel("monthly_cap")]

    class Meta:
        constraints = [
            models.CheckConstraint(name="outside_translation_one_row", condition=models.Q(pk=1)),
        ]

    def __str__(self) -> str:
        return str(_("Translation by an outside service"))


class OutsideLink(models.Model):
    """An address on another site that some page leads to, and what it answered when we last tried it."""

    address = models.URLField(max_length=500, unique=True)
    checked_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)  # in a row; none: it answered
    answer = models.CharField(max_length=40, blank=True)  # "404", "no such site", "no answer"

    class Meta:
        ordering = ["address"]

    def __str__(self) -> str:
        return self.address


def lines(text: str) -> list[str]:
    """One entry a line, without the empty ones."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def words_in(value: Any) -> list[str]:
    """Every piece of text inside a stream's stored value."""
    if isinstance(value, str):
        return [to_plain(value)] if " " in value or value.startswith("<") else []
    if isinstance(value, dict):
        return [words for key, part in value.items() if key not in {"id", "type"} for words in words_in(part)]
    if isinstance(value, list | tuple):
        return [words for part in value for words in words_in(part)]
    return []

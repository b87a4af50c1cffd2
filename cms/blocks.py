"""The pieces a page is built from. Packages above subclass `ContentBlocks` to add their own; nobody gets raw HTML."""

from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock
from wagtail.snippets.blocks import SnippetChooserBlock

LIMITED = ["bold", "ul", "ol", "link"]
INLINE = ["bold", "link"]
QUOTING = _(
    "Quote facts, never type them: {amount:laptop} for an amount, {link:laptop} for a link to a handbook page, "
    "{phone:duty} for a phone number. All of them: menu Reports, “Amounts and numbers to quote”."
)

HERE = _("Of a page here, what stands after the name of the site: /offer/money/. Of another site, all of it.")


def check_address(value: str) -> None:
    """An address on this site (`/help/urgent/`) or a full https address; nothing else."""
    if not (value.startswith("https://") or (value.startswith("/") and not value.startswith("//"))):
        raise ValidationError(
            _("Start with / for a page here, or https:// for another site."), code="address"
        )


class AddressBlock(blocks.CharBlock):
    """Where a link leads. The same in every language: translators never see it."""

    def get_translatable_segments(self, value: str) -> list[Any]:
        """None: wagtail-localize asks."""
        return []


class PublishedPageBlock(blocks.PageChooserBlock):
    """A page, chosen. Drawing the page that chose it asks the database nothing: only which page it is is needed,
    and lists show its card. Whoever reads more of it asks then."""

    def bulk_to_python(self, values: list[int | None]) -> list[Any]:
        """As the block's own, without a question for pages that are published."""
        from cms.contents import contents  # it reads the models, whose fields are made of these blocks

        cards = contents().cards
        if not all(value is None or value in cards for value in values):
            found: list[Any] = super().bulk_to_python(values)
            return found
        return [None if value is None else self._by_id(value) for value in values]

    def _by_id(self, page_id: int) -> Any:
        parents = self.model_class._meta.get_parent_list()
        links = [self.model_class._meta.get_ancestor_link(parent).attname for parent in parents]
        names = ["id", *links]
        ordered = [
            column.attname for column in self.model_class._meta.concrete_fields if column.attname in names
        ]
        return self.model_class.from_db(None, ordered, [page_id] * len(ordered))

    def deconstruct(self) -> Any:
        """In migrations it is the block it replaces: what is stored is the same."""
        _path, args, kwargs = super().deconstruct()
        return "wagtail.blocks.PageChooserBlock", args, kwargs


class KeptPhoneBlock(SnippetChooserBlock):
    """A phone number, chosen. Read from memory, where all of them are."""

    def bulk_to_python(self, values: list[int | None]) -> list[Any]:
        """As the block's own, without a question for numbers that are known."""
        from cms.kept_once import kept_once  # it reads the models, whose fields are made of these blocks

        phones = kept_once().phones
        if not all(value is None or value in phones for value in values):
            found: list[Any] = super().bulk_to_python(values)
            return found
        return [None if value is None else copy(phones[value]) for value in values]

    def deconstruct(self) -> Any:
        """In migrations it is the block it replaces: what is stored is the same."""
        _path, args, kwargs = super().deconstruct()
        return "wagtail.snippets.blocks.SnippetChooserBlock", args, kwargs


class TextBlock(blocks.StructBlock):
    heading = blocks.CharBlock(
        required=False, max_length=120, help_text=_("A few plain words. Say what follows.")
    )
    body = blocks.RichTextBlock(features=LIMITED, help_text=QUOTING)

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "cms/blocks/text.html"
        description = _("A heading, short paragraphs and lists.")
        preview_value = {
            "heading": _("What a personal adviser is for"),
            "body": "<p>They help you plan and speak up for you.</p><ul><li>You can ask for a visit.</li></ul>",
        }


class StepsBlock(blocks.StructBlock):
    heading = blocks.CharBlock(
        max_length=120, help_text=_("What they can do when they are through: “How to claim”.")
    )
    items = blocks.ListBlock(
        blocks.RichTextBlock(features=INLINE, label=_("Step")),
        min_num=2,
        max_num=9,
        label=_("Steps"),
        help_text=_("One thing to do in each step."),
    )

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "cms/blocks/steps.html"
        description = _("Numbered steps: what to do, in order.")
        preview_value = {
            "heading": _("How to claim"),
            "items": ["<p>Ring us.</p>", "<p>Bring the letter.</p>"],
        }


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    body = blocks.RichTextBlock(features=LIMITED, help_text=QUOTING)
    tone = blocks.ChoiceBlock(
        choices=[
            ("calm", _("Calm: good to know")),
            ("go", _("Go: good news, you can act now")),
            ("wait", _("Wait: be careful, ask first")),
            ("stop", _("Stop: danger, act now")),
        ],
        default="calm",
        label=_("How serious it is"),
        help_text=_("Its colour, and a word read out to people who cannot see it."),
    )

    class Meta:
        icon = "warning"
        label = _("Callout")
        template = "cms/blocks/callout.html"
        description = _("One thing nobody should miss. Use few of them.")
        preview_value = {
            "title": _("Before you sign"),
            "body": "<p>Ask someone to read it with you.</p>",
            "tone": "wait",
        }


class QuestionBlock(blocks.StructBlock):
    question = blocks.CharBlock(
        max_length=160, help_text=_("In the reader's own words: “What if I am told no?”")
    )
    answer = blocks.RichTextBlock(features=LIMITED, help_text=QUOTING)

    class Meta:
        icon = "help"
        label = _("Question and answer")
        template = "cms/blocks/question.html"
        description = _("A question a reader really asks, and a short answer.")
        preview_value = {
            "question": _("Can I come back?"),
            "answer": "<p>Yes. You do not have to say why.</p>",
        }


class PhoneBlock(blocks.StructBlock):
    phone = KeptPhoneBlock(
        "cms.Phone", label=_("Number"), help_text=_("The number itself is kept once, under Phone numbers.")
    )
    words = blocks.CharBlock(required=False, max_length=160, help_text=_("When to ring, in one line."))

    class Meta:
        icon = "mobile-alt"
        label = _("Phone number")
        template = "cms/blocks/phone.html"
        description = _("A number to press, with its opening hours.")

    def get_preview_value(self) -> Any:
        """A number that is on every page for trouble."""
        from cms.kept_once import kept_once  # it reads the models, whose fields are made of these blocks

        phone = next(iter(kept_once().phones.values()), None)
        return self.to_python({"phone": phone and phone.pk, "words": str(_("When somebody is in danger"))})


class PictureBlock(blocks.StructBlock):
    image = ImageChooserBlock()
    alt = blocks.CharBlock(
        max_length=200, label=_("What the picture shows"), help_text=_("For people who cannot see it.")
    )
    caption = blocks.CharBlock(required=False, max_length=200)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "cms/blocks/picture.html"
        description = _("A picture. Say what it shows: without that it cannot be saved.")
        preview_template = "cms/blocks/picture_preview.html"


class LinkBlock(blocks.StructBlock):
    words = blocks.CharBlock(
        required=False, max_length=120, help_text=_("Left empty, the page's own title is used.")
    )
    page = PublishedPageBlock(
        required=False, help_text=_("A page of this site. Its address may change: the link follows.")
    )
    address = AddressBlock(
        required=False,
        max_length=400,
        validators=[check_address],
        help_text=_("Only for another site, beginning with https://. Leave it empty when you chose a page."),
    )

    class Meta:
        icon = "link"
        label = _("Link")
        template = "cms/blocks/link.html"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned["page"] and not cleaned["address"]:
            raise blocks.StructBlockValidationError(
                {"address": ValidationError(_("Choose a page or give an address."))}
            )
        if cleaned["address"] and not cleaned["page"] and not cleaned["words"]:
            raise blocks.StructBlockValidationError({"words": ValidationError(_("Say where the link goes."))})
        return cleaned


class LinksBlock(blocks.StructBlock):
    heading = blocks.CharBlock(max_length=120)
    links = blocks.ListBlock(LinkBlock(), min_num=1)

    class Meta:
        icon = "link"
        label = _("Links")
        template = "cms/blocks/links.html"
        description = _("Pages here or elsewhere, each with its one line.")
        preview_value = {
            "heading": _("Other people who help"),
            "links": [
                {"words": _("Somewhere safe to go"), "page": None, "address": "/help/urgent/"},
                {"words": _("Tell us what is wrong"), "page": None, "address": "/help/complain/"},
            ],
        }


class SourceBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=300, help_text=_("Who says so: the law, the paper, the page."))
    url = blocks.URLBlock(required=False, label=_("Web address"))
    date = blocks.CharBlock(
        required=False, max_length=40, help_text=_("The date on the source, or “undated”.")
    )
    confidence = blocks.ChoiceBlock(
        choices=[
            ("lewisham", _("From the council itself")),
            ("national", _("National or London-wide")),
            ("example_from_other_council", _("Example from another council")),
        ],
        default="lewisham",
    )

    class Meta:
        icon = "doc-full"
        label = _("Source")


class ContentBlocks(blocks.StreamBlock):
    """What any page may hold. Each piece knows how to draw itself with the house's own components."""

    text = TextBlock()
    steps = StepsBlock()
    callout = CalloutBlock()
    question = QuestionBlock()
    phone = PhoneBlock()
    picture = PictureBlock()
    links = LinksBlock()


class SourceBlocks(blocks.StreamBlock):
    source = SourceBlock()


class TaskBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=60)
    one_line = blocks.CharBlock(max_length=120)
    address = AddressBlock(max_length=200, validators=[check_address], help_text=HERE)

    class Meta:
        icon = "tick"
        label = _("Task")


class TaskBlocks(blocks.StreamBlock):
    task = TaskBlock()


class ChipBlock(blocks.StructBlock):
    words = blocks.CharBlock(max_length=40, help_text=_("What the link says, in a few words."))
    address = AddressBlock(max_length=200, validators=[check_address], help_text=HERE)

    class Meta:
        icon = "tag"
        label = _("Link")


class ChipBlocks(blocks.StreamBlock):
    chip = ChipBlock()


class SaidDidBlock(blocks.StructBlock):
    said = blocks.TextBlock(label=_("You said"))
    did = blocks.TextBlock(label=_("We did"))
    on = blocks.DateBlock(label=_("Done on"))

    class Meta:
        icon = "openquote"
        label = _("You said, we did")


class SaidDidBlocks(blocks.StreamBlock):
    pair = SaidDidBlock()

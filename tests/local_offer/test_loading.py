"""What `load_offer` makes, and what it leaves alone when it runs again."""

from django.contrib.auth.models import Permission
from wagtail.models import GroupPagePermission, Locale, Page, Site

from cms.groups import BUDGET_HOLDERS, EDITORS, PUBLISHERS
from cms.loading import Loader
from cms.models import GlossaryTerm, HomePage, LoadedContent, Phone, SynonymGroup
from local_offer.loading import SECTIONS, load_everything
from local_offer.models import OfferPage, SectionPage, ServicePage


def test_the_whole_offer_is_there(library):
    english = {"locale__language_code": "en"}
    sections = SectionPage.objects.live().filter(**english).order_by("path")
    assert tuple(sections.values_list("slug", flat=True)) == SECTIONS
    assert OfferPage.objects.live().filter(**english).count() == 32
    assert ServicePage.objects.live().count() == 34
    assert Phone.objects.count() >= 14
    assert GlossaryTerm.objects.exists()
    assert SynonymGroup.objects.exists()
    assert Site.objects.get(is_default_site=True).root_page.specific == HomePage.objects.get(**english)
    assert set(Locale.objects.values_list("language_code", flat=True)) == {"en", "ar", "ps", "vi"}


def test_every_page_says_what_it_is_where_it_comes_from_and_when_to_look_again(library):
    for page in [*OfferPage.objects.all(), *ServicePage.objects.all()]:
        assert page.one_line, page
        assert page.sources, page
        assert page.review_by, page
        assert page.search_words, page


def test_loading_again_changes_nothing(library):
    before = Page.objects.count(), LoadedContent.objects.count()
    loader = Loader()

    load_everything(loader)

    assert (Page.objects.count(), LoadedContent.objects.count()) == before
    assert (loader.report.made, loader.report.renewed, loader.report.left) == (0, 0, [])


def test_an_editors_change_survives_and_new_facts_are_reported(library):
    page = ServicePage.objects.get(slug="insight")
    page.title = "Insight, as we call it now"
    page.save_revision().publish()
    LoadedContent.objects.filter(key=f"page:{page.url_path}".rstrip("/")).update(digest="older facts")
    loader = Loader()

    load_everything(loader)

    assert ServicePage.objects.get(slug="insight").title == "Insight, as we call it now"
    assert [words for words in loader.report.left if "insight" in words]


def test_changed_facts_renew_what_nobody_touched(library):
    page = ServicePage.objects.get(slug="insight")
    LoadedContent.objects.filter(key=f"page:{page.url_path}".rstrip("/")).update(digest="older facts")
    loader = Loader()

    load_everything(loader)

    assert (loader.report.renewed, loader.report.left) == (1, [])


def test_a_number_an_editor_corrected_stays_corrected(library):
    Phone.objects.filter(key="duty").update(number="020 0000 0000", confirmed=True)
    LoadedContent.objects.filter(key="phone:duty").update(digest="older facts")
    loader = Loader()

    load_everything(loader)

    assert Phone.objects.get(key="duty").number == "020 0000 0000"
    assert loader.report.left == ["phone duty: an editor changed or removed it; the file says something new"]


def test_editors_cannot_publish_and_nobody_in_the_page_editor_may_see_people(library):
    def pages(group):
        return set(
            GroupPagePermission.objects.filter(group__name=group).values_list(
                "permission__codename", flat=True
            )
        )

    assert "publish_page" not in pages(EDITORS)
    assert "publish_page" in pages(PUBLISHERS)
    assert pages(BUDGET_HOLDERS) == {"change_page"}
    held = Permission.objects.filter(group__name__in=[EDITORS, PUBLISHERS, BUDGET_HOLDERS])
    assert set(held.values_list("content_type__app_label", flat=True)) <= {
        "cms",
        "wagtailadmin",
        "entitlements",
        "wagtail_localize",
    }
    assert {home.get_workflow().name for home in HomePage.objects.all()} == {"a publisher"}

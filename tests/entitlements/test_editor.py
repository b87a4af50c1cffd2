"""What an editor builds from the page editor alone, and who may confirm an amount."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models.signals import post_save
from django.urls import reverse
from wagtail.models import Locale, TaskState
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms.groups import BUDGET_HOLDERS, EDITORS, PUBLISHERS, ensure_groups
from entitlements.agreement import needs_agreement, seal
from entitlements.facts import CareLeaverStatus, Facts, Known, StatusPeriod
from entitlements.for_person import assess_all
from entitlements.models import Entitlement
from entitlements.pages import EntitlementPage
from entitlements.rules import from_data
from tests.entitlements.conftest import page_of, publish
from tests.factories import UserFactory, YoungPersonFactory


@pytest.fixture
def editor(handbook):
    return _member(EDITORS)


@pytest.fixture
def publisher(handbook):
    return _member(PUBLISHERS)


@pytest.fixture
def budget_holder(publisher):
    return _member(BUDGET_HOLDERS)


def _member(*names: str):
    user = UserFactory()
    user.groups.add(*Group.objects.filter(name__in=names))
    return user


def fields(page: EntitlementPage | None = None, **changes) -> dict:
    """What the editor's form posts, from a page or from nothing, with changes."""
    form = EntitlementPage.get_edit_handler().get_form_class()
    data = {}
    for name, field in form.base_fields.items():
        value = field.prepare_value(getattr(page, name, None)) if page else None
        data[name] = "" if value is None or value is False else value
    streams = ("rule", "rates", "approver_bands", "check_questions", "also_see", "sources")
    data |= {name: streamfield([]) for name in streams}
    data |= {"comments-TOTAL_FORMS": 0, "comments-INITIAL_FORMS": 0, "comments-MIN_NUM_FORMS": 0}
    return nested_form_data(data | {"comments-MAX_NUM_FORMS": 0, "next": ""} | changes)


CONFIRMED = {
    "confirmed_on": "2026-11-20",
    "decision_reference": "CYP 12/26",
    "call_in_passed_on": "2026-11-19",
}
VOLUNTEERING = {
    "title": "Money while you help others",
    "slug": "helping-others",
    "one_line": "Money each week while you volunteer.",
    "section": "education-and-work",
    "amount_type": "FIXED",
    "amount": "25.00",
    "per": "WEEK",
    "at_most_weeks": "12",
    "affects_benefits": "ASK",
    "status": "IN_FORCE",
    "duty": "MAY",
    "kind": "DISCRETIONARY",
    "how_to_get": "REQUEST_ONLINE",
    "approver_level": "TEAM_MANAGER",
    "decision_days": "5",
    "confidence": "LEWISHAM",
    "rule": streamfield(
        [
            ("age", {"from_age": "18", "until_age": "21"}),
            ("circumstances", {"kind": "ALL", "keys": "volunteering_5_hours_or_more"}),
        ]
    ),
}


def act(client, user, page: EntitlementPage, action: str, **data: str):
    """One step of moderation, as the buttons of the editor take it."""
    client.force_login(user)
    state = page.current_workflow_task_state
    address = reverse("wagtailadmin_pages:workflow_action", args=(page.pk, action, state.pk))
    return client.post(address, data, headers={"x-requested-with": "XMLHttpRequest"})


def test_25_pounds_a_week_while_you_volunteer_is_built_without_help_and_reaches_who_fits(
    handbook, client, editor, publisher, budget_holder, now
):
    client.force_login(editor)
    address = reverse("wagtailadmin_pages:add", args=("entitlements", "entitlementpage", handbook.pk))

    answer = client.post(address, fields(**VOLUNTEERING, **{"action-submit": "1"}))
    assert answer.status_code == 302, answer.context["form"].errors
    page = EntitlementPage.objects.get(slug="helping-others")
    act(client, publisher, page, "approve", comment="")
    act(client, budget_holder, page, "approve", comment="", **CONFIRMED)

    version = Entitlement.objects.get(code="helping-others").current
    rule = from_data(version.rule)
    assert (version.amount_pence, version.cap_pence, version.cap_period) == (2_500, 30_000, "ONCE")
    assert (version.decision_reference, version.confirmed_by) == ("CYP 12/26", budget_holder)
    assert (rule.rates[0].at_most_weeks, rule.rates[0].approver) == (12, "TEAM_MANAGER")

    fits = Facts(
        born_on=now.date().replace(year=now.year - 19),
        statuses=(StatusPeriod(CareLeaverStatus.FORMER_RELEVANT),),
        circumstances={"volunteering_5_hours_or_more": Known(True)},
    )
    groups = assess_all(fits, now.date())
    assert "helping-others" in {found.code for found in groups.now}


def test_an_empty_form_with_a_title_is_kept_as_a_draft_at_once(handbook, client, editor):
    client.force_login(editor)
    address = reverse("wagtailadmin_pages:add", args=("entitlements", "entitlementpage", handbook.pk))

    answer = client.post(address, fields(EntitlementPage(title="New thing", slug="new-thing")))

    assert answer.status_code == 302, answer.context["form"].errors


def changed(page: EntitlementPage, **changes: object) -> EntitlementPage:
    draft = page.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    return draft


@pytest.mark.parametrize("code", ["setting-up-home-allowance", "birthday-gift"])
def test_a_sum_that_the_council_stands_behind_waits_for_the_budget_holder(handbook, publisher, code):
    """National and Lewisham figures too; and an example that would stop being called one."""
    page = changed(page_of(code), amount=Decimal("4000.00"), confidence="LEWISHAM")
    revision = page.save_revision(user=publisher)

    with pytest.raises(ValidationError) as refusal:
        revision.publish(user=publisher)

    assert refusal.value.code == "amount_not_agreed"
    assert Entitlement.objects.get(code=code).current.amount_pence != 400_000


def test_a_publisher_who_presses_publish_is_told_what_to_do_and_loses_nothing(handbook, client, publisher):
    client.force_login(publisher)
    address = reverse("wagtailadmin_pages:add", args=("entitlements", "entitlementpage", handbook.pk))

    answer = client.post(address, fields(**VOLUNTEERING, **{"action-publish": "1"}))

    assert "the budget holder agrees the amount" in answer.content.decode()
    assert answer.context["form"]["title"].value() == "Money while you help others"


def test_words_and_examples_need_no_budget_holder(handbook, publisher):
    for code, changes in (("setting-up-home-allowance", {"one_line": "For your first home."}),
                          ("birthday-gift", {"amount": Decimal("45.00")})):  # fmt: skip
        revision = changed(page_of(code), **changes).save_revision(user=publisher)
        revision.publish(user=publisher)

    assert Entitlement.objects.get(code="birthday-gift").current.amount_pence == 4_500


def test_moderation_of_words_ends_with_the_publisher_alone(handbook, client, editor, publisher):
    page = page_of("birthday-gift")
    draft = changed(page, one_line="A present on your birthday.")
    draft.save_revision(user=editor)
    page.get_workflow().start(page, editor)

    act(client, publisher, page, "approve", comment="")

    assert Entitlement.objects.get(code="birthday-gift").current.one_line == "A present on your birthday."


def test_one_decision_may_be_given_for_two_changes_one_after_the_other(
    handbook, client, editor, publisher, budget_holder
):
    page = page_of("setting-up-home-allowance")
    for pounds in ("3500.00", "3600.00"):
        changed(page, amount=Decimal(pounds)).save_revision(user=editor)
        page.get_workflow().start(page, editor)
        act(client, publisher, page, "approve", comment="")
        assert act(client, budget_holder, page, "approve", comment="", **CONFIRMED).status_code == 200

    assert Entitlement.objects.get(code="setting-up-home-allowance").current.amount_pence == 360_000


def test_an_agreement_is_for_the_sum_it_was_given_for(handbook, editor, budget_holder):
    page = changed(
        page_of("setting-up-home-allowance"), amount=Decimal("3500.00"), confirmed_by=budget_holder
    )
    for name, value in CONFIRMED.items():
        setattr(page, name, value)
    seal(page)
    assert not needs_agreement(page)

    page.amount = Decimal("3500.01")

    assert needs_agreement(page)


def test_what_is_published_is_the_draft_that_was_agreed_whatever_is_kept_meanwhile(
    handbook, client, editor, publisher, budget_holder
):
    """The editor on somebody's screen keeps a draft by itself, even between the agreement and the publishing."""
    page = page_of("setting-up-home-allowance")
    changed(page, amount=Decimal("3500.00")).save_revision(user=editor)
    page.get_workflow().start(page, editor)
    act(client, publisher, page, "approve", comment="")

    def keep_another(instance: TaskState, **kwargs: object) -> None:
        if instance.status == TaskState.STATUS_APPROVED:
            changed(page, one_line="Not for readers yet.").save_revision(user=editor)

    post_save.connect(keep_another, sender=TaskState)
    try:
        act(client, budget_holder, page, "approve", comment="", **CONFIRMED)
    finally:
        post_save.disconnect(keep_another, sender=TaskState)

    version = Entitlement.objects.get(code="setting-up-home-allowance").current
    assert (version.amount_pence, version.confirmed_by) == (350_000, budget_holder)
    assert version.one_line != "Not for readers yet."
    assert (
        page_of("setting-up-home-allowance").get_latest_revision_as_object().one_line
        == "Not for readers yet."
    )


def test_many_pages_published_at_once_are_refused_in_words_when_one_holds_an_unagreed_sum(
    handbook, client, publisher
):
    draft = changed(page_of("setting-up-home-allowance"), amount=Decimal("3500.00"))
    draft.save_revision(user=publisher)
    words = changed(page_of("birthday-gift"), one_line="A present on your birthday.")
    words.save_revision(user=publisher)
    address = reverse("wagtail_bulk_action", args=("wagtailcore", "page", "publish"))
    both = f"{address}?id={draft.pk}&id={words.pk}&next=/cms/pages/{handbook.pk}/"
    client.force_login(publisher)

    answer = client.post(both, {"include_descendants": ""}, follow=True)

    assert answer.status_code == 200
    said = " ".join(str(message) for message in answer.context["messages"])
    assert "Nothing was published" in said
    assert draft.title in said
    assert Entitlement.objects.get(code="setting-up-home-allowance").current.amount_pence != 350_000
    assert Entitlement.objects.get(code="birthday-gift").current.one_line != "A present on your birthday."


def test_nobody_publishes_a_sum_in_another_language_that_english_does_not_promise(
    handbook, client, publisher
):
    code = "setting-up-home-allowance"
    arabic = page_of(code).copy_for_translation(Locale.objects.get(language_code="ar"), copy_parents=True)
    alone = EntitlementPage(
        title="مال", slug="alone", section="money", amount=500, per="ONCE", locale=arabic.locale
    )
    arabic.get_parent().add_child(instance=alone)
    ensure_groups(handbook.get_parent())  # the rights reach each language's own tree
    client.force_login(publisher)

    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=(alone.pk,)), fields(alone, **{"action-publish": "1"})
    )
    with pytest.raises(ValidationError) as refusal:
        alone.save_revision(user=publisher).publish(user=publisher)

    assert "Publish the English page first" in answer.text
    assert refusal.value.code == "no_english"


def test_a_copy_is_a_draft_nobody_agreed_and_never_goes_live_by_itself(handbook, client, publisher):
    page = page_of("setting-up-home-allowance")
    client.force_login(publisher)
    given = {"new_title": "A copy", "new_slug": "a-copy", "new_parent_page": handbook.pk}

    client.post(
        reverse("wagtailadmin_pages:copy", args=(page.pk,)), given | {"publish_copies": "on", "alias": "on"}
    )

    copy = EntitlementPage.objects.get(slug="a-copy")
    assert not copy.live
    assert copy.alias_of is None
    assert not Entitlement.objects.filter(code="a-copy").exists()


def test_a_decision_without_its_reference_agrees_nothing(handbook, client, editor, publisher, budget_holder):
    page = page_of("setting-up-home-allowance")
    changed(page, amount=Decimal("3500.00")).save_revision(user=editor)
    page.get_workflow().start(page, editor)
    act(client, publisher, page, "approve", comment="")

    answer = act(client, budget_holder, page, "approve", **(CONFIRMED | {"decision_reference": ""}))

    assert "This field is required" in answer.content.decode()
    assert page.current_workflow_task_state is not None


def test_neither_editor_nor_publisher_takes_the_budget_holders_step(handbook, client, editor, publisher):
    page = page_of("setting-up-home-allowance")
    changed(page, amount=Decimal("3500.00")).save_revision(user=editor)
    page.get_workflow().start(page, editor)
    act(client, publisher, page, "approve", comment="")

    for user in (editor, publisher):
        act(client, user, page, "approve", comment="", **CONFIRMED)

    assert Entitlement.objects.get(code="setting-up-home-allowance").current.amount_pence != 350_000


def test_the_rule_is_read_back_in_the_editor_as_saved_and_as_typed(handbook, client, publisher):
    client.force_login(publisher)
    page = page_of("setting-up-home-allowance")

    editor = client.get(reverse("wagtailadmin_pages:edit", args=(page.pk,))).content.decode()
    typed = client.post(reverse("read_back"), fields(**VOLUNTEERING)).content.decode()

    assert (
        "Anyone 16 to 24 who is eligible, relevant or former relevant and is moving into a first tenancy."
        in editor
    )
    assert "Anyone 18 to 20 who volunteers" in typed
    assert "£25 a week, for at most 12 weeks. Decided by the team manager." in typed


def test_a_rule_half_built_is_no_error(handbook, client, publisher):
    client.force_login(publisher)
    half = fields(
        **(
            VOLUNTEERING
            | {"rule": streamfield([("age", {"from_age": "", "until_age": "x"}), ("status", {})])}
        )
    )

    assert client.post(reverse("read_back"), half).status_code == 200


def test_nobody_reads_a_rule_back_without_a_right_to_edit(handbook, client):
    client.force_login(UserFactory())
    assert client.post(reverse("read_back"), {}).status_code in (302, 403)


def form_of(page: EntitlementPage, user, **changes):
    draft = page.get_latest_revision_as_object()
    kept = {"rule": streamfield([("age", {"from_age": "16", "until_age": "22"})])}
    form = EntitlementPage.get_edit_handler().get_form_class()
    return form(
        fields(draft, **kept, **changes), instance=draft, for_user=user, parent_page=page.get_parent()
    )


def test_the_budget_holder_confirms_an_amount_and_who_and_when_are_kept(handbook, budget_holder):
    form = form_of(page_of("birthday-gift"), budget_holder, **CONFIRMED)
    assert form.is_valid(), form.errors

    page = form.save(commit=False)
    page.save_revision().publish()

    version = Entitlement.objects.get(code="birthday-gift").current
    assert version.is_confirmed
    assert version.confirmed_by == budget_holder
    assert version.decision_reference == "CYP 12/26"


def test_a_publisher_is_not_even_shown_the_confirmation_and_cannot_post_it(handbook, publisher):
    form = form_of(page_of("birthday-gift"), publisher, **CONFIRMED)

    assert "confirmed_on" not in form.fields
    assert form.is_valid(), form.errors
    assert form.save(commit=False).confirmed_on is None


def test_a_confirmation_names_the_day_the_decision_and_the_call_in(handbook, budget_holder):
    form = form_of(page_of("birthday-gift"), budget_holder, **(CONFIRMED | {"decision_reference": ""}))

    assert not form.is_valid()


def test_a_confirmed_amount_that_somebody_else_changes_is_an_example_again(
    handbook, publisher, budget_holder, now
):
    publish(
        page_of("birthday-gift"),
        confirmed_on=now.date(),
        confirmed_by=budget_holder,
        decision_reference="CYP 12/26",
        call_in_passed_on=now.date(),
    )

    form = form_of(page_of("birthday-gift"), publisher, amount="99.00")
    assert form.is_valid(), form.errors
    page = form.save(commit=False)

    assert (page.confirmed_on, page.confirmed_by, page.decision_reference) == (None, None, "")


def test_the_code_never_changes(handbook, publisher):
    form = form_of(page_of("laptop"), publisher, slug="computer")
    assert "slug" in form.errors


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"how_much": "It is {amout}."}, "how_much"),
        ({"how_much": "It is {amount."}, "how_much"),
        ({"how_much": "See {link:no-such-thing}."}, "__all__"),
        ({"what_next": "Within {days} days.", "decision_days": ""}, "decision_days"),
        ({"what_next": "By {decider}.", "approver_level": ""}, "approver_level"),
        ({"amount": "35.00", "per": ""}, "per"),
        ({"amount": "35.005"}, "amount"),
        ({"amount_type": "FIXED", "amount": ""}, "amount"),
        ({"in_force_from": "2027-01-02", "in_force_until": "2027-01-01"}, "in_force_until"),
    ],
)
def test_a_slip_is_told_to_the_editor_and_never_to_a_reader(handbook, publisher, changes, field):
    form = form_of(page_of("birthday-gift"), publisher, **changes)

    assert field in form.errors


def test_the_impact_of_a_draft_is_shown_before_publishing(handbook, client, publisher):
    YoungPersonFactory.create_batch(6)
    client.force_login(publisher)
    answer = client.get(reverse("impact", args=(page_of("laptop").pk,)))

    assert answer.status_code == 200
    assert "<td>0</td><td>0</td><td>6</td>" in answer.content.decode()

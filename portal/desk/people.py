"""The caseload: who somebody looks after today, and what is waiting for each."""

from datetime import date

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min, Q, QuerySet

from portal.accounts.models import User
from portal.payments import rules
from portal.people.models import YoungPerson

PAGE = 50


def caseload(user: User, *, on: date, words: str = "", mine: bool = False) -> QuerySet[YoungPerson]:
    """The young people somebody may see today, with how many requests wait and the soonest promise.

    `words` looks in the names; `mine` keeps only those allocated to them.
    """
    people = YoungPerson.objects.visible_to(user, on=on).with_advisers().exclude(user=user)
    if mine:
        people = people.filter(allocations__worker=user, allocations__ends_on=None)
    for word in words.split()[:4]:
        people = people.filter(
            Q(given_name__icontains=word) | Q(family_name__icontains=word) | Q(known_as__icontains=word)
        )
    waiting = Q(payment_requests__status__in=rules.OPEN)
    return people.annotate(
        waiting=Count("payment_requests", filter=waiting, distinct=True),
        soonest=Min("payment_requests__decide_by", filter=waiting),
    ).order_by("soonest", "given_name", "pk")


def page_of(people: QuerySet[YoungPerson], number: str | None) -> Page:
    """One page of the list; a page that does not exist gives the nearest."""
    return Paginator(people, PAGE).get_page(number)

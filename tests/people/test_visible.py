import pytest
from django.contrib.auth.models import AnonymousUser

from portal.people.models import YoungPerson


@pytest.mark.django_db
def test_nobody_is_seen_by_somebody_who_is_not_signed_in(now):
    YoungPerson.objects.create(person_id="1", given_name="A", family_name="B")

    assert not YoungPerson.objects.visible_to(AnonymousUser(), on=now.date()).exists()

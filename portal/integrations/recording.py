"""The recording twin of a message provider: the demo's on-screen outbox, and the tests' proof. Refused in
production."""

from django.apps import apps
from django.db.models import Model, QuerySet

from portal import clock
from portal.integrations.messages import NoAnswer
from portal.refs import new_token


class Recording:
    """Writes each message down instead of sending it.

    It is as forgetful of repeats as a real provider: the same reference twice is two messages, so a double
    is seen.
    `hang_up_on(reference)` may be set by a test: true means that the message is taken and the answer never
    comes.
    """

    @staticmethod
    def hang_up_on(reference: str) -> bool:
        return False

    def send(self, reference: str, channel: str, destination: str, body: str) -> str:
        provider_id = new_token()
        self._messages().create(
            reference=reference,
            channel=channel,
            destination=destination,
            body=body,
            provider_id=provider_id,
            at=clock.now(),
        )
        if self.hang_up_on(reference):
            raise NoAnswer("the line went dead after the message was taken")
        return provider_id

    def find(self, reference: str) -> str | None:
        return self._messages().filter(reference=reference).values_list("provider_id", flat=True).first()

    @staticmethod
    def _messages() -> "QuerySet[Model]":
        # By name: the table stands in a room above this one, which may not be imported from here.
        return apps.get_model("notifications", "RecordedMessage")._default_manager.all()

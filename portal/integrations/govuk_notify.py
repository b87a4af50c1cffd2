"""GOV.UK Notify: text messages and emails. One template for each channel, holding nothing but ((body)).

The email template's subject and sender are set in Notify and must be harmless too ("A message for you").
"""

import threading

from django.conf import settings
from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from portal.integrations.messages import NoAnswer, Refused

TIME_LIMIT = 10  # seconds; far below the lease of a message
TOO_MANY = 429
OURS_TO_MEND = {401, 403}  # a key or a template: the message itself is well


class GovukNotify:
    """The library's client is not safe between threads, so each thread has its own."""

    def __init__(self) -> None:
        self._own = threading.local()

    def send(self, reference: str, channel: str, destination: str, body: str) -> str:
        try:
            if channel == "SMS":
                answer = self._client().send_sms_notification(
                    destination,
                    settings.NOTIFY_SMS_TEMPLATE,
                    personalisation={"body": body},
                    reference=reference,
                )
            else:
                answer = self._client().send_email_notification(
                    destination,
                    settings.NOTIFY_EMAIL_TEMPLATE,
                    personalisation={"body": body},
                    reference=reference,
                )
        except APIError as failure:
            raise self._meaning(failure) from None
        return str(answer["id"])

    def find(self, reference: str) -> str | None:
        try:
            answer = self._client().get_all_notifications(reference=reference)
        except APIError as failure:
            raise NoAnswer(str(failure.status_code)) from None
        return next((str(found["id"]) for found in answer["notifications"]), None)

    @staticmethod
    def _meaning(failure: APIError) -> Exception:
        """Only a clear no to this very message is final; everything else is asked about again later."""
        status = failure.status_code
        if 400 <= status < 500 and status != TOO_MANY and status not in OURS_TO_MEND:
            return Refused(str(status))
        return NoAnswer(str(status))

    def _client(self) -> NotificationsAPIClient:
        if not hasattr(self._own, "client"):
            self._own.client = NotificationsAPIClient(
                settings.NOTIFY_API_KEY, base_url=settings.NOTIFY_BASE_URL, timeout=TIME_LIMIT
            )
        client: NotificationsAPIClient = self._own.client
        return client

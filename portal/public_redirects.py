"""An editor's redirects: looked for only where an editor could have published a page."""

from django.http import HttpRequest, HttpResponse
from wagtail.contrib.redirects.middleware import RedirectMiddleware

from portal.headers import PRIVATE_PATHS


class PublicRedirectMiddleware(RedirectMiddleware):
    """What is not found among people's own pages and the desk's was never a published page: nothing is asked for it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The answer as it is, or for a published page that moved the way to its new place."""
        if request.path.startswith(PRIVATE_PATHS):
            return response
        return super().process_response(request, response)

"""Every address, in one place. The map itself is a contract: see docs/glossary.md."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern

from cms.serving import serve
from portal.accounts.views import cms_login
from portal.accounts.views import logout as sign_out

handler400 = "cms.error_views.bad_request"
handler403 = "cms.error_views.forbidden"
handler404 = "cms.error_views.not_found"
handler500 = "cms.error_views.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("portal.ops.urls")),
    path("account/", include("portal.accounts.urls")),
    path("account/", include("portal.accounts.staff_urls")),
    path("", include("portal.people.urls")),
    path("me/settings/details/", include("portal.finance.bank_urls")),
    path("me/", include("portal.me.urls")),
    path("desk/finance/", include("portal.finance.urls")),
    path("", include("portal.take_up.urls")),
    path("", include("portal.spot_help.urls")),
    path("", include("portal.complaints.urls")),
    path("", include("portal.coming_back.urls")),
    path("", include("portal.advocates.urls")),
    path("", include("portal.payments.urls")),
    path("", include("portal.case_notes.urls")),
    path("", include("portal.drop_ins.urls")),
    path("desk/", include("portal.desk.urls")),
    path("", include("entitlements.urls")),
    path("", include("local_offer.urls")),
    path("", include("cms.urls")),
    path("cms/login/", cms_login, name="cms_login"),
    path("cms/logout/", sign_out, name="cms_logout"),
    path("cms/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
]
if settings.DEMO:
    urlpatterns.insert(0, path("demo/", include("portal.ops.demo_urls")))

urlpatterns.append(re_path(serve_pattern, serve, name="wagtail_serve"))

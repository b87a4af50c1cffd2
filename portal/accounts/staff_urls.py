"""Addresses of staff sign-in: the only doors of django-allauth that exist here, under the names it knows them by.

There is no sign-up, no password reset by email, no email page: an address that is not in this list is a 404.
"""

from allauth.account import views as account_views
from allauth.mfa.base import views as mfa_views
from allauth.mfa.recovery_codes import views as recovery_views
from allauth.mfa.totp import views as totp_views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from portal.accounts import views
from portal.accounts.views import for_staff

second_factor: list[URLPattern | URLResolver] = [
    path("", for_staff(mfa_views.index), name="mfa_index"),
    path("authenticate/", views.second_factor, name="mfa_authenticate"),
    path("reauthenticate/", for_staff(views.confirm_second_factor), name="mfa_reauthenticate"),
    path("totp/activate/", for_staff(totp_views.activate_totp), name="mfa_activate_totp"),
    path("totp/deactivate/", for_staff(totp_views.deactivate_totp), name="mfa_deactivate_totp"),
    path("recovery-codes/", for_staff(recovery_views.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "recovery-codes/generate/",
        for_staff(recovery_views.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "recovery-codes/download/",
        for_staff(recovery_views.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("staff/", views.StaffSignIn.as_view(), name="account_login"),
    path("inactive/", login_not_required(account_views.account_inactive), name="account_inactive"),
    path("reauthenticate/", for_staff(account_views.reauthenticate), name="account_reauthenticate"),
    path("second-factor/", include(second_factor)),
]
if settings.SOCIALACCOUNT_PROVIDERS:
    from allauth.socialaccount import views as social_views

    urlpatterns += [
        path("directory/cancelled/", social_views.login_cancelled, name="socialaccount_login_cancelled"),
        path("directory/error/", social_views.login_error, name="socialaccount_login_error"),
        path("directory/", include("allauth.socialaccount.providers.openid_connect.urls")),
    ]

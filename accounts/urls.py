from allauth.account import views as account_views
from allauth.mfa.totp import views as totp_views
from csp.decorators import csp_update
from django.urls import include, path, re_path

from accounts import views

urlpatterns = [
    # /accounts/
    path("", views.account, name="account"),
    path("login/", account_views.login, name="account_login"),
    path("logout/", account_views.logout, name="account_logout"),
    path("reauthenticate/", account_views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account_views.password_change, name="account_change_password"),
    path("password/set/", account_views.password_set, name="account_set_password"),
    path("password/reset/", account_views.password_reset, name="account_reset_password"),
    path("password/reset/done/", account_views.password_reset_done, name="account_reset_password_done"),
    # The key has hyphens of its own, so the first one parts it from the person.
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    # The square code for the authenticator app is a data: image; no other page may show one.
    path(
        "2fa/totp/activate/",
        csp_update({"img-src": ["data:"]})(totp_views.activate_totp),
        name="mfa_activate_totp",
    ),
    path("2fa/", include("allauth.mfa.urls")),
    path("shortcuts/", views.shortcuts_toggle, name="shortcuts-toggle"),
]

"""allauth's forms in the portal's words: labels above, no placeholders, no second way to the same page."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base.forms import AuthenticateForm as MfaAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MfaReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms

CODE_HELP = "Six digits from the app, or a recovery code."


def plain(form: forms.BaseForm, **labels: str) -> None:
    """Name the fields, and take away what allauth writes into and under them."""
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        if name in labels:
            field.label = labels[name]
            field.error_messages["required"] = f"Give the {labels[name].lower()}."


class LoginForm(account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, login="E-mail address", password="Password")  # noqa: S106 (a label)
        self.fields["password"].help_text = ""
        if self.request is not None:
            self.initial.setdefault("login", self.request.GET.get("email", "")[:254])


class ResetPasswordForm(account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, email="E-mail address")


class ResetPasswordKeyForm(account_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, password1="New password", password2="New password again")  # noqa: S106


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, oldpassword="Current password", password1="New password", password2="New password again")  # noqa: S106


class SetPasswordForm(account_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, password1="New password", password2="New password again")  # noqa: S106


class ReauthenticateForm(account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, password="Password")  # noqa: S106


class SecondStepForm(MfaAuthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, code="Code")
        self.fields["code"].help_text = CODE_HELP


class SecondStepAgainForm(MfaReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, code="Code")
        self.fields["code"].help_text = CODE_HELP


class ActivateForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain(self, code="Code that the app shows now")

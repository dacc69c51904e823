"""What is open to everybody, accounts, and the home."""

from tests.permissions.rows import EVERYONE, ISSUED, SIGNED_IN, Row

ROWS = [
    # Public
    *(Row(name, EVERYONE) for name in ("about", "help", "contact", "accessibility", "privacy")),
    Row("health-live", EVERYONE),
    Row("health-ready", EVERYONE),
    Row("papers:edition-list", EVERYONE),
    Row("papers:edition-detail", EVERYONE, {**ISSUED, "number": "7"}),
    Row("papers:edition-pdf", EVERYONE, {**ISSUED, "number": "7"}),
    Row(
        "papers:edition-detail",
        "404 200 200 200 404 404 200 404 404 200",
        {**ISSUED, "number": "8"},
        note="exempt (Part 2)",
    ),
    Row(
        "papers:edition-pdf",
        "404 200 200 200 404 404 200 404 404 200",
        {**ISSUED, "number": "8"},
        note="exempt (Part 2)",
    ),
    # /accounts/
    Row("account", SIGNED_IN),
    Row("account_login", "200 302 302 302 302 302 302 302 302 302"),
    Row("account_logout", "302 200 200 200 200 200 200 200 200 200"),
    Row("account_logout", "302 302 302 302 302 302 302 302 302 302", method="post"),
    Row("account_reauthenticate", SIGNED_IN),
    Row("account_change_password", SIGNED_IN),
    Row("account_set_password", "302 302 302 302 302 302 302 302 302 302"),
    Row("account_reset_password", EVERYONE),
    Row("account_reset_password_done", EVERYONE),
    Row("account_reset_password_from_key", EVERYONE, {"uidb36": "1", "key": "x-y"}),
    Row("account_reset_password_from_key_done", EVERYONE),
    Row("mfa_index", SIGNED_IN),
    Row("mfa_authenticate", "302 302 302 302 302 302 302 302 302 302"),
    Row("mfa_reauthenticate", "302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302"),
    Row("mfa_activate_totp", "302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302 200|302"),
    *(
        Row(name, "302" + " 200|302|404" * 9)
        for name in (
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        )
    ),
    Row("shortcuts-toggle", "302 302 302 302 302 302 302 302 302 302", method="post"),
    Row("shortcuts-toggle", "302 405 405 405 405 405 405 405 405 405"),
    # /
    Row("home", "302 200 200 200 200 200 200 200 302 200"),
    Row("components", SIGNED_IN),
]

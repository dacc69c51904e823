import re

import pytest

from cdrp_portal.downloads import NAME_LIMIT, file_response, safe_filename

HOSTILE = [
    'a"b.pdf',
    "a\r\nSet-Cookie: x=1.pdf",
    "a\nb.pdf",
    "a\rb.pdf",
    "a\x00b.pdf",
    "../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "C:\\Windows\\system.ini",
    "....//....//x.csv",
    "matrix \U0001f600.xlsx",
    "Kensington & Chelsea’s – matrix.ods",
    "Ŵrecsam.csv",
    "矩阵.xlsx",
    "\u202egpj.exe",
    "a\u200bb.csv",
    "a;filename=evil.exe",
    "a; filename*=utf-8''evil.exe",
    "%0d%0aX: y.pdf",
    "a%22b.pdf",
    "CON",
    "nul.csv",
    "LPT1.txt",
    "com1.xlsx",
    ".htaccess",
    "...",
    "..",
    ".",
    "",
    "   ",
    "a.pdf.",
    "a.pdf ",
    "a" * 300 + ".xlsx",
    "é" * 300 + ".ods",
    "a\tb.csv",
    "a\x1b[31mb.csv",
    "a\x7fb.csv",
    "a|b>c<d?e*f:g.csv",
    "a\ud800b.csv",
    "a\u2028b\u2029c.csv",
]


def test_hostile_file_names_split_no_header():
    bad = []
    for name in HOSTILE:
        response = file_response(b"x", filename=name, content_type="text/csv")
        header = response["Content-Disposition"]
        well_formed = re.fullmatch(
            r"attachment; (filename=\"[ -~]+\"|filename\*=utf-8''[A-Za-z0-9._~%-]+)", header
        )
        safe = safe_filename(name)
        usable = (
            safe
            and len(safe.encode()) <= NAME_LIMIT
            and not re.search(r'[\x00-\x1f\x7f"\\/<>:|?*;%\u200b\u202e]', safe)
            and not safe.startswith(".")
            and safe.split(".")[0].lower() not in {"con", "nul", "lpt1", "com1"}
        )
        if not well_formed or not usable or set(response.headers) & {"Set-Cookie", "X"}:
            bad.append((name, header))

    print(f"file names: {len(bad)} bad / {len(HOSTILE)}")
    assert len(HOSTILE) >= 40
    assert bad == []


def test_ordinary_names_stay():
    assert safe_filename("health-check-matrix-2026-10-14.xlsx") == "health-check-matrix-2026-10-14.xlsx"
    assert safe_filename("Hammersmith and Fulham brief.pdf") == "Hammersmith and Fulham brief.pdf"
    assert safe_filename("Ŵrecsam.csv") == "Ŵrecsam.csv"
    assert safe_filename("a" * 300 + ".xlsx").endswith("a.xlsx")


def test_download_is_sandboxed_and_not_stored():
    response = file_response(b"abc", filename="a.csv", content_type="text/csv; charset=utf-8")

    assert response.content == b"abc"
    assert response["Content-Length"] == "3"
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_only_a_pdf_is_shown_inline():
    response = file_response(b"%PDF", filename="a.pdf", content_type="application/pdf", inline=True)

    assert response["Content-Disposition"] == 'inline; filename="a.pdf"'
    assert "sandbox" not in response["Content-Security-Policy"]
    with pytest.raises(ValueError, match="never shown inside"):
        file_response(b"<svg>", filename="a.svg", content_type="image/svg+xml", inline=True)

"""Boroughs and London."""

from tests.permissions.rows import NOT_LEAD, Row

ROWS = [
    # /boroughs/
    Row("london", NOT_LEAD),
    Row("london-export", NOT_LEAD, {"format": "csv"}),
    Row(
        "london-export",
        "302 404 404 404 404 404 404 403|404 404 404",
        {"format": "exe"},
        note="no such format",
    ),
    Row("boroughs:borough-detail", NOT_LEAD.replace("403", "403|404"), {"borough": "camden"}),
    Row("boroughs:borough-detail", "302 404 404 404 404 404 404 403|404 404 404", {"borough": "atlantis"}),
    Row("boroughs:visit-create", "302 200 403 403 200 403 200 403|404 403 403", {"borough": "camden"}),
    Row(
        "boroughs:visit-create",
        "302 302 403 403 302 403 302 403|404 403 403",
        {"borough": "camden"},
        "post",
        {"visited_on": "2026-01-05", "note": "Met the manager"},
    ),
    Row("boroughs:link-create", "302 403 403 403 403 403 200 403|404 403 403", {"borough": "camden"}),
    Row(
        "boroughs:link-end",
        "302 403 403 403 403 403 200 403|404 403 403",
        {"borough": "camden", "pk": "link"},
    ),
    Row(
        "borough-brief",
        "302 200|202 200|202 200|202 200|202 200|202 200|202 403|404 200|202 200|202",
        {"borough": "camden"},
    ),
]

"""Recommendations, plans, actions."""

from tests.permissions.rows import NOT_LEAD, SIGNED_IN, Row

ROWS = [
    # /recommendations/
    Row("recommendations:recommendation-list", SIGNED_IN),
    Row("recommendations:recommendation-export", SIGNED_IN, {"format": "csv"}),
    Row(
        "recommendations:recommendation-detail", SIGNED_IN, {"number": 15}, note="with an action of the unit"
    ),
    Row(
        "recommendations:recommendation-detail",
        SIGNED_IN.replace("302 200 200 200 200 200 200 200", "302 200 200 200 200 200 200 404"),
        {"number": 16},
        note="without an action of the unit",
    ),
    Row("recommendations:plan-export", SIGNED_IN, {"number": 15, "format": "csv"}),
    Row(
        "recommendations:plan-detail",
        "302 200 200 200 200 200 200 404 200 200",
        {"slug": "mps"},
    ),
    Row("recommendations:cycle-plan", NOT_LEAD, {"cycle": "cycle"}),
    Row("recommendations:cycle-plan-export", NOT_LEAD, {"cycle": "cycle", "format": "csv"}),
    Row("recommendations:cycle-plan-build", "302 403 403 403 403 403 200 403 403 403", {"cycle": "cycle"}),
    Row("recommendations:answer-create", "302 200 404 403 403 404 200 404 404 403", {"rating": "rating"}),
    Row(
        "recommendations:answer-create",
        "302 422 404 403 403 404 422 404 404 403",
        {"rating": "rating"},
        "post",
        note="not red or amber",
    ),
    Row("recommendations:action-detail", SIGNED_IN, {"pk": "action"}, note="of the unit, in Camden"),
    Row(
        "recommendations:action-detail",
        "302 200 200 200 200 200 200 404 200 200",
        {"pk": "other_action"},
        note="of another unit",
    ),
    Row(
        "recommendations:position-create",
        "302 302 403 403 403 403 302 302 403 403",
        {"pk": "action"},
        "post",
        {"stated_on": "2026-01-05", "status": "in_progress", "text": "Under way"},
    ),
    Row(
        "recommendations:position-create",
        "302 403 403 403 403 403 302 404 403 403",
        {"pk": "other_action"},
        "post",
        {"stated_on": "2026-01-05", "status": "in_progress", "text": "Under way"},
        note="of another unit, in no borough",
    ),
]

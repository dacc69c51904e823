"""Committees, papers and documents in the making."""

from tests.permissions.rows import (
    ISSUED,
    JOB_OF_CLERK,
    NOT_LEAD,
    SIGNED_IN,
    WRITES_PAPERS,
    WRITES_PAPERS_POST,
    Row,
)

ROWS = [
    # /committees/
    Row("committees:committee-list", NOT_LEAD),
    Row("committees:meeting-detail", NOT_LEAD, ISSUED),
    Row(
        "committees:meeting-detail",
        "302 404 404 404 404 404 404 403|404 404 404",
        {**ISSUED, "held_on": "soon"},
    ),
    Row("committees:meeting-create", "302 403 403 200 403 403 403 403 403 403"),
    Row("committees:paper-create", "302 403 403 200 403 403 403 403 403 403", ISSUED),
    Row("committees:paper-detail", "302 200 200 200 404 404 200 404 404 200", {"pk": "paper"}),
    Row("committees:paper-detail", "302 404 404 404 404 404 404 404 404 404", {"pk": 999_999}, note="absent"),
    Row("committees:head-edit", WRITES_PAPERS, {"pk": "paper"}),
    Row("committees:section-edit", WRITES_PAPERS, {"pk": "paper", "key": "supporting"}),
    Row(
        "committees:section-edit",
        "302 302 403 302 404 404 403 404 404 403",
        {"pk": "paper", "key": "assigned"},
        "post",
        {"text": "Written", "version": "1"},
        note="assigned to the officer",
    ),
    Row("committees:appendix-remove", WRITES_PAPERS, {"pk": "paper", "key": "appendix-1"}),
    Row("committees:appendix-add", WRITES_PAPERS_POST, {"pk": "paper"}, "post", {"heading": "Map"}),
    Row("committees:paper-render", "302 302 403 302 404 404 403 404 404 403", {"pk": "paper"}, "post"),
    Row("committees:paper-issue", WRITES_PAPERS, {"pk": "paper"}),
    # /jobs/
    Row("jobs:job-list", SIGNED_IN),
    Row("jobs:job-detail", JOB_OF_CLERK, {"job": "job"}),
    Row("jobs:job-download", JOB_OF_CLERK, {"job": "job"}),
    Row("jobs:job-cancel", JOB_OF_CLERK.replace("200", "302|409"), {"job": "job"}, "post"),
    Row("jobs:job-retry", JOB_OF_CLERK.replace("200", "302|409"), {"job": "job"}, "post"),
]

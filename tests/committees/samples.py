"""Content to print: the real criteria and boroughs, with ratings drawn by chance and plainly invented."""

import csv
import random
from collections import Counter
from copy import deepcopy
from pathlib import Path
from typing import Any

from committees.archive import REPORTS

ROOT = Path(__file__).parents[2]
VALUES = ["green"] * 60 + ["amber"] * 22 + ["red"] * 10 + ["less_relevant"] * 4 + ["not_assessed"] * 4


def _rows(path: str) -> list[dict[str, str]]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def themes(criteria: int | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    asked = [row for row in _rows("assessments/data/criteria.csv") if row["borough_wording"]]
    for row in asked[:criteria]:
        if not found or found[-1]["code"] != row["code"][0]:
            found.append({"code": row["code"][0], "title": row["theme"], "criteria": []})
        found[-1]["criteria"].append({"code": row["code"], "short_title": row["short_title"]})
    return found


def matrix(seed: int = 1, **changes: Any) -> dict[str, Any]:
    chance = random.Random(seed)
    names = sorted(
        row["borough"] for row in _rows("boroughs/data/boroughs.csv") if "City" not in row["borough"]
    )
    block = {
        "kind": "matrix",
        "title": "Health Check Matrix",
        "position_at": "2009-10-29",
        "themes": themes(),
    }
    block |= changes
    asked = sum(len(theme["criteria"]) for theme in block["themes"])
    rows = [{"label": "The Authority", "is_authority": True}]
    rows += [{"label": name, "is_authority": False} for name in changes.pop("names", names)]
    block.pop("names", None)
    for row in rows:
        row["values"] = [chance.choice(VALUES) for _ in range(asked)]
    counts = [Counter(row["values"][at] for row in rows[1:]) for at in range(asked)]
    block["rows"] = rows
    block["totals"] = [
        {
            **{key: count[key] for key in ("green", "amber", "red")},
            "rated": sum(count[k] for k in ("green", "amber", "red")),
        }
        for count in counts
    ]
    return block


def progress(recommendations: int = 1, key_points: int = 2, actions: int = 3) -> dict[str, Any]:
    statuses = ["Complete", "Ongoing", "In progress"]
    return {
        "kind": "progress",
        "title": "Position on recommendations",
        "position_date": "2009-10-29",
        "recommendations": [
            {
                "number": str(15 + at),
                "text": "All CDRPs should have a protocol on information sharing with the relevant partners.",
                "rows": [
                    {
                        "key_point": f"Key point {point + 1}: a protocol is in place in each borough",
                        "action": f"Invented action {point + 1}.{action + 1}: agree it with partners",
                        "lead": "Demo Unit",
                        "position": {
                            "status": statuses[action % 3],
                            "text": "Sent to all boroughs; twenty have answered, the rest are asked again.",
                            "date": "2009-09-14",
                        },
                    }
                    for point in range(key_points)
                    for action in range(actions)
                ],
            }
            for at in range(recommendations)
        ],
    }


def paper(**changes: Any) -> dict[str, Any]:
    """The real paper of October 2009 with an invented matrix where its own is lost."""
    content = deepcopy(REPORTS[-1].content())
    content["appendices"] = [
        {
            "label": "Appendix 1",
            "title": "Health Check Matrix",
            "orientation": "landscape",
            "blocks": [matrix()],
        },
        {"label": "Appendix 2", "title": "Action plan", "orientation": "portrait", "blocks": [progress()]},
    ]
    return content | {"supporting_material": None, "demonstration": True} | changes


def short_paper(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": "committee-paper",
        "title": "Partnership health check",
        "committee": "Demo Committee",
        "committee_code": "demo",
        "number": "14a",
        "date": "2010-10-14",
        "by": "Chief Executive",
        "summary": [{"kind": "text", "text": "A short invented paper."}],
        "sections": [
            {
                "letter": "A",
                "heading": "Recommendations",
                "blocks": [{"kind": "text", "text": "That nothing be done."}],
            }
        ],
        "appendices": [],
        "demonstration": True,
    }
    return content | changes


def matrix_document(**changes: Any) -> dict[str, Any]:
    content = {
        "kind": "health-check-matrix",
        "title": "Health Check Matrix",
        "cycle": "Autumn 2010",
        "date": "2010-10-14",
        "matrix": matrix(),
        "demonstration": True,
    }
    return content | changes


def brief(**changes: Any) -> dict[str, Any]:
    content = {
        "kind": "borough-brief",
        "borough": "Camden",
        "cycle": "Autumn 2010",
        "compared_with": "Spring 2010",
        "date": "2010-10-14",
        "sentence": "Camden is mostly in place. One thing got worse: there was no public meeting this year.",
        "counts": {"green": 15, "amber": 8, "red": 2},
        "next_meeting": {
            "title": "Community safety partnership",
            "when": "Thursday 21 October, 6pm",
            "where": "Town Hall",
        },
        "better": [{"title": "Six-monthly report", "text": "Sent on 2 September. Was red."}],
        "worse": [{"title": "Public meeting", "text": "None since December. Now red."}],
        "overdue": [],
        "questions": ["When is the public meeting?", "Who will chair it?", "What does the fund pay for?"],
        "officers": ["Demo Officer A"],
        "demonstration": True,
    }
    return content | changes

"""The shape of each status, the same in every drawing."""

from cdrp_portal.status import Status

SHAPES = {
    Status.GREEN: "●",
    Status.AMBER: "▲",
    Status.RED: "■",
    Status.LESS_RELEVANT: "–",
    Status.NOT_ASSESSED: "○",
}

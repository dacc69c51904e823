"""How much these tests do: little in the suite, QUALITY's own figures with SOAK=1 (`make soak`)."""

import os
from dataclasses import dataclass

# Rows 52 and 53: each job is whole again within two minutes.
LIMIT = 120
# Row 54: all that waited, that long after Redis has returned.
LIMIT_AFTER_RETURN = 60


@dataclass(frozen=True)
class Sizes:
    """`blows`: each of the named points, or one in so many, at which everything is killed at once."""

    kills: int
    one_point_in: int
    seconds_without_redis: float
    jobs_without_redis: int
    visibility_seconds: int
    long_jobs: int
    soak: bool = False


IN_THE_SUITE = Sizes(
    kills=10,
    one_point_in=4,
    seconds_without_redis=0,
    jobs_without_redis=20,
    visibility_seconds=1,
    long_jobs=2,
)
IN_THE_TABLE = Sizes(
    kills=20,
    one_point_in=1,
    seconds_without_redis=60,
    jobs_without_redis=200,
    visibility_seconds=20,
    long_jobs=20,
    soak=True,
)
SIZES = IN_THE_TABLE if os.environ.get("SOAK") == "1" else IN_THE_SUITE

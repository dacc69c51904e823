"""What starts a server of its own is gathered by a soak alone; the suite tries the same without sockets."""

from tests.quality.soak import SOAK

collect_ignore = [] if SOAK else ["test_uploads_cut.py"]

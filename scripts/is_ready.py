"""The health check of a web container: asks the process in the same container, as the proxy would."""

import http.client
import os
import sys


def main() -> int:
    link = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0]
    try:
        link.request("GET", "/healthz/ready", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if link.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())

"""Refuse a package whose licence is not on the list.

The list holds licences under which the portal may be deployed and changed by a public authority without
publishing its own code: permissive ones, and weak copyleft (MPL, LGPL) for libraries that are used unchanged.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ALLOWED = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|PSFL|Python Software Foundation|HPND|CMU|Zlib|Unlicense"
    r"|MPL|Mozilla Public License|LGPL|Lesser General Public License|CC0)\b",
    re.IGNORECASE,
)
REVIEWED = {
    "djlint": "GPL; a checker that is run on this code, neither imported nor shipped",
}


def installed() -> list[dict[str, str]]:
    told = subprocess.run(
        [Path(sys.executable).with_name("pip-licenses"), "--format=json", "--from=mixed"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages: list[dict[str, str]] = json.loads(told.stdout)
    return packages


def main() -> int:
    packages = installed()
    refused = [
        package
        for package in packages
        if not ALLOWED.search(package["License"]) and package["Name"].lower() not in REVIEWED
    ]
    for package in refused:
        print(f"{package['Name']} {package['Version']}: {package['License']}")
    print(f"Licences refused: {len(refused)} / {len(packages)}")
    return 1 if refused or not packages else 0


if __name__ == "__main__":
    raise SystemExit(main())

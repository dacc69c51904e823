"""The same content gives the same file, whatever the process, its hash seed, time zone, locale or fonts."""

import json
import os
import subprocess
import sys

import pytest

from committees.archive import REPORTS
from committees.rendering import EditionMark, render_pdf
from committees.rendering.assets import typefaces
from tests.committees import samples

pytestmark = pytest.mark.slow

# Only what printing needs: the whole portal would be started five times for nothing.
PRINT = """
import json, sys, django
from django.conf import settings
engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [sys.argv[1]]}
settings.configure(TEMPLATES=[engine], FONT_DIR=sys.argv[2], LOGGING_CONFIG=None)
django.setup()
from committees.rendering import EditionMark, render_pdf
sys.stdout.write(render_pdf(json.load(sys.stdin), edition=EditionMark(1)).sha256)
"""


def test_five_processes_print_the_same_bytes(tmp_path, settings):
    content = samples.short_paper(
        appendices=[
            {"label": "Appendix 1", "title": "Matrix", "blocks": [samples.matrix(themes=samples.themes(4))]}
        ],
        summary=REPORTS[0].content()["summary"],
    )
    here = render_pdf(content, edition=EditionMark(1))
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland"},
        {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "3", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"},
        {"PYTHONHASHSEED": "4", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        {"PYTHONHASHSEED": "5", "SOURCE_DATE_EPOCH": "0", "TMPDIR": str(tmp_path)},
    ]

    printed = [
        subprocess.run(
            [sys.executable, "-c", PRINT, settings.BASE_DIR / "templates", settings.FONT_DIR],
            input=json.dumps(content),
            env=os.environ | surrounding,
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for surrounding in surroundings
    ]

    bad = [sha256 for sha256 in printed if sha256 != here.sha256]
    print(f"bytes: {len(bad)} bad of {len(printed)}")
    assert bad == []


def test_second_printing_in_one_process_gives_the_same_bytes():
    content = samples.matrix_document(matrix=samples.matrix(themes=samples.themes(4)))

    first, _, third = (render_pdf(made) for made in (content, samples.brief(), content))

    assert third == first


def test_other_content_gives_other_bytes():
    """The control."""
    assert render_pdf(samples.brief()).sha256 != render_pdf(samples.brief(borough="Brent")).sha256


def test_typefaces_are_the_same_each_time_they_are_unpacked():
    before = typefaces()
    typefaces.cache_clear()

    assert typefaces() == before

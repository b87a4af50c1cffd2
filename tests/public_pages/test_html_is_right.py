"""The W3C's own checker (Nu) over every kind of public page. Part of `./run proof`, where the checker is given:
`NU_HTML_CHECKER=vnu.jar` (from the package `vnu-jar`), and Java."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client

from cms.contents import contents

CHECKER = os.environ.get("NU_HTML_CHECKER", "")
BESIDES = (
    "/search/", "/search/?q=bed", "/search/?q=xqzzy", "/check/", "/drop-ins/", "/feedback/", "/feedback/thanks/",
    "/offline/", "/saved/", "/nowhere/", "/account/login/", "/account/staff/", "/demo/components/",
)  # fmt: skip


@pytest.mark.proof
@pytest.mark.skipif(
    not (CHECKER and shutil.which("java")), reason="needs Java and NU_HTML_CHECKER, the address of vnu.jar"
)
def test_the_checker_finds_no_error_on_any_page(library, tmp_path: Path):
    visitor = Client()
    addresses = [card.address for card in contents().cards.values()]
    for number, address in enumerate([*addresses, *BESIDES]):
        (tmp_path / f"{number:03}.html").write_bytes(visitor.get(address).content)

    files = sorted(map(str, tmp_path.glob("*.html")))
    told = subprocess.run(["java", "-jar", CHECKER, "--errors-only", *files], capture_output=True, text=True)

    assert told.stderr == ""
    assert len(files) > 150

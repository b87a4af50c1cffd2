"""The largest paint on a slow phone, beside the leanest page with the same words: `python -m bench.paint HOST:PORT`.

Needs node, Chromium and Lighthouse (`npx --no-install lighthouse`, or its path in LIGHTHOUSE), and a running demo.
It is no part of the suite. Ours and the lean page go through the same small HTTP/2 front, as on the internet; each
round measures every page once, so that a machine with other work slows all of them alike. Medians are compared.
"""

import argparse
import contextlib
import json
import os
import shlex
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LEAN = "/lean"  # before a page's address: the same words, bare, with a style of a few lines
PAGES = ("/", "/offer/money/", "/handbook/setting-up-home-allowance/", "/services/coram-voice/")
CATEGORIES = ("performance", "accessibility", "best-practices")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --ignore-certificate-errors "
    "--disable-background-networking --disable-component-update --disable-sync"
)
MOST = 1.1  # times the lean page's largest paint


def main() -> int:
    """0 when every page keeps to the limit."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("portal", help="host:port of a running demo")
    asked.add_argument("--rounds", type=int, default=5)
    options = asked.parse_args()
    lighthouse = shlex.split(os.environ.get("LIGHTHOUSE", "npx --no-install lighthouse"))
    if not shutil.which("node") or subprocess.run([*lighthouse, "--version"], capture_output=True).returncode:
        print("Lighthouse is not here: install it (npm install -g lighthouse) or name it in LIGHTHOUSE.")
        return 2
    with tempfile.TemporaryDirectory() as folder, _front(options.portal, Path(folder)) as front:
        found: dict[str, list[dict[str, float]]] = {
            path: [] for page in PAGES for path in (LEAN + page, page)
        }
        for number in range(1, options.rounds + 1):
            for path, runs in found.items():
                runs.append(_measured(lighthouse, f"{front}{path}", Path(folder)))
            print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)
    middle = {
        path: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for path, runs in found.items()
    }
    print(
        "| page | largest paint ms | ratio | first paint ms | performance | accessibility | best practices |"
    )
    print("|---|---|---|---|---|---|---|")
    past = 0
    for path, one in middle.items():
        lean = middle.get(LEAN + path)
        ratio = one["lcp"] / lean["lcp"] if lean else 1
        past += ratio > MOST
        print(
            f"| {path} | {one['lcp']:.0f} | {ratio:.2f} x | {one['fcp']:.0f} | {one['performance']:.0f} "
            f"| {one['accessibility']:.0f} | {one['best-practices']:.0f} |"
        )
    return int(bool(past))


def _measured(lighthouse: list[str], address: str, folder: Path) -> dict[str, float]:
    """One visit of a slow phone: paints in milliseconds, marks of 100."""
    report = folder / "report.json"
    command = [
        *lighthouse, address, "--quiet", "--output=json", f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
    ]  # fmt: skip
    for tries_left in (2, 1, 0):  # now and then a browser does not start
        done = subprocess.run(
            command, capture_output=True, timeout=180,
            env={"CHROME_PATH": shutil.which("chromium") or "", **os.environ},
        )  # fmt: skip
        if not done.returncode:
            break
        if not tries_left:
            raise RuntimeError(done.stderr.decode()[-2000:])
    told: dict[str, Any] = json.loads(report.read_text())
    if folder_to_keep := os.environ.get("KEEP_REPORTS"):
        shutil.copy(
            report, Path(folder_to_keep) / f"{address.strip('/').replace('/', '_').replace(':', '_')}.json"
        )
    return {
        "lcp": told["audits"]["largest-contentful-paint"]["numericValue"],
        "fcp": told["audits"]["first-contentful-paint"]["numericValue"],
        **{name: told["categories"][name]["score"] * 100 for name in CATEGORIES},
    }


@contextlib.contextmanager
def _front(portal: str, folder: Path) -> Iterator[str]:
    """The address of the front while it stands."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    front = subprocess.Popen(
        ["node", Path(__file__).with_name("front.mjs"), str(port), portal, key, certificate]
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.1)
        yield f"https://127.0.0.1:{port}"
    finally:
        front.terminate()
        front.wait()


if __name__ == "__main__":
    sys.exit(main())

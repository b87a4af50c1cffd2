"""`./run bench`: gathers every room's rows, prints them, and exits non-zero when a limit is passed.

With words after it only those rooms are measured: `./run bench rules payments`.
"""

import importlib
import pkgutil
import sys

import bench
from bench.row import table


def main(wanted: list[str]) -> int:
    """0 when every limit that is judged was kept."""
    modules = sorted(module.name for module in pkgutil.iter_modules(bench.__path__))
    rooms = [name.removesuffix("_bench") for name in modules if name.endswith("_bench")]
    if unknown := set(wanted) - set(rooms):
        print(f"There is no bench called {', '.join(sorted(unknown))}. There are: {', '.join(rooms)}.")
        return 2
    rows = []
    for room in (room for room in rooms if not wanted or room in wanted):
        print(f"Measuring {room}...", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"bench.{room}_bench").rows()
    table(rows)
    past = sum(not row.ok for row in rows)
    waiting = sum(bool(row.due) for row in rows)
    print(f"\n{len(rows)} rows: {past} past a limit, {waiting} not judged yet.")
    return int(bool(past))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

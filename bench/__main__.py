"""`./run bench`: gathers every room's rows, prints them, and exits non-zero when a limit is passed."""

import importlib
import pkgutil
import sys

import bench
from bench.row import table

if __name__ == "__main__":
    wanted = sys.argv[1:]
    rows = []
    for module in sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name.endswith("_bench")):
        if not wanted or module.removesuffix("_bench") in wanted:
            print(f"measuring {module.removesuffix('_bench')}...", file=sys.stderr, flush=True)
            rows += importlib.import_module(f"bench.{module}").rows()
    table(rows)
    sys.exit(not all(row.ok for row in rows))

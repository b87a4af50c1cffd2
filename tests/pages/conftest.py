"""The walk through every page stands in `./run proof` alone: it takes four minutes, and Java."""

import os

collect_ignore = [] if os.environ.get("PROOF") else ["test_html_is_right.py"]

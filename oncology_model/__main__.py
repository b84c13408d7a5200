"""``python -m oncology_model`` is ``oncology``."""

from __future__ import annotations

import sys

from oncology_model.commands import main

if __name__ == "__main__":
    sys.exit(main())

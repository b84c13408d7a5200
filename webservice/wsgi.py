"""The application for a WSGI server that loads it once and then forks: ``webservice.wsgi:app``."""

from __future__ import annotations

import sys
from typing import Final

from oncology_model import ArtifactError
from webservice import shared
from webservice.app import create_app
from webservice.settings import EXIT_WRONG_SETTINGS, SettingsError, settings_or_exit

# gunicorn's own status for a worker that cannot start: with another one it would start the next worker, and the next.
EXIT_WRONG_ARTIFACT: Final = 3
EXIT_NO_PLACE: Final = 1

try:
    _settings = settings_or_exit()
    if _settings.metrics_port:
        shared.prepare(_settings.port)
    app = create_app(_settings)
except SettingsError as error:
    print(f"oncology: wrong settings: {error}", file=sys.stderr)
    sys.exit(EXIT_WRONG_SETTINGS)
except shared.NoPlaceError as error:
    print(f"oncology: {error}", file=sys.stderr)
    sys.exit(EXIT_NO_PLACE)
except ArtifactError as error:
    print(f"oncology: {error}", file=sys.stderr)
    sys.exit(EXIT_WRONG_ARTIFACT)

"""`python -m admin_api`: the admin API on FIELDLINE_API_HOST and FIELDLINE_API_PORT."""

from __future__ import annotations

import sys

import uvicorn

from admin_api.app import create_app
from fieldline.errors import SettingsError
from fieldline.logs import set_up_logs
from fieldline.settings import get_settings


def main() -> int:
    """Serve until told to stop; 2 when the configuration is wrong."""
    try:
        settings = get_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - nothing else is running that could log it
        return 2
    set_up_logs("api", settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        server_header=False,
        # The application itself knows whom to believe about who asks.
        proxy_headers=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())

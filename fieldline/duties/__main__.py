"""The duties' process."""

from __future__ import annotations

import asyncio

from fieldline.duties.runner import run_duties
from fieldline.logs import set_up_logs
from fieldline.settings import get_settings


def main() -> None:
    """Run the duties until SIGTERM or SIGINT."""
    settings = get_settings()
    set_up_logs("duties", settings.log_level)
    asyncio.run(run_duties(settings))


if __name__ == "__main__":
    main()

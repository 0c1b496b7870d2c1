"""What the console brings along from elsewhere is what NOTICE says it is."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.check

ROOT = Path(__file__).parent.parent


def test_every_vendored_script_has_its_version_hash_and_licence_in_the_notice() -> None:
    notice = re.sub(r"\s+", " ", (ROOT / "NOTICE").read_text())
    scripts = sorted((ROOT / "admin_api/console/static/vendor").glob("*.js"))
    assert scripts
    for script in scripts:
        digest = hashlib.sha256(script.read_bytes()).hexdigest()
        assert f"{script.relative_to(ROOT)}, from the npm package" in notice and f"SHA-256 {digest}" in notice
        name = script.name.rpartition("-")[0]
        assert script.with_name(f"{name}.LICENSE").exists()


def test_pages_load_nothing_from_elsewhere() -> None:
    console = ROOT / "admin_api/console"
    ours = [*console.glob("templates/*.html"), *console.glob("static/*.css"), *console.glob("static/*.js")]
    outside = {
        path.name: re.findall(r"(?:src|href|url\(|import)\W{1,3}(?:https?:)?//\S+", path.read_text()) for path in ours
    }
    assert {name: found for name, found in outside.items() if found} == {}

"""The hostile web, inside a network namespace with only loopback: nothing a page suggests can leave this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("XINSHAO_SHARED", HERE.parent.parent / "shared"))
SERVER = SHARED / "tools" / "hostile_server.py"


def alone() -> bool:
    """Whether a network namespace of our own can be made here."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.shared
@pytest.mark.netns
@pytest.mark.skipif(not SERVER.exists(), reason="the hostile server is not here (XINSHAO_SHARED)")
@pytest.mark.skipif(not alone(), reason="no right to make a network namespace")
def test_the_hostile_web_neither_hangs_floods_nor_misleads_the_fetcher() -> None:
    command = 'ip link set lo up && exec "$0" "$@"'
    ran = subprocess.run(
        ["unshare", "-n", "bash", "-c", command, sys.executable, str(HERE / "collect_hostile.py"), str(SERVER)],
        capture_output=True, text=True, timeout=180, check=True, cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )  # fmt: skip
    result = json.loads(ran.stdout)
    assert result["canary"] == 0
    assert result["peak_mb"] < 200
    assert result["met"] >= 157, result["missed"]

"""Without PyTorch `pytest -m foreign` fails with one sentence; nothing is skipped in silence."""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_without_torch_one_test_fails_and_says_what_to_install(tmp_path):
    (tmp_path / "no_torch.py").write_text("import sys\nsys.modules['torch'] = None\n")
    command = [sys.executable, "-m", "pytest", "-p", "no_torch", "-n", "0", "-q", "-m", "foreign", HERE]
    done = subprocess.run(
        command, cwd=HERE.parents[1], env=os.environ | {"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("torch") >= 1 and "pip install -e '.[foreign]'" in done.stdout
    assert "1 failed" in done.stdout and "skipped" not in done.stdout and "passed" not in done.stdout

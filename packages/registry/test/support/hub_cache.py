"""Python's client on the cache that a test shares with it: `hub_cache.py (fetch|find|scan) REPO PATH...`.

Prints JSON: for `fetch` and `find` (which makes no request) the SHA-256 of each file and where it is, for `scan` the
warnings about the cache and what it holds.
"""

import hashlib
import json
import sys
from pathlib import Path

from huggingface_hub import hf_hub_download, scan_cache_dir


def file(repo: str, path: str, offline: bool) -> dict[str, str]:
    location = hf_hub_download(repo, path, local_files_only=offline)
    return {"location": location, "sha256": hashlib.sha256(Path(location).read_bytes()).hexdigest()}


def scan() -> dict[str, object]:
    cache = scan_cache_dir()
    files = sorted(
        file.file_name for repo in cache.repos for revision in repo.revisions for file in revision.files
    )
    return {
        "warnings": [str(warning) for warning in cache.warnings],
        "refs": sorted(ref for repo in cache.repos for ref in repo.refs),
        "files": files,
    }


command, repo, *paths = sys.argv[1:]
if command == "scan":
    print(json.dumps(scan()))
else:
    print(json.dumps([file(repo, path, command == "find") for path in paths]))

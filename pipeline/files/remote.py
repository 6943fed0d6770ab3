"""Photos behind URLs (`s3://…`, `gs://…`, `sftp://…`): whatever `fsspec` opens is read like a file.

fsspec is imported only where there is a URL: most runs have none.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import urlsplit

from pipeline.core.errors import TooLargeError, UnavailableError, UsageError
from pipeline.core.file_urls import local_path
from pipeline.core.messages import Message, message
from pipeline.core.system.regular import open_regular

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*://")
_CHUNK: Final = 1 << 20
_TIMES: Final = ("mtime", "LastModified", "last_modified", "updated", "modified", "created")
"""Keys under which file systems list the time of a file: local and SFTP, S3, Azure, Google, others, memory."""
_PACKAGES: Final = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs",
                    "sftp": "paramiko", "ssh": "paramiko"}  # fmt: skip

_KINDS: Final = {
    "PermissionError": "store_denied", "FileNotFoundError": "file_not_there", "TimeoutError": "store_silent",
    "NoCredentialsError": "store_unknown_user", "PartialCredentialsError": "store_unknown_user",
    "CredentialRetrievalError": "store_unknown_user", "TokenRetrievalError": "store_unknown_user",
    "DefaultCredentialsError": "store_unknown_user", "RefreshError": "store_unknown_user",
    "ClientAuthenticationError": "store_unknown_user", "AuthenticationException": "store_unknown_user",
    "ConnectTimeoutError": "store_silent", "ReadTimeoutError": "store_silent",
    "gaierror": "store_away", "ConnectionError": "store_away", "ClientConnectorError": "store_away",
    "NoValidConnectionsError": "store_away", "ServiceRequestError": "store_away",
}  # fmt: skip
"""What the errors of botocore, google-auth, azure-core, aiohttp, paramiko and Python say, by the names of their kinds:
the packages are optional."""
_WEB: Final = ("http", "https", "ftp")
"""Public servers: they need the guards of `pipeline.fetch` (private addresses, redirects, endless answers)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file behind a URL. size in bytes and mtime_ns as listed, 0 where the listing does not say."""

    url: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A folder behind a URL that could not be listed."""

    url: str
    reason: Message | str


def is_url(path: str | Path) -> bool:
    """Whether `path` is a URL; a `Path` never is one (it would have lost a slash)."""
    return isinstance(path, str) and _URL.match(path) is not None


def path_or_url(text: str) -> Path | str:
    """A word of the command line: a `Path` would take a slash out of a URL."""
    return local_path(text) or (text if is_url(text) else Path(text))


def original_location(root: Path, original: str) -> Path | str:
    """Where a stored image's original lies: a URL as it is; a path, relative to the workspace `root` or absolute."""
    return original if is_url(original) else root / original


def open_location(location: Path | str) -> IO[bytes]:
    """Open a file or URL for reading. Raises OSError for a file, UnavailableError for a URL."""
    if not is_url(location):
        return open_regular(location)
    fs, path = file_system(str(location))
    try:
        stream: IO[bytes] = fs.open(path, "rb")
    except Exception as e:
        raise _unavailable(e) from e
    return stream


def read_url(url: str, max_bytes: int) -> bytes:
    """The bytes behind a URL. Raises UnavailableError where they cannot be had, TooLargeError above `max_bytes`."""
    with open_location(url) as stream:
        size = getattr(stream, "size", None)
        if isinstance(size, int) and size > max_bytes:
            raise TooLargeError(message("file_too_large", size=size, most=max_bytes))
        try:
            data = stream.read(max_bytes + 1)
        except Exception as e:
            raise _unavailable(e) from e
    if len(data) > max_bytes:
        raise TooLargeError(message("file_over_cap", most=max_bytes))
    return data


@contextmanager
def as_temp_file(data: bytes) -> Iterator[str]:
    """`data` as an in-memory file: a URL that this process, and no other, can read until the block ends."""
    import fsspec  # type: ignore[import-untyped]

    fs = fsspec.filesystem("memory")
    url = f"memory://moue-temporary/{uuid.uuid4().hex}"
    fs.pipe_file(url, data)
    try:
        yield url
    finally:
        fs.rm_file(url)


def hash_url(url: str) -> str | None:
    """SHA-256, hex, of what is behind a URL, read in pieces; None where it cannot be had."""
    digest = hashlib.sha256()
    try:
        with open_location(url) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except Exception:  # noqa: BLE001 - see open_location
        return None
    return digest.hexdigest()


def kind_of(url: str) -> str:
    """`folder` or `file`. Raises UsageError where the URL cannot be reached, with the package that it lacks."""
    if urlsplit(url).password:
        raise UsageError(message("url_with_password"))
    try:
        fs, path = file_system(url)
        return "folder" if fs.isdir(path) else "file" if fs.info(path) else ""
    except UnavailableError as e:
        raise UsageError(message("source_unreadable", place=url, why=e)) from e
    except Exception as e:
        raise UsageError(message("source_unreadable", place=url, why=error_words(e))) from e


def file_entry(url: str) -> Entry | Unlisted:
    """Size and time of one file."""
    try:
        fs, path = file_system(url)
        return _entry(url, fs.info(path))
    except Exception as e:  # noqa: BLE001 - see open_location
        return Unlisted(url, error_words(e))


def walk_url(url: str) -> Iterator[Entry | Unlisted]:
    """Every file below a folder, one folder's listing at a time, by name; symlinks are not followed."""
    try:
        fs, path = file_system(url)
    except UnavailableError as e:
        yield Unlisted(url, e.message)
        return
    yield from _walk(fs, path, url.rstrip("/"))


def _walk(fs: Any, path: str, url: str) -> Iterator[Entry | Unlisted]:
    """url: the same folder as `path`; a file system's own names may lack the host."""
    try:
        # By their names only, so that a large listing can go.
        found = {info["name"].rstrip("/"): info for info in fs.ls(path, detail=True)}
    except Exception as e:  # noqa: BLE001 - see open_location
        yield Unlisted(url, error_words(e))
        return
    for name, info in sorted(found.items()):
        last = name.rpartition("/")[2]
        if info.get("islink") or not last or name == path.rstrip("/"):  # S3 lists an empty marker of the folder itself
            continue
        if info["type"] == "directory":
            yield from _walk(fs, name, f"{url}/{last}")
        elif info["type"] == "file":
            yield _entry(f"{url}/{last}", info)


def file_system(url: str) -> tuple[Any, str]:
    """The file system and the path in it. Raises UnavailableError naming the package that is not installed."""
    import fsspec

    if url.partition("://")[0].lower() in _WEB or "::" in url:
        raise UnavailableError(message("own_stores_only"))
    try:
        # No cached listings: a long-lived server must see new files, and a million entries would stay in memory.
        fs, path = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except (ImportError, ValueError) as e:
        scheme = url.partition("://")[0].lower()
        package = _PACKAGES.get(scheme)
        if package is None and isinstance(e, ValueError):
            raise UnavailableError(message("scheme_unknown", scheme=scheme)) from e
        raise UnavailableError(message("scheme_needs_package", scheme=scheme, package=package or scheme)) from e
    except Exception as e:
        raise _unavailable(e) from e
    return fs, path


def _entry(url: str, info: Mapping[str, Any]) -> Entry:
    return Entry(url, int(info.get("size") or 0), _nanoseconds(info))


def _nanoseconds(info: Mapping[str, Any]) -> int:
    """The file's time, nanoseconds since 1970, 0 where it is not known."""
    for name in _TIMES:
        value = info.get(name)
        if isinstance(value, str):
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                continue
        if isinstance(value, datetime):
            value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, int | float) and value > 0:
            return round(value * 1_000_000) * 1000  # a float holds microseconds of today, not more
    return 0


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(message("file_unreadable", why=error_words(error)))


def error_words(error: Exception) -> Message | str:
    """What a storage's error says; one of no known kind by its own words, on one line."""
    names = [kind.__name__ for kind in type(error).__mro__]
    if code := next((_KINDS[name] for name in names if name in _KINDS), None):
        return message(code)
    said = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return " ".join(said.split())[:300]

"""Words of the operating system that reach people as the reason of something: each has a code, as ours have, so that
they can be said in any language. The text is that of Linux's `strerror`; what it does not say stays as it is."""

from __future__ import annotations

from typing import Final

SYSTEM: Final = {
    "os_no_such_file": "No such file or directory",
    "os_permission_denied": "Permission denied",
    "os_not_permitted": "Operation not permitted",
    "os_input_output": "Input/output error",
    "os_no_space": "No space left on device",
    "os_quota": "Disk quota exceeded",
    "os_read_only": "Read-only file system",
    "os_is_a_folder": "Is a directory",
    "os_not_a_folder": "Not a directory",
    "os_folder_not_empty": "Directory not empty",
    "os_exists": "File exists",
    "os_many_open": "Too many open files",
    "os_name_too_long": "File name too long",
    "os_many_links": "Too many levels of symbolic links",
    "os_too_large": "File too large",
    "os_busy": "Device or resource busy",
    "os_stale": "Stale file handle",
    "os_no_memory": "Cannot allocate memory",
    "os_try_again": "Resource temporarily unavailable",
    "os_no_device": "No such device or address",
    "os_invalid": "Invalid argument",
    "os_irregular": "It is no regular file, but a pipe, a socket or a device",
    "os_not_supported": "Operation not supported",
    "os_broken_pipe": "Broken pipe",
    "os_timed_out": "Connection timed out",
    "os_refused": "Connection refused",
    "os_reset": "Connection reset by peer",
    "os_no_route": "No route to host",
    "os_no_network": "Network is unreachable",
    "os_address_in_use": "Address already in use",
}

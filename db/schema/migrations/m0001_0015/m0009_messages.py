"""Reasons as a code and parameters beside their English text. Released: never changed."""

from __future__ import annotations

import json
import re
import sqlite3
from functools import lru_cache
from typing import Final

SQL: Final = """
ALTER TABLE images ADD COLUMN reason_code TEXT NOT NULL DEFAULT ''; -- of the table of messages; '': words alone
ALTER TABLE images ADD COLUMN reason_params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reason_params));
ALTER TABLE sightings ADD COLUMN reason_code TEXT NOT NULL DEFAULT '';
ALTER TABLE sightings ADD COLUMN reason_params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reason_params));
ALTER TABLE duplicate_groups ADD COLUMN reason_code TEXT NOT NULL DEFAULT '';
ALTER TABLE duplicate_groups ADD COLUMN reason_params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reason_params));
ALTER TABLE jobs ADD COLUMN error_code TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN error_params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(error_params));
UPDATE images SET reason_code = code_in_0009(reason), reason_params = params_in_0009(reason) WHERE reason <> '';
UPDATE sightings SET reason_code = code_in_0009(reason), reason_params = params_in_0009(reason) WHERE reason <> '';
UPDATE duplicate_groups SET reason_code = code_in_0009(reason), reason_params = params_in_0009(reason);
UPDATE jobs SET error_code = code_in_0009(error), error_params = params_in_0009(error) WHERE error <> '';
"""

_TEMPLATES: Final = (
    (
        "unseen_by_worker",
        "the worker on {host} cannot see the file ({why}): its folder must be mounted at the same place on every"
        " machine, or be given as a URL",
    ),
    ("watch_owner_ended", "the server that watched the folder has ended; watch it again to take what came meanwhile"),
    ("no_worker_alive", "no worker process stays alive; look at the messages above, or try --executor serial"),
    ("camera_raw", "this is a camera's RAW file, not a photo that Moue reads: save it as TIFF or JPEG"),
    ("own_stores_only", "only stores of your own are read by URL (s3://, gs://, sftp:// …), not the web"),
    ("video_not_photo", "this is a video, not a photo: `python -m pipeline video` takes frames from it"),
    ("zip_behind_url", "a zip behind a URL is not opened: download it and give it to Moue by itself"),
    ("member_encrypted", "the member is encrypted: unpack the archive yourself and give the folder"),
    ("job_elsewhere", "another job is running on {root}: wait for it or cancel it on the Collect page"),
    ("video_damaged_once", "the video is damaged in 1 place: the sound frames around were looked at"),
    ("video_damaged", "the video is damaged in {n} places: the sound frames around were looked at"),
    ("too_many_animation_frames", "a file may have so many frames and no more; those before it were taken"),
    ("address_malformed", "the address is too long, or holds a backslash or a control character"),
    ("keeper_frontal", "most frontal: turned {n}° against {other}°, mouths alike in size and sharpness"),
    ("heic_needs_package", "this is a HEIC photo, which needs a package: pip install pi-heif"),
    ("video_cut_short", "the video is cut short: its frames until {until} s of {whole} s were looked at"),
    ("zip_in_folder", "a zip inside a folder is not opened: give it to Moue by itself"),
    ("sent_compressed", "the server sends it compressed ({coding}) although it was asked not to"),
    ("keeper_frontal_alone", "most frontal: turned {n}°, mouths alike in size and sharpness"),
    ("keeper_first", "imported first; mouths alike in size, sharpness and angle"),
    ("job_vanished", "its process ended without a word; start it again to go on"),
    ("too_many_frames", "more than {most} frames would be taken: ask for fewer of them"),
    ("address_with_password", "the address holds a name or a password before its host"),
    ("noai", "its owner does not want it used for AI (X-Robots-Tag)"),
    ("job_died", "its process ended with code {n}; start it again to go on"),
    ("keeper_first_faceless", "imported first; no face in any, photos alike in size"),
    ("job_cancelled", "cancelled; the same command goes on where it stopped"),
    ("decoder_out_of_memory", "decoding it needs more memory than a worker may use"),
    ("video_without_frames", "the video is damaged: no frame of it can be decoded"),
    ("redirect_nowhere", "the server answers {status} and does not say where to look"),
    ("redirect_unreadable", "the server sends to an address that cannot be read"),
    ("picture_too_large", "the picture has {width} x {height} pixels, more than the cap of {most}"),
    ("member_unpacks_large", "the member unpacks to more than the cap of {most} bytes"),
    ("out_of_memory", "decoding needs more memory than a worker may use"),
    ("not_http", "the server's answer is not HTTP that can be read"),
    ("header_damaged", "the image is damaged: its header cannot be read"),
    ("bytes_changed", "its bytes have changed since it was collected"),
    ("picture_over_cap", "the picture is larger than the cap of {n} pixels"),
    ("certificate_untrusted", "the server's certificate is not to be trusted"),
    ("host_missing", "the address has no host that can be looked up"),
    ("keeper_only_face", "the only one with a face that is not rejected"),
    ("member_too_large", "the member has {size} bytes, more than the cap of {most}"),
    ("tls_untrusted", "the server speaks no TLS that can be trusted"),
    ("workers_died", "the workers that had it died {n} times (last {worker})"),
    ("picture_too_wide", "the picture is {width} x {height} pixels; a side may have {most}"),
    ("lab_colours", "the picture has Lab colours: save it as RGB"),
    ("member_compression", "the member's compression is not supported: {why}"),
    ("host_number", "the host ends in a number and is no address"),
    ("keeper_largest_photo", "largest photo: {size} against {other} px; no face in any"),
    ("file_too_large", "the file has {size} bytes, more than the cap of {most}"),
    ("decoder_died", "decoding it ended its process (exit code {n})"),
    ("decoder_stuck", "decoding it got stuck: nothing came for {n} s"),
    ("keeper_sharpest", "sharpest: {n} against {other}, mouths alike in size"),
    ("file_over_cap", "the file has more bytes than the cap of {most}"),
    ("sound_only", "the file has no video in it, only sound"),
    ("host_unreadable", "the host of the address cannot be read"),
    ("foreign_file", "this is {what}, not a photo that Moue reads"),
    ("body_damaged", "what the server compressed is damaged"),
    ("too_many_redirects", "the address leads on more than {n} times"),
    ("scheme_not_fetched", "only http and https are fetched, not {scheme}"),
    ("job_interrupted", "interrupted; the same command goes on"),
    ("process_died", "its process died twice (exit code {n})"),
    ("proxy_in_the_way", "the proxy does not reach the server"),
    ("server_silent", "the server does not answer in time"),
    ("address_half_character", "the address holds half a character"),
    ("scheme_needs_package", "{scheme}:// needs a package: pip install {package}"),
    ("address_not_public", "the address {address} is not a public one"),
    ("crop_empty", "the course's crop is empty here"),
    ("job_not_started", "the work could not be started: {why}"),
    ("unpacks_large", "it unpacks to more than {most} bytes"),
    ("server_too_slow", "the server took longer than {n} s"),
    ("host_inner", "{host} is a name of an inner network"),
    ("keeper_largest_mouth", "largest mouth: {n} px against {other} px"),
    ("port_not_web", "port {port} is none of the web's ({ports})"),
    ("too_slow", "it took longer than {n} s twice"),
    ("not_an_image", "not an image that Moue reads"),
    ("scheme_unknown", "no file system is called {scheme}://"),
    ("video_unopened", "the video cannot be opened: {why}"),
    ("host_lookup_failed", "its host cannot be looked up"),
    ("server_unreachable", "the server cannot be reached"),
    ("folder_unreadable", "the folder cannot be read: {why}"),
    ("not_a_video", "not a video that Moue reads"),
    ("proxy_unreachable", "the proxy cannot be reached"),
    ("zip_unopened", "the zip cannot be opened: {why}"),
    ("address_unreadable", "the address cannot be read"),
    ("same_bytes", "the same bytes are stored"),
    ("file_unreadable", "the file cannot be read: {why}"),
    ("face_drawn", "a face was drawn by hand"),
    ("member_damaged", "the member is damaged: {why}"),
    ("host_not_public", "{host} leads nowhere public: {why}"),
    ("image_damaged", "the image is damaged: {why}"),
    ("connection_cut", "the connection was cut"),
    ("unlisted", "it cannot be listed: {why}"),
    ("jpeg_damaged", "the JPEG is damaged: {why}"),
    ("foreign_download", "this is {what}, not a photo"),
    ("host_unknown", "its host is not known"),
    ("connection_failed", "the connection failed"),
    ("decoder_failed", "decoding it failed: {why}"),
    ("processing_failed", "processing failed: {why}"),
    ("server_answers", "the server answers {status}"),
    ("fetch_failed", "the fetch failed: {why}"),
    ("proxy_answers", "the proxy answers {status}"),
    ("file_empty", "the file is empty"),
    ("no_face_found", "{detector} found no face"),
    ("frame_refused", "frame {n} of {total}: {why}"),
    ("face_found", "1 face"),
    ("faces_found", "{n} faces"),
)
"""The codes and what was written of them until then, the longest words first: of two that fit, that one is meant."""


def prepare(conn: sqlite3.Connection) -> None:
    """Give the script its two functions: from a text of before to the code, and to the parameters as JSON."""
    conn.create_function("code_in_0009", 1, lambda text: _found(text)[0], deterministic=True)
    conn.create_function("params_in_0009", 1, lambda text: _found(text)[1], deterministic=True)


@lru_cache(maxsize=4096)
def _found(text: str) -> tuple[str, str]:
    for code, pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            return code, json.dumps(match.groupdict(), sort_keys=True)
    return "", "{}"


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)  # texts and names take turns
    named = (f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(named), re.DOTALL)


_PATTERNS: Final = tuple((code, _pattern(template)) for code, template in _TEMPLATES)

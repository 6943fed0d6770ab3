"""Every reason and problem that Moue records or shows: its code and its English template.

A code is for ever: it stands in databases. A template may be reworded, with its Chinese in `pages/_words/zh`; its
holes keep their names. A number's hole says how it is written (`{size:,}`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pipeline.core.templates.findings import FINDINGS
from pipeline.core.templates.foreign import FOREIGN
from pipeline.core.templates.imports import IMPORTS
from pipeline.core.templates.people import PERSONS
from pipeline.core.templates.predictions import PREDICTIONS
from pipeline.core.templates.problems import PROBLEMS
from pipeline.core.templates.releases import RELEASES
from pipeline.core.templates.requests import PARTS, REQUESTS
from pipeline.core.templates.scripts import SCRIPTS
from pipeline.core.templates.system import SYSTEM
from pipeline.core.templates.team import CONSENSUS_PARTS, ROLE_PARTS, TEAM
from pipeline.core.templates.upload import UPLOAD

VERBATIM: Final = "verbatim"
"""The code of words that are nobody's template: a library's, or recorded by an older Moue."""

_OUTCOMES: Final = {
    "face_found": "1 face",
    "faces_found": "{n} faces",
    "face_drawn": "a face was drawn by hand",
    "no_face_found": "{detector} found no face",
    "faces_end_cut_off": "faces: {n}; the end of the file is cut off, its picture is whole",
    "faces_in_frame": "faces: {n}; the picture is frame {frame} of the animation: those before it are empty",
    "faces_in_page": "faces: {n}; the picture is page {page} of the file: those before it are empty",
    "no_face_in_looks": "{detector} found no face at {sides} pixels, upright or turned",
    "no_face_in_large_looks": "{detector} found no face at {sides} pixels, upright or turned, nor at 1/{factor:g} of"
    " its size",
    "no_face_in_one_picture": "{why}; the file holds several pictures, of which number {frame} was looked at: `--frames"
    " all` takes each",
    "crop_empty": "the course's crop is empty here",
    "same_bytes": "the same bytes are stored",
    "processing_failed": "processing failed: {why}",
    "process_ended": "its process ended with exit code {n}",
    "process_died": "its process died twice (exit code {n})",
    "too_slow": "it took longer than {n:g} s twice",
    "workers_died": "the workers that had it died {n} times (last {worker})",
    "unseen_by_worker": "the worker on {host} cannot see the file ({why}): its folder must be mounted at the same place"
    " on every machine, or be given as a URL",
    "bytes_changed": "its bytes have changed since it was collected",
    "changing": "it changed while it was read: collect it again when it is whole",
    "companion_file": "it is what macOS keeps beside a file, not a photo",
    "system_file": "{name} is a file that a system or a program keeps for itself",
    "sidecar_file": "a {suffix} file is what an editor noted of a photo, not a photo",
    "files_beside": "what systems, programs and editors keep beside photos",
    "half_download": "its download has not come to its end ({suffix}): wait for it, or rename it if it is whole",
    "in_bin": "it lies in a bin ({folder}): restore it first, or give that folder itself",
    "in_thumbnails": "it lies in {folder}, which holds thumbnails of other photos",
    "in_checkpoints": "it lies in {folder}, which holds earlier versions of files",
    "in_hidden_folder": "it lies in a hidden folder ({folder}): give that folder itself if its photos are meant",
    "in_own_export": "it lies in an export of Moue ({folder}): its crops are no new photos",
    "in_own_workspace": "it belongs to a workspace of Moue ({folder})",
    "link_broken": "the link leads nowhere: there is no {target}",
    "link_again": "this link leads to a folder that {first} led to already",
    "link_outside": "the link leads out of the folders that pages may read",
    "link_to_system": "the link leads to {target}, which holds no photos but the system's devices",
    "link_in_zip": "it is a link, and a zip holds no photo behind a link: pack the photo itself",
    "special_file": "it is a pipe, a socket or a device, not a file",
    "file_empty": "the file is empty",
    "file_zeros": "the file holds zeros alone: its download or its copy went wrong",
    "file_too_large": "the file has {size:,} bytes, more than the cap of {most:,}",
    "file_over_cap": "the file has more bytes than the cap of {most:,}",
    "file_unreadable": "the file cannot be read: {why}",
    "folder_unreadable": "the folder cannot be read: {why}",
    "unlisted": "it cannot be listed: {why}",
    "picture_over_cap": "the picture is larger than the cap of {n:,} pixels",
    "picture_too_wide": "the picture is {width:,} x {height:,} pixels; a side may have {most:,}",
    "picture_too_large": "the picture has {width:,} x {height:,} pixels, more than the cap of {most:,}",
    "bytes_too_few": "{size:,} bytes are too few for a photo of {width:,} x {height:,} pixels: it is damaged, or blank",
    "too_many_parts": "the file is made of {n:,} parts; no photo of its size is",
    "out_of_memory": "decoding needs more memory than a worker may use",
    "header_damaged": "the image is damaged: its header cannot be read",
    "png_palette_lacks": "the image is damaged: the palette of its indexed colours is missing",
    "image_damaged": "the image is damaged: {why}",
    "jpeg_damaged": "the JPEG is damaged: {why}",
    "foreign_file": "this is {what}, not a photo that Moue reads",
    "not_an_image": "not an image that Moue reads",
    "camera_raw": "this is a camera's RAW file, not a photo that Moue reads: save it as TIFF or JPEG",
    "video_not_photo": "this is a video, not a photo: `python -m pipeline video` takes frames from it",
    "heic_needs_package": "this is a HEIC photo, which needs a package: pip install pi-heif",
    "tiff_kind": "a TIFF of {kind} is not read: save it as RGB or grey, without compression or with LZW",
    "lab_colours": "the picture has Lab colours: save it as RGB",
    "folder_empty": "the folder holds no files",
    "folder_passed_over": "the folder holds no photos: all that is in it is passed over (files: {n})",
    "zip_empty": "the zip holds no files",
    "zip_passed_over": "the zip holds no photos: all that is in it is passed over (files: {n})",
    "zip_in_folder": "a zip inside a folder is not opened: give it to Moue by itself",
    "zip_behind_url": "a zip behind a URL is not opened: download it and give it to Moue by itself",
    "zip_cut": "the end of the zip is missing, and with it the list of what it holds: copy or download it again",
    "zip_list_damaged": "this is no zip, or its list of what it holds is damaged: copy or download it again",
    "zip_unopened": "the zip cannot be opened: {why}",
    "member_encrypted": "the member is encrypted: unpack the archive yourself and give the folder",
    "member_too_large": "the member has {size:,} bytes, more than the cap of {most:,}",
    "member_unpacks_large": "the member unpacks to more than the cap of {most:,} bytes",
    "member_compression": "the member's compression is not supported: {why}",
    "member_damaged": "the member is damaged: {why}",
    "member_cut": "its end is missing",
    "member_sum": "its bytes are not those that were packed (checksum)",
    "member_packed": "its packed bytes cannot be unpacked",
    "member_header": "the zip says two things of it, or something that cannot be",
    "own_stores_only": "only stores of your own are read by URL (s3://, gs://, sftp:// …), not the web",
    "scheme_unknown": "no file system is called {scheme}://",
    "scheme_needs_package": "{scheme}:// needs a package: pip install {package}",
}

_FRAMES: Final = {
    "decoder_died": "decoding it ended its process (exit code {n})",
    "decoder_stuck": "decoding it got stuck: nothing came for {n:g} s",
    "decoder_out_of_memory": "decoding it needs more memory than a worker may use",
    "decoder_failed": "decoding it failed: {why}",
    "too_many_animation_frames": "a file may have so many frames and no more; those before it were taken",
    "too_many_frames_of_bytes": "so small a file has so many frames only where they show nothing; the first were taken",
    "frame_refused": "frame {n} of {total}: {why}",
    "too_many_frames": "more than {most:,} frames would be taken: ask for fewer of them",
    "too_many_samples": "the video is damaged: it claims {n:,} samples, and has {size:,} bytes",
    "not_a_video": "not a video that Moue reads",
    "video_unopened": "the video cannot be opened: {why}",
    "sound_only": "the file has no video in it, only sound",
    "video_without_frames": "the video is damaged: no frame of it can be decoded",
    "video_cut_short": "the video is cut short: its frames until {until:.1f} s of {whole:.1f} s were looked at",
    "video_damaged_once": "the video is damaged in 1 place: the sound frames around were looked at",
    "video_damaged": "the video is damaged in {n} places: the sound frames around were looked at",
    "frame_mode": "frames are chosen by {modes}, not by {mode!r}",
    "frame_every": "frames are taken every {least:g} to {most:g} s, not {every:g}",
    "scene_range": "a scene cut is a difference between 0 and 1, not {scene:g}",
    "frames_none": "at least one frame is taken, not {most}",
}

_FETCH: Final = {
    "noai": "its owner does not want it used for AI (X-Robots-Tag)",
    "sent_compressed": "the server sends it compressed ({coding}) although it was asked not to",
    "unpacks_large": "it unpacks to more than {most:,} bytes",
    "body_damaged": "what the server compressed is damaged",
    "foreign_download": "this is {what}, not a photo",
    "server_too_slow": "the server took longer than {n:g} s",
    "fetch_failed": "the fetch failed: {why}",
    "too_many_redirects": "the address leads on more than {n} times",
    "redirect_nowhere": "the server answers {status} and does not say where to look",
    "redirect_unreadable": "the server sends to an address that cannot be read",
    "relabel_changed": "the filter shows {n:,} such faces now, not {expected:,}: look again",
    "relabel_too_many": "{n:,} faces pass the filter, and at most {most:,} can be given a class at once: narrow it",
    "server_answers": "the server answers {status}",
    "proxy_answers": "the proxy answers {status}",
    "proxy_unreachable": "the proxy cannot be reached",
    "proxy_in_the_way": "the proxy does not reach the server",
    "certificate_untrusted": "the server's certificate is not to be trusted",
    "tls_untrusted": "the server speaks no TLS that can be trusted",
    "host_unknown": "its host is not known",
    "host_lookup_failed": "its host cannot be looked up",
    "server_silent": "the server does not answer in time",
    "connection_cut": "the connection was cut",
    "connection_failed": "the connection failed",
    "server_unreachable": "the server cannot be reached",
    "not_http": "the server's answer is not HTTP that can be read",
    "host_not_public": "{host} leads nowhere public: {why}",
    "address_malformed": "the address is too long, or holds a backslash or a control character",
    "address_unreadable": "the address cannot be read",
    "scheme_not_fetched": "only http and https are fetched, not {scheme}",
    "port_not_web": "port {port} is none of the web's ({ports})",
    "address_half_character": "the address holds half a character",
    "address_with_password": "the address holds a name or a password before its host",
    "host_unreadable": "the host of the address cannot be read",
    "host_missing": "the address has no host that can be looked up",
    "host_inner": "{host} is a name of an inner network",
    "host_number": "the host ends in a number and is no address",
    "address_not_public": "the address {address} is not a public one",
}

_KEEPERS: Final = {
    "keeper_all_rejected": "every face is rejected: none is suggested",
    "keeper_only_face": "the only one with a face that is not rejected",
    "keeper_largest_mouth": "largest mouth: {n} px against {other} px",
    "keeper_sharpest": "sharpest: {n:.0f} against {other:.0f}, mouths alike in size",
    "keeper_first": "imported first; mouths alike in size, sharpness and angle",
    "keeper_frontal": "most frontal: turned {n:.0f}° against {other:.0f}°, mouths alike in size and sharpness",
    "keeper_frontal_alone": "most frontal: turned {n:.0f}°, mouths alike in size and sharpness",
    "keeper_first_faceless": "imported first; no face in any, photos alike in size",
    "keeper_largest_photo": "largest photo: {size} against {other} px; no face in any",
}

_JOBS: Final = {
    "job_cancelled": "cancelled; the same command goes on where it stopped",
    "job_interrupted": "interrupted; the same command goes on",
    "job_vanished": "its process ended without a word; start it again to go on",
    "job_died": "its process ended with code {n}; start it again to go on",
    "job_not_started": "the work could not be started: {why}",
    "watch_owner_ended": "the server that watched the folder has ended; watch it again to take what came meanwhile",
    "no_worker_alive": "no worker process stays alive; look at the messages above, or try --executor serial",
    "job_elsewhere": "another job is running on {root}: wait for it or cancel it on the Collect page",
}

_EXPORT: Final = {
    "export_no_classes": "the workspace has no classes",
    "export_archived_class": "the archived class “{name}” has accepted faces again ({n}): bring it back, or give them"
    " another label",
    "export_class_empty": "class “{name}” has no accepted face: accept faces of at least two photos, or archive the"
    " class",
    "export_class_one_photo": "class “{name}” has accepted faces of one photo only: accept faces of at least two"
    " photos, or archive the class",
    "export_class_few_photos": "class “{name}” has accepted faces of {n} photos or groups of them, too few for"
    " {splits} splits: accept more, ask for fewer splits or archive the class",
    "export_class_not_in_split": "class “{name}” has no face for {split}: accept more photos, or take another seed or"
    " share",
    "export_refused": "nothing was exported: {problems}",
    "export_name": 'the name must have 1 to {n} characters, without / \\ : * ? " < > | at all, no dot first and no'
    " device of Windows",
    "export_share": "the share of val is {val:g}; give a number between 0 and 1, for example 0.2",
    "export_shares": "val {val:g} and test {test:g} leave nothing for train: give shares whose sum is below 1",
    "export_folds": "there can be {least} to {most} folds, not {folds}",
    "export_format": "there is no format {name!r}; there are: {names}",
    "export_format_folds": "{name} knows train, val and test alone: export without folds, or in another format",
    "moved": "{photo}: {before} → {after}, {why}",
    "moved_share": "to give {classes} its share",
    "moved_shares": "to give all classes together their share",
    "moved_joined": "joined with photos that were in {after}",
    "moved_no_split": "as there is no {before} any more",
    "moved_anew": "as photos were split anew",
    "export_straddles": "photos that belong together would be in two splits ({n}): {pairs}. They were compared or told"
    " apart while this was planned: export again",
    "straddling_copy": "{a} in {split_a} and {b} in {split_b} are near copies",
    "straddling_file": "{a} in {split_a} and {b} in {split_b} are of one video or animation",
    "straddling_told": "{a} in {split_a} and {b} in {split_b} belong together, as a data set said",
    "straddling_person": "{a} in {split_a} and {b} in {split_b} show one person",
    "export_line_moved_on": "another release of {line} placed photos elsewhere while this was planned: export again",
    "export_size": "crops may be {least} to {most:,} pixels wide, not {size}",
    "export_not_a_folder": "{out} exists and is not a folder: choose another name",
    "export_folder_taken": "{out} holds other files: choose an empty or a new folder",
    "export_is_there": "{out} is an earlier export: give --overwrite to replace it, or another name",
    "export_holds_unexpected": "{out} holds files that Moue did not write ({file} …): move them away first",
    "crop_missing": "the crop {file} is missing: `python -m pipeline verify` lists what is",
    "crop_changed": "the crop {file} is not the one that its face was reviewed by: wait for a job that cuts crops anew,"
    " or see `python -m pipeline verify`, then cut it anew on the Clean page",
    "export_folder_busy": "another export into {folder} has been running for a minute: wait for it or end it",
    "export_recounting": "nothing was exported: faces are being counted anew under another consensus rule, {n} are"
    " left; export once they are counted",
    "export_not_compared": "nothing was exported: {n} accepted photos were not compared with the others ({sha} …), so"
    " copies might be in train and in val; wait for the job that is running, or run `python -m pipeline duplicates`",
}

TEMPLATES: Final[Mapping[str, str]] = MappingProxyType(
    {VERBATIM: "{text}"}
    | _OUTCOMES
    | _FRAMES
    | PERSONS
    | _FETCH
    | _KEEPERS
    | _JOBS
    | _EXPORT
    | PARTS
    | FINDINGS
    | FOREIGN
    | IMPORTS
    | PREDICTIONS
    | PROBLEMS
    | RELEASES
    | REQUESTS
    | SCRIPTS
    | SYSTEM
    | TEAM
    | UPLOAD
    | ROLE_PARTS
    | CONSENSUS_PARTS
)

"""Ends an upload that is too large while it comes in, before it fills the disk."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile, StopUpload

from cdrp_portal.uploads import LIMIT

# The whole request, with its other fields: as much as the proxy lets through (client_max_body_size).
REQUEST_LIMIT = 12 * 1024 * 1024


class LimitedUploadHandler(FileUploadHandler):
    """Stands before Django's own. A view learns from `request.is_upload_too_large` what it missed."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        _data, _headers, content_length, *_rest = args
        self.is_hopeless = content_length > REQUEST_LIMIT

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.counted = 0
        if self.is_hopeless:
            # What follows is not even read: it may be without end.
            self._note()
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.counted += len(raw_data)
        if self.counted > LIMIT:
            # The rest of the file is let go, and the fields after it are read.
            self._note()
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

    def _note(self) -> None:
        self.request.is_upload_too_large = True  # type: ignore[union-attr]

"""Files that people uploaded, served so that no browser runs what is in them."""

from typing import IO, Any

from django.http import FileResponse, HttpResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def download(file: IO[Any], *, name: str, content_type: str) -> FileResponse:
    """Return a file to keep, never to open in place."""
    return FileResponse(
        file,
        as_attachment=True,
        filename=name,
        content_type=content_type,
        headers=HEADERS,
    )


def download_csv(text: str, *, name: str) -> HttpResponse:
    """Return a table to keep; the mark in front lets spreadsheets read it as UTF-8."""
    return HttpResponse(
        "\ufeff" + text,
        content_type="text/csv; charset=utf-8",
        headers={**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'},
    )

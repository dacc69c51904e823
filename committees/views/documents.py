"""A document's address: the file where it is ready, else 202 and the progress of its making."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.requests import SignedInRequest
from cdrp_portal.downloads import file_response
from committees import documents
from committees.jobs.requests import request_document, wait_for
from committees.models import Document
from committees.views.jobs import job_response


def document_response(
    request: SignedInRequest,
    *,
    kind: str,
    parameters: Mapping[str, Any],
    inline: bool = False,
    wait: bool = False,
) -> HttpResponse:
    """Ask for the document; `wait` gives a short one a moment to be made."""
    try:
        job = request_document(kind=kind, parameters=parameters, by=request.user)
    except documents.NotThere as gone:
        raise Http404(str(gone)) from gone
    except documents.BadParameters as reason:
        return refused(request, str(reason))
    if wait:
        job = wait_for(job, seconds=settings.DOCUMENT_WAIT_SECONDS)
    if job.document is not None:
        return document_file(job.document, inline=inline)
    return job_response(request, job, status=202)


def document_file(document: Document, *, inline: bool = False) -> HttpResponse:
    return file_response(
        bytes(document.content),
        filename=document.filename,
        content_type=document.content_type,
        inline=inline,
    )


def refused(request: SignedInRequest, reason: str) -> HttpResponse:
    return render(request, "committees/document_refused.html", {"reason": reason}, status=400)

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from committees.views.documents import document_response


@require_GET
def borough_brief(request: SignedInRequest, borough: str) -> HttpResponse:
    return document_response(
        request, kind="borough-brief", parameters={"borough": borough}, inline=True, wait=True
    )

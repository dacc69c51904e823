from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from committees.views.documents import document_response


@require_GET
def borough_brief(request: HttpRequest, borough: str) -> HttpResponse:
    return document_response(
        request, kind="borough-brief", parameters={"borough": borough}, inline=True, wait=True
    )

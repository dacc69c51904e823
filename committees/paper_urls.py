from django.urls import path

from committees.views import editions

app_name = "papers"
urlpatterns = [
    # /papers/
    path("", editions.edition_list, name="edition-list"),
    # /papers/<committee>/<date>/<number>/
    path("<slug:code>/<str:held_on>/<str:number>/", editions.edition_detail, name="edition-detail"),
    path("<slug:code>/<str:held_on>/<str:number>.pdf", editions.edition_pdf, name="edition-pdf"),
]

from django.urls import path

from boroughs import views

app_name = "boroughs"
urlpatterns = [
    # /boroughs/<slug>/
    path("<slug:borough>/", views.borough_detail, name="borough-detail"),
    path("<slug:borough>/visits/add/", views.visit_create, name="visit-create"),
    path("<slug:borough>/links/add/", views.link_create, name="link-create"),
    path("<slug:borough>/links/<int:pk>/end/", views.link_end, name="link-end"),
]

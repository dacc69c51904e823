from django.urls import path

from recommendations import views

app_name = "recommendations"
urlpatterns = [
    # /recommendations/
    path("", views.recommendation_list, name="recommendation-list"),
    path("export.<str:format>", views.recommendation_export, name="recommendation-export"),
    path("plans/<slug:slug>/", views.plan_detail, name="plan-detail"),
    path("actions/<int:pk>/", views.action_detail, name="action-detail"),
    path("actions/<int:pk>/positions/add/", views.position_create, name="position-create"),
    # /recommendations/<number>/
    path("<int:number>/", views.recommendation_detail, name="recommendation-detail"),
]

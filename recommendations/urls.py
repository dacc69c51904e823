from django.urls import path

from recommendations.views import actions, answers, plan, register

app_name = "recommendations"
urlpatterns = [
    # /recommendations/
    path("", register.RecommendationList.as_view(), name="recommendation-list"),
    path("export.<str:format>", register.recommendation_export, name="recommendation-export"),
    path("plans/<slug:slug>/", plan.plan_detail, name="plan-detail"),
    # /recommendations/cycles/<cycle>/: the action plan of a review cycle
    path("cycles/<slug:cycle>/", answers.cycle_plan, name="cycle-plan"),
    path("cycles/<slug:cycle>/build/", answers.cycle_plan_build, name="cycle-plan-build"),
    path("cycles/<slug:cycle>/export.<str:format>", answers.cycle_plan_export, name="cycle-plan-export"),
    # /recommendations/actions/<pk>/
    path("actions/add/<int:rating>/", answers.answer_create, name="answer-create"),
    path("actions/<int:pk>/", actions.action_detail, name="action-detail"),
    path("actions/<int:pk>/positions/add/", actions.position_create, name="position-create"),
    # /recommendations/<number>/
    path("<int:number>/", plan.recommendation_detail, name="recommendation-detail"),
    path("<int:number>/export.<str:format>", plan.plan_export, name="plan-export"),
]

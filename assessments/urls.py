from django.urls import path

from assessments.views import cycles, health_check, matrix, rating

app_name = "assessments"
urlpatterns = [
    # /assessments/
    path("", cycles.cycle_list, name="cycle-list"),
    # /assessments/<cycle>/
    path("<slug:cycle>/", matrix.cycle_matrix, name="cycle-matrix"),
    path("<slug:cycle>/matrix.<str:format>", matrix.matrix_export, name="matrix-export"),
    # /assessments/<cycle>/<borough or authority>/
    path("<slug:cycle>/<slug:subject>/", health_check.health_check, name="health-check"),
    path("<slug:cycle>/<slug:subject>/history/", health_check.history, name="health-check-history"),
    path("<slug:cycle>/<slug:subject>/submit/", health_check.submit, name="health-check-submit"),
    path("<slug:cycle>/<slug:subject>/withdraw/", health_check.withdraw, name="health-check-withdraw"),
    path("<slug:cycle>/<slug:subject>/<str:code>/", rating.rating, name="rating"),
]

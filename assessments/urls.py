from django.urls import path

from assessments.views import (
    bulk,
    carrying,
    comments,
    cycle_wizard,
    cycles,
    drafts,
    evidence,
    health_check,
    life,
    matrix,
    moderation,
    past,
    rating,
    sets,
)

app_name = "assessments"
CODE = "<slug:cycle>/<slug:subject>/<str:code>/"
urlpatterns = [
    # /assessments/
    path("", cycles.cycle_list, name="cycle-list"),
    path("new/", cycle_wizard.cycle_new, name="cycle-new"),
    # /assessments/<cycle>/
    path("<slug:cycle>/", matrix.cycle_matrix, name="cycle-matrix"),
    path("<slug:cycle>/matrix.<str:format>", matrix.matrix_export, name="matrix-export"),
    path("<slug:cycle>/bulk/", bulk.bulk_edit, name="bulk-edit"),
    path("<slug:cycle>/sets/", sets.change_set_list, name="change-set-list"),
    path("<slug:cycle>/sets/<int:pk>/", sets.change_set, name="change-set"),
    path("<slug:cycle>/sets/<int:pk>/undo/", sets.change_set_undo, name="change-set-undo"),
    path("<slug:cycle>/readiness/", cycles.cycle_readiness, name="cycle-readiness"),
    path("<slug:cycle>/dates/", cycles.cycle_dates, name="cycle-dates"),
    path("<slug:cycle>/officers/", cycles.cycle_officers, name="cycle-officers"),
    path("<slug:cycle>/carry-forward/", cycles.cycle_carry, name="cycle-carry"),
    path("<slug:cycle>/close/", cycles.cycle_close, name="cycle-close"),
    # /assessments/<cycle>/<borough or authority>/
    path("<slug:cycle>/<slug:subject>/", past.health_check, name="health-check"),
    path("<slug:cycle>/<slug:subject>/history/", health_check.history, name="health-check-history"),
    path("<slug:cycle>/<slug:subject>/carry-forward/", carrying.check_carry, name="health-check-carry"),
    path("<slug:cycle>/<slug:subject>/confirm/", carrying.check_confirm, name="health-check-confirm"),
    path("<slug:cycle>/<slug:subject>/submit/", life.submit, name="health-check-submit"),
    path("<slug:cycle>/<slug:subject>/withdraw/", life.withdraw, name="health-check-withdraw"),
    path("<slug:cycle>/<slug:subject>/return/", life.give_back, name="health-check-return"),
    path("<slug:cycle>/<slug:subject>/moderate/", life.moderate, name="moderate"),
    path("<slug:cycle>/<slug:subject>/moderate-again/", life.moderate_again, name="moderate-again"),
    path("<slug:cycle>/<slug:subject>/sign-off/", life.sign_off, name="sign-off"),
    path("<slug:cycle>/<slug:subject>/reopen/", life.reopen, name="reopen"),
    # /assessments/<cycle>/<borough or authority>/<criterion>/
    path("<slug:cycle>/<slug:subject>/<str:code>/", rating.rating, name="rating"),
    path(f"{CODE}draft/", drafts.rating_draft, name="rating-draft"),
    path(f"{CODE}moderate/", moderation.moderate_rating, name="rating-moderate"),
    path(f"{CODE}flag/", moderation.flag_rating, name="rating-flag"),
    path(f"{CODE}comments/", comments.comments, name="comments"),
    path(f"{CODE}comments/<int:pk>/resolve/", comments.resolve, name="comment-resolve"),
    path(f"{CODE}comments/<int:pk>/reopen/", comments.reopen, name="comment-reopen"),
    path(f"{CODE}evidence/", evidence.evidence_list, name="evidence-list"),
    path(f"{CODE}evidence/add/", evidence.evidence_add, name="evidence-add"),
    path(f"{CODE}evidence/<int:pk>/", evidence.evidence_file, name="evidence-file"),
    path(f"{CODE}evidence/<int:pk>/edit/", evidence.evidence_edit, name="evidence-edit"),
    path(f"{CODE}evidence/<int:pk>/withdraw/", evidence.evidence_withdraw, name="evidence-withdraw"),
    path(f"{CODE}evidence/<int:pk>/restore/", evidence.evidence_restore, name="evidence-restore"),
    path(f"{CODE}proof/", evidence.proof_promise, name="proof-promise"),
    path(f"{CODE}proof/confirm/", evidence.proof_confirm, name="proof-confirm"),
]

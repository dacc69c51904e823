"""Work outside a request. The row of a job in PostgreSQL is the truth; Celery only wakes a worker.

requests    what people do: ask for a document, cancel, try again
claims      what workers do: claim, renew the lease, end; and the sweep that brings back what was lost
runner      one job from claim to end
dispatch    the one place from which a worker is woken

A claim raises `attempts` before the work starts, so that a job which kills its worker stops at three
(QUALITY fact 2). A worker that has lost its lease to another can finish nothing: every ending asks for
the claim's own token under a row lock.
"""

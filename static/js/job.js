/* Where focus stood on a part of a job that its next state no longer has, it goes to the job itself. */
(() => {
  "use strict";
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const job = event.detail.target && event.detail.target.closest("[data-job]");
    held = job && job.contains(document.activeElement) ? job.id : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (held && document.activeElement === document.body) document.getElementById(held)?.focus();
    held = null;
  });
})();

/* Small comforts. Every page does its whole work without this file. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  /* One live region for news, one for conflicts; news is said at most once in two seconds. */
  const waiting = [];
  let speaking = false;
  const speak = () => {
    const text = waiting.pop();
    waiting.length = 0;
    if (text === undefined) { speaking = false; return; }
    speaking = true;
    document.getElementById("live").textContent = text;
    setTimeout(speak, 2000);
  };
  const announce = (text, urgent) => {
    if (!text) return;
    if (urgent) { document.getElementById("alert").textContent = text; return; }
    waiting.push(text);
    if (!speaking) speak();
  };
  document.addEventListener("announce", (event) => {
    const detail = event.detail || {};
    announce(detail.text || detail.value, detail.urgent);
  });

  /* Save states: [data-save] holds a .save line that says where its thing stands. */
  const sayState = (event, kind, text) => {
    const place = event.target.closest && event.target.closest("[data-save]");
    const line = place && place.querySelector(".save");
    if (!line || event.detail.requestConfig && event.detail.requestConfig.verb === "get") return false;
    line.className = `save save--${kind}`;
    line.textContent = text;
    return true;
  };
  document.addEventListener("htmx:beforeSend", (event) => sayState(event, "saving", "Saving…"));
  const lost = (event) => { if (sayState(event, "failed", "Not saved: no connection")) announce("Not saved: no connection", true); };
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:responseError", (event) => {
    if (sayState(event, "failed", "Not saved: the portal could not take it")) announce("Not saved: the portal could not take it", true);
  });

  const start = () => {
    const summary = document.querySelector(".errors-top");
    if (summary) summary.focus();
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start); else start();

  document.addEventListener("click", (event) => {
    const reveal = event.target.closest("[data-reveal]");
    if (reveal) {
      const field = document.getElementById(reveal.dataset.reveal);
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      reveal.textContent = shown ? "Show" : "Hide";
      reveal.setAttribute("aria-label", shown ? "Show the password" : "Hide the password");
      announce(shown ? "The password is hidden" : "The password is shown");
      return;
    }
    const fill = event.target.closest("[data-fill-email]");
    if (fill) {
      event.preventDefault();
      const form = document.getElementById(fill.dataset.fillForm || "sign-in");
      form.querySelector("[type=email], [name=login]").value = fill.dataset.fillEmail;
      const secret = form.querySelector("[name=password]");
      secret.value = fill.dataset.fillPassword || "";
      form.querySelector("button:not([type=button])").focus();
      announce(`Filled in for ${fill.dataset.fillEmail}`);
      return;
    }
    for (const open of document.querySelectorAll("details.drop[open]")) {
      if (!open.contains(event.target)) open.open = false;
    }
  });

  /* A list that hangs open would lie over what has the focus next. */
  document.addEventListener("focusout", (event) => {
    const open = event.target.closest("details.drop[open]");
    if (open && event.relatedTarget && !open.contains(event.relatedTarget)) open.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.drop[open], details.menu-phone[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });
})();

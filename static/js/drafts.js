/* What is typed and not saved yet is kept on the server, and in this tab while the server cannot be reached. */
(() => {
  "use strict";
  const PAUSE = 2000;
  const NAMES = ["value", "rationale", "next_step"];
  const timers = new WeakMap();
  const unkept = new Set();

  const formOf = (field) => field.form && field.form.matches("[data-draft]") ? field.form : null;
  const address = (form) => `${form.getAttribute("action")}draft/`;
  /* Whoever signs in next in this tab is offered nothing of somebody else's. */
  const key = (form) => `draft ${form.dataset.draft} ${form.getAttribute("action")}`;
  const typed = (form) => {
    const data = new FormData(form);
    return Object.fromEntries(NAMES.map((name) => [name, data.get(name) || ""]));
  };
  /* On a rating's own page nothing is saved before its button is pressed. */
  const sayUnsaved = (form) => {
    const line = form.querySelector(".save:not(.save--failed)");
    if (!line || form.hasAttribute("hx-post") || form.closest("#panel")) return;
    line.className = "save save--failed";
    line.textContent = "Not saved yet";
  };
  const hasOffer = (form) => form.querySelector("[data-offer]") !== null;

  const remember = (form) => {
    try {
      sessionStorage.setItem(key(form), JSON.stringify({ ...typed(form), version: new FormData(form).get("version") }));
    } catch { /* A tab that keeps nothing still has the server. */ }
  };
  const forget = (form) => {
    unkept.delete(form);
    try { sessionStorage.removeItem(key(form)); } catch { /* As above. */ }
  };
  const remembered = (form) => {
    try { return JSON.parse(sessionStorage.getItem(key(form))); } catch { return null; }
  };

  const same = (one, other) => NAMES.every((name) => (one[name] || "") === (other[name] || ""));
  const keep = async (form) => {
    /* What is offered is not written over until its writer has used it or dropped it; the tab keeps the new text. */
    if (!unkept.has(form) || hasOffer(form)) return;
    const sent = typed(form);
    try {
      const response = await fetch(address(form), { method: "POST", body: new FormData(form), redirect: "manual" });
      if (response.status === 204 && same(sent, typed(form))) forget(form);
    } catch { /* The tab has it; the next pause tries again. */ }
  };
  const later = (form) => {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form), PAUSE));
  };

  document.addEventListener("input", (event) => {
    const form = formOf(event.target);
    if (!form || !NAMES.includes(event.target.name)) return;
    unkept.add(form);
    sayUnsaved(form);
    remember(form);
    later(form);
  });

  /* The page is left or put away: what the pause has not sent yet goes now, and outlives the page. */
  const leave = () => {
    for (const form of unkept) {
      if (form.isConnected && !hasOffer(form)) navigator.sendBeacon(address(form), new FormData(form));
    }
  };
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
  window.addEventListener("pagehide", leave);
  window.addEventListener("online", () => unkept.forEach(later));

  /* What is to be dropped is offered until the server has dropped it: without a line, when it is back. */
  const undropped = new Map();
  const drop = async (place, url, data) => {
    undropped.set(place, [url, data]);
    try {
      await fetch(url, { method: "POST", body: data, redirect: "manual" });
      undropped.delete(place);
      place.remove();
    } catch {
      htmx.trigger(document.body, "announce", { text: "Not dropped: no connection. Trying again." });
    }
  };
  window.addEventListener("online", () => {
    for (const [place, [url, data]] of undropped) {
      if (place.isConnected) drop(place, url, data); else undropped.delete(place);
    }
  });

  /* A form that is sent whole takes its text with it. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-draft]") && !form.hasAttribute("hx-post") && !event.defaultPrevented) unkept.delete(form);
  });

  /* The matrix's panel saves what is typed into it: a draft is used there by typing it, where nothing has moved since. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const place = form.closest("#panel") && form.querySelector("[data-offer]");
    const name = event.submitter && event.submitter.name;
    if (!place || !["use_draft", "drop"].includes(name)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const data = new FormData(form, event.submitter);
    const { moved, value } = place.dataset;
    if (name === "drop") {
      drop(place, event.submitter.formAction, data);
      return;
    }
    if (moved) {
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: "1" }));
      form.submit();
      return;
    }
    const texts = [...place.querySelectorAll("[data-text]")].map((text) => [text.dataset.text, text.textContent]);
    place.remove();
    for (const [field, text] of texts) {
      form.elements[field].value = text;
      form.elements[field].dispatchEvent(new Event("input", { bubbles: true }));
    }
    const radio = value && form.querySelector(`[name=value][value=${value}]`);
    if (radio && !radio.checked) {
      radio.checked = true;
      radio.dispatchEvent(new Event("change", { bubbles: true }));
    }
    form.elements.rationale.focus();
  }, true);

  /* A row that was saved needs nothing kept; the server has dropped its draft by itself. */
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form[data-draft]");
    const { successful, xhr, requestConfig } = event.detail;
    if (!form || !successful || !xhr.getResponseHeader("HX-Trigger") || requestConfig.path !== form.getAttribute("action")) return;
    const sent = requestConfig.parameters;
    if (NAMES.slice(1).every((name) => (sent[name] || "") === typed(form)[name])) forget(form);
  });

  /* What this tab still has of a form is handed to the server, which offers it beside the field. */
  const offer = async (form) => {
    const text = remembered(form);
    if (!text || unkept.has(form) || hasOffer(form)) return;
    if (same(text, typed(form))) { forget(form); return; }
    const data = new FormData(form);
    for (const name of [...NAMES, "version"]) data.set(name, text[name] || "");
    data.set("offer", "1");
    try {
      const response = await fetch(address(form), { method: "POST", body: data, redirect: "manual" });
      if (!response.ok) return;
      forget(form);
      const place = form.querySelector("[id^=draft-]");
      if (response.status !== 200 || !place) return;
      place.outerHTML = await response.text();
      htmx.process(form);
      if (form.dataset.name) htmx.trigger(document.body, "announce", { text: `${form.dataset.name}: what you were writing was kept` });
    } catch { /* Offered at the next visit. */ }
  };
  const offerAll = (root) => root.querySelectorAll("form[data-draft]").forEach(offer);
  document.addEventListener("panel:shown", (event) => offerAll(event.target));
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) offerAll(event.target); });
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => offerAll(document)); else offerAll(document);
})();

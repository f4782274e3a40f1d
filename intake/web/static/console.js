// Only comfort: every page works without this file.
(function () {
  "use strict";
  // A select in a filter form applies at once; the button stays for the keyboard and for pages without scripts.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form.filters");
    if (form && event.target.tagName === "SELECT") { form.requestSubmit(); }
  });
  // j and k walk through the queue; nothing is decided by a key alone.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) { return; }
    var link = { j: "a[rel=next]", k: "a[rel=prev]" }[event.key];
    var found = link && document.querySelector(link);
    if (found) { found.click(); }
  });
  // A live part that is refused (signed out, disabled) reloads the page, which asks to sign in; one that cannot be had is said to be old.
  function lost(yes) {
    var note = document.querySelector(".lost");
    document.documentElement.classList.toggle("offline", yes);
    if (note) { note.textContent = yes ? note.dataset.said : ""; }
  }
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (status === 401 || status === 403) { window.location.reload(); } else { lost(true); }
  });
  document.addEventListener("htmx:sendError", function () { lost(true); });
  document.addEventListener("htmx:afterRequest", function (event) { if (event.detail.successful) { lost(false); } });
})();

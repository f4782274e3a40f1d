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
  // A live part that was refused (signed out, server gone) reloads the page once, so that nobody looks at old figures.
  document.addEventListener("htmx:responseError", function (event) {
    if (event.detail.xhr.status === 401 || event.detail.xhr.status === 403) { window.location.reload(); }
  });
  document.addEventListener("htmx:sendError", function () {
    document.documentElement.classList.add("offline");
  });
  document.addEventListener("htmx:afterOnLoad", function () {
    document.documentElement.classList.remove("offline");
  });
})();

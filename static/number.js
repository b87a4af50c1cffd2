/* The adviser's number for when there is no signal: only on somebody's own phone, only when they press, and until they
   press again, leave or sign out. The number is kept and nothing else; no page of anybody's is. */
(function () {
  "use strict";
  if (!window.caches) return;
  var BOX = "number", here = document.querySelector("[data-number]");
  if (!here || !navigator.serviceWorker) { caches.delete(BOX); return; }
  var keep = here.querySelector("[data-keep]"), drop = here.querySelector("[data-drop]"), said = here.querySelector("[role=status]");
  function put() {
    return caches.open(BOX).then(function (box) { return box.put("/offline/number/", new Response(here.dataset.number + " " + here.dataset.said)); });
  }
  function show(kept) { keep.hidden = kept; drop.hidden = !kept; }
  caches.has(BOX).then(function (kept) {
    show(kept);
    here.hidden = false;
    if (kept) return put(); // it may have changed
  });
  keep.addEventListener("click", function () {
    put().then(function () { show(true); said.textContent = said.dataset.kept; drop.focus(); });
  });
  drop.addEventListener("click", function () {
    caches.delete(BOX).then(function () { show(false); said.textContent = said.dataset.gone; keep.focus(); });
  });
})();

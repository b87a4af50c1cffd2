/* Everything here is a comfort: each page works without it. The way out comes first, so nothing below can break it. */
(function () {
  "use strict";
  var page = document.documentElement, form = document.querySelector("form.leave"), shifts = [];

  function leave() {
    page.classList.add("gone");
    document.title = "\u00a0";
    try { navigator.serviceWorker.controller.postMessage("leave"); } catch (e) { /* nothing is kept here */ }
    try { caches.delete("number"); } catch (e) { /* no number is kept here */ }
    try { navigator.sendBeacon(form.action); } catch (e) { /* the sign-in ends by itself a little later */ }
    location.replace(form.dataset.to);
  }
  if (form) {
    form.addEventListener("submit", function (event) { event.preventDefault(); leave(); });
    document.addEventListener("keydown", function (event) {
      if (event.repeat) return;
      if (event.key !== "Shift") { shifts = []; return; }
      shifts = shifts.filter(function (at) { return event.timeStamp - at < 5000; }).concat(event.timeStamp);
      if (shifts.length > 2) leave();
    });
  }
  // A kept number goes with its sign-in, also where the worker sees nothing: a page loaded afresh, a sign-in that ran out.
  function forgetNumber() { if (window.caches) caches.delete("number").catch(function () {}); }
  if (/^\/account\/(login|code|invite)\//.test(location.pathname) && document.querySelector("main form")) forgetNumber();

  // Public pages for when there is no signal. Not where the page comes up while somebody leaves.
  if ("serviceWorker" in navigator && isSecureContext && !(navigator.connection || {}).saveData) {
    if (document.readyState === "complete") keepPages(); else addEventListener("load", keepPages);
  }
  function keepPages() { navigator.serviceWorker.register("/worker.js").catch(function () {}); }
  addEventListener("pageshow", function (event) {
    if (event.persisted && page.classList.contains("gone")) location.reload();
    document.querySelectorAll("form[data-sent]").forEach(function (sent) { delete sent.dataset.sent; sent.removeAttribute("aria-busy"); });
  });

  // One form, one request: a second press within five seconds does nothing, and no button is ever switched off.
  document.addEventListener("submit", function (event) {
    var sent = event.target;
    if (event.defaultPrevented || sent.method !== "post") return;
    if (sent.dataset.sent && event.timeStamp - sent.dataset.sent < 5000) { event.preventDefault(); return; }
    sent.dataset.sent = event.timeStamp;
    sent.setAttribute("aria-busy", "true");
    if (/\/account\/logout\/$/.test(sent.action)) forgetNumber();
  });

  // How many letters are left, said once the writer rests.
  document.querySelectorAll("[data-limit]").forEach(function (count) {
    var box = document.getElementById(count.dataset.of), wait;
    if (!box) return;
    function say() {
      var left = count.dataset.limit - box.value.trim().length;
      count.textContent = (left < 0 ? count.dataset.over : count.dataset.left).replace("{n}", Math.abs(left));
      count.classList.toggle("late", left < 0);
    }
    count.setAttribute("aria-live", "polite");
    box.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(say, 400); });
    if (box.value) say();
  });

  // Pages while somebody types: links below the box. The search itself needs no script.
  var box = document.querySelector("form.search input[type=search]");
  if (box && window.fetch) {
    var list = document.createElement("ul"), said = document.createElement("p"), asked, later;
    list.className = "rows";
    said.className = "hidden-text";
    said.setAttribute("role", "status");
    box.form.after(said, list);
    box.addEventListener("input", function () {
      clearTimeout(later);
      later = setTimeout(function () {
        var words = asked = box.value.trim();
        if (words.length < 3) { list.replaceChildren(); said.textContent = ""; return; }
        fetch(box.form.getAttribute("action") + "suggest/?q=" + encodeURIComponent(words)).then(function (answer) { return answer.json(); }).then(function (found) {
          if (asked !== words) return;
          list.replaceChildren.apply(list, found.pages.map(function (page) {
            var line = document.createElement("li"), link = document.createElement("a");
            link.href = page.address;
            link.textContent = page.title;
            line.append(link);
            return line;
          }));
          said.textContent = found.pages.length ? box.form.dataset.pages + ": " + found.pages.length : "";
        }).catch(function () { /* the button still searches */ });
      }, 250);
    });
  }

  var problems = document.querySelector(".problems"), at = document.activeElement;
  if (problems && (!at || at === document.body)) problems.focus();
  if (!document.querySelector("link[rel=manifest]")) document.head.append(Object.assign(document.createElement("link"), { rel: "manifest", href: "/manifest.webmanifest" }));
  page.classList.add("js");
})();

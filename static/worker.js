/* Keeps some public pages on this phone, for when there is no signal. Never a page that belongs to somebody:
   what is kept is asked for without cookies, or says itself that everybody may have it. */
"use strict";
var PAGES = "pages", NUMBER = "number";
// Whose, or of which moment: never kept.
var OURS = /^(?:\/(?:ar|ps|vi))?\/(me|desk|account|cms|b|demo|api|documents|media|search|check|feedback|help\/now)\//;

function forget() { return Promise.all([caches.delete(PAGES), caches.delete(NUMBER)]); }
function mayStay(answer) {
  return answer.ok && answer.type === "basic" && !answer.redirected &&
    !/no-store|private/.test(answer.headers.get("Cache-Control") || "");
}
function keep(address, answer) {
  var headers = new Headers(answer.headers);
  headers.set("X-Saved-At", Date.now());
  return answer.blob().then(function (body) {
    return caches.open(PAGES).then(function (box) { return box.put(address, new Response(body, { headers: headers })); });
  });
}
function fetchAndKeep(address) {
  return fetch(address, { credentials: "omit" }).then(function (answer) { if (mayStay(answer)) return keep(address, answer); });
}
function saved(address) {
  return caches.open(PAGES).then(function (box) { return box.match(address, { ignoreVary: true }); });
}
/* A kept page says first that it is kept, and since when. */
function honest(answer) {
  if (!/html/.test(answer.headers.get("Content-Type") || "")) return answer;
  var at = new Date(Number(answer.headers.get("X-Saved-At")));
  return answer.text().then(function (html) {
    var language = (/<html lang="([a-z-]+)/.exec(html) || [])[1] || "en";
    var words = (/data-saved="([^"]*)"/.exec(html) || [])[1];
    var day = at.toLocaleString(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
    if (words) html = html.replace(/(<main[^>]*>)/, function (main) { return main + '<p class="inset" role="status">' + words.replace("{day}", day) + "</p>"; });
    return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": answer.headers.get("Content-Security-Policy") || "default-src 'self'" } });
  });
}
/* The number somebody asked this phone to keep, where their own pages would be. */
function withNumber(path, page) {
  if (!/^\/me\//.test(path)) return page;
  return caches.match("/offline/number/", { cacheName: NUMBER }).then(function (kept) {
    return kept ? kept.text() : "";
  }).then(function (number) {
    var parts = /^(\+[0-9]{7,15}) ([0-9 ]{7,20})$/.exec(number);
    if (!parts) return page;
    return page.text().then(function (html) {
      html = html.replace(/<p data-number hidden>([^<]*)/, function (all, words) {
        return "<p>" + words + '</p><p><a class="button secondary" href="tel:' + parts[1] + '">' + parts[2] + "</a>";
      });
      return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": page.headers.get("Content-Security-Policy") || "default-src 'self'" } });
    });
  });
}
function withoutSignal(path) {
  return (OURS.test(path) ? Promise.resolve() : saved(path)).then(function (page) {
    if (page && path !== "/offline/") return honest(page);
    return saved("/offline/").then(function (page) { return page ? withNumber(path, page) : Response.error(); });
  });
}

self.addEventListener("install", function (event) {
  self.skipWaiting();
  event.waitUntil(Promise.all(KEPT.map(function (address) { return fetchAndKeep(address).catch(function () {}); })));
});
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
self.addEventListener("message", function (event) {
  if (event.data === "leave") event.waitUntil(forget().then(function () { return self.registration.unregister(); }));
});
self.addEventListener("fetch", function (event) {
  var asked = event.request, where = new URL(asked.url);
  if (where.origin !== self.location.origin) return;
  if (asked.method === "POST" && where.pathname === "/account/leave/") { event.waitUntil(forget()); return; }
  if (asked.method === "POST" && /^\/account\/(logout|login)\//.test(where.pathname)) { event.waitUntil(caches.delete(NUMBER)); return; }
  if (asked.method !== "GET") return;
  // Pages kept before the last change ask for the style they were drawn with: it is still here.
  if ((KEPT.indexOf(where.pathname) >= 0 || /^\/static\//.test(where.pathname)) && asked.mode !== "navigate") {
    event.respondWith(fetch(asked).catch(function () { return saved(where.pathname).then(function (file) { return file || Response.error(); }); }));
    return;
  }
  if (asked.mode !== "navigate") return;
  event.respondWith(fetch(asked).then(function (answer) {
    if (!OURS.test(where.pathname) && !where.search && mayStay(answer) && /public/.test(answer.headers.get("Cache-Control"))) event.waitUntil(keep(where.pathname, answer.clone()));
    if (answer.status === 404 || answer.status === 410) event.waitUntil(caches.open(PAGES).then(function (box) { return box.delete(where.pathname); }));
    return answer;
  }, function () { return withoutSignal(where.pathname); }));
});

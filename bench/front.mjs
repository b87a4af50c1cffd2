// What stands before the portal on the internet, small: TLS and HTTP/2. Beside each page of the portal, below /lean/, the
// leanest page with the same words: its headings, paragraphs, lists and links, and a style of a few lines. It is sent with
// the headers of the page it stands beside: what a policy costs a browser (a process of its own, say) is no page's doing.
// node front.mjs PORT PORTAL KEY CERTIFICATE
import { readFileSync } from "node:fs";
import { createSecureServer } from "node:http2";
import { request } from "node:http";
import { gunzipSync, gzipSync } from "node:zlib";

const [port, portal, key, certificate] = process.argv.slice(2);
const STYLE = "body{margin:0;font:17px/1.5 system-ui,sans-serif;color:#1d1b3a;background:#fffcf5}main{max-width:42rem;margin:auto;padding:1rem}h1{font-size:1.8rem;line-height:1.2}";
const HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "http2-settings", "host"]);
const OF_THE_BODY = new Set(["content-length", "content-encoding", "etag"]);
const kept = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":") && !HOP.has(name)));
const held = new Map(); // a static page is drawn once

function leanOf(html) {
  const main = /<main[^>]*>(.*)<\/main>/s.exec(html)[1];
  const words = main
    .replace(/<(svg|form|input|select|textarea)\b.*?<\/\1>/gs, "")
    .replace(/<(\/?)(h[1-6]|p|ul|ol|li)\b[^>]*>/g, "<$1$2>")
    .replace(/<a\b[^>]*?(href="[^"]*")[^>]*>/g, "<a $1>")
    .replace(/<(?!\/?(?:h[1-6]|p|ul|ol|li|a)\b)[^>]*>/g, "")
    .replace(/\s+/g, " ");
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>Lean</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/lean.css"></head><body><main>${words}</main></body></html>`;
}

function say(answer, { headers, body }) {
  answer.writeHead(200, { "cache-control": "public, no-cache", ...headers, "content-encoding": "gzip" });
  answer.end(body);
}

function ask(path, method, headers, then, failed) {
  const onward = request(`http://${portal}${path}`, { method, headers: { ...headers, host: portal, "x-forwarded-proto": "https" } }, then);
  onward.on("error", failed);
  return onward;
}

createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (asked, answer) => {
  const failed = () => { answer.writeHead(502); answer.end(); };
  if (asked.url === "/lean.css") return say(answer, { headers: { "content-type": "text/css; charset=utf-8" }, body: gzipSync(STYLE) });
  if (asked.url.startsWith("/lean/")) {
    if (held.has(asked.url)) return say(answer, held.get(asked.url));
    return ask(asked.url.slice(5), "GET", { "accept-encoding": "gzip" }, (found) => {
      const pieces = [];
      found.on("data", (piece) => pieces.push(piece));
      found.on("end", () => {
        const headers = Object.fromEntries(Object.entries(kept(found.headers)).filter(([name]) => !OF_THE_BODY.has(name)));
        held.set(asked.url, { headers, body: gzipSync(leanOf(gunzipSync(Buffer.concat(pieces)).toString())) });
        say(answer, held.get(asked.url));
      });
    }, failed).end();
  }
  asked.pipe(ask(asked.url, asked.method, kept(asked.headers), (found) => {
    answer.writeHead(found.statusCode, kept(found.headers));
    found.pipe(answer);
  }, failed));
}).listen(Number(port), "127.0.0.1");

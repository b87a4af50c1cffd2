/* Reading age and jargon while an editor types. A comfort: publishing never waits for it. */
(function () {
  "use strict";
  var script = document.currentScript, form = document.querySelector("form[data-edit-form]"), wait, last = "";
  if (!form || !script) return;
  var box = document.createElement("section");
  box.className = "reading-age";
  box.setAttribute("aria-live", "polite");
  box.style.cssText = "position:fixed;inset-block-end:.75rem;inset-inline-end:2.75rem;max-inline-size:20rem;max-block-size:40vh;overflow:auto;z-index:20;" +
    "padding:.75rem 1rem;border-radius:8px;border:1px solid currentColor;background:Canvas;color:CanvasText;font-size:.85rem;";
  box.hidden = true;
  document.body.appendChild(box);

  function words() {
    var parts = [];
    form.querySelectorAll("textarea:not([hidden]), input[type=text]").forEach(function (field) {
      if (/(-body|-answer|-heading|-title|-question|-items-|one_line|intro|lead|what|who_for|how_|when|good_to_know|have_ready|if_no)/.test(field.name + "-") &&
          field.offsetParent && field.value.charAt(0) !== "{") parts.push(field.value);
    });
    form.querySelectorAll(".public-DraftEditor-content [data-block]").forEach(function (block) { parts.push(block.innerText); });
    return parts.join("\n");
  }
  function show(found) {
    box.textContent = "";
    box.hidden = !found.words;
    var line = document.createElement("strong");
    line.textContent = (found.easy && !found.unknown.length ? "✓ " : "! ") + found.words;
    box.appendChild(line);
    found.unknown.concat(found.jargon, found.long).forEach(function (text) {
      var item = document.createElement("div");
      item.textContent = text;
      box.appendChild(item);
    });
  }
  function ask() {
    var now = words();
    if (now === last) return;
    last = now;
    var token = form.querySelector("[name=csrfmiddlewaretoken]");
    fetch(script.dataset.reading, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token ? token.value : "" },
      body: new URLSearchParams({ words: now }) })
      .then(function (answer) { return answer.ok ? answer.json() : null; })
      .then(function (found) { if (found) show(found); })
      .catch(function () { /* the next key press asks again */ });
  }
  document.addEventListener("input", function () { clearTimeout(wait); wait = setTimeout(ask, 900); });
  document.addEventListener("keyup", function () { clearTimeout(wait); wait = setTimeout(ask, 900); });
  setTimeout(ask, 1500);
})();

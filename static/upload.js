/* Says how far the photos are while they are sent. Without it the form is sent as any other. */
(function () {
  "use strict";
  document.querySelectorAll("form[enctype] [data-upload]").forEach(function (part) {
    var form = part.closest("form"), bar = part.querySelector("progress"), words = part.querySelector("[role=status]"), going = false;

    function say(text) { if (words.textContent !== text) words.textContent = text; }
    function failed() { going = false; bar.hidden = true; form.removeAttribute("aria-busy"); say(part.dataset.failed); }

    form.addEventListener("submit", function (event) {
      var files = form.querySelector("input[type=file]"), body = new FormData(form), sender, quarter = -1;
      if (going) { event.preventDefault(); return; }
      if (event.defaultPrevented || !files || !files.files.length) return;
      event.preventDefault();
      going = true;
      if (event.submitter && event.submitter.name) body.append(event.submitter.name, event.submitter.value);
      form.setAttribute("aria-busy", "true");
      bar.hidden = false;
      bar.value = 0;
      say(part.dataset.sending.replace("{n}", 0));
      sender = new XMLHttpRequest();
      sender.open("POST", form.action);
      sender.upload.onprogress = function (sent) {
        var percent = sent.total ? Math.floor(100 * sent.loaded / sent.total) : 0;
        bar.value = percent;
        // A screen reader is told four times, not a hundred.
        if (Math.floor(percent / 25) > quarter) { quarter = Math.floor(percent / 25); say(part.dataset.sending.replace("{n}", percent)); }
      };
      sender.upload.onload = function () { bar.value = 100; say(part.dataset.looking); };
      sender.onerror = sender.ontimeout = failed;
      sender.onload = function () {
        if (sender.responseURL && sender.responseURL.split("?")[0] !== form.action.split("?")[0]) { location.assign(sender.responseURL); return; }
        if (!/^text\/html/.test(sender.getResponseHeader("Content-Type") || "")) { failed(); return; }
        // The same page with what is wrong: shown as the browser would have.
        document.open();
        document.write(sender.responseText);
        document.close();
      };
      sender.send(body);
    });
  });
})();

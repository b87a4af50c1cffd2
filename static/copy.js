/* Copy in one tap, for staff pages. Without it the words are there to be selected. */
(function () {
  "use strict";
  if (!navigator.clipboard) return;
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      var words = Array.prototype.map.call(document.querySelectorAll(button.dataset.copy), function (one) { return one.innerText.trim(); });
      navigator.clipboard.writeText(words.join("\n\n")).then(function () {
        button.textContent = button.dataset.done;
        button.setAttribute("aria-live", "polite");
      }).catch(function () { button.hidden = true; });
    });
  });
})();

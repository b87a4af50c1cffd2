// Shows the rule in words as an editor builds it. Without this script the saved draft's sentence stands there.
(() => {
  const place = document.querySelector("[data-read-back]");
  const form = place && place.closest("form");
  if (!form) return;
  let waiting, last = 0;
  const ask = async () => {
    const number = ++last;
    try {
      const answer = await fetch(place.dataset.readBack, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      const text = answer.ok && (await answer.text());
      if (text && number === last) place.innerHTML = text;
    } catch (offline) { /* the saved sentence stays */ }
  };
  const later = () => { clearTimeout(waiting); waiting = setTimeout(ask, 600); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Blocks come and go without an event; what this script writes itself is no change.
  const seen = (changes) => { if (changes.some((change) => !place.contains(change.target))) later(); };
  new MutationObserver(seen).observe(form.querySelector("#tab-the_offer") || form, { childList: true, subtree: true });
})();

// A box to find one of many tick boxes by its words. Without this script the whole list stands there.
(() => {
  const ready = (words, list) => {
    if (!list || list.dataset.pick) return;
    list.dataset.pick = "ready";
    const find = document.createElement("input");
    find.type = "search";
    find.placeholder = find.ariaLabel = words;
    find.style.marginBlockEnd = ".75rem";
    const rows = [...list.children];
    const show = () => {
      const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
      rows.forEach((row) => {
        const said = row.textContent.toLowerCase();
        row.hidden = !row.querySelector(":checked") && !words.every((word) => said.includes(word));
      });
    };
    find.addEventListener("input", (typed) => { typed.stopPropagation(); show(); });
    find.addEventListener("keydown", (key) => { if (key.key === "Enter") key.preventDefault(); });
    list.before(find);
    list.style.maxBlockSize = "18rem";
    list.style.overflow = "auto";
  };
  const look = () => document.querySelectorAll("input[data-pick]").forEach((tick) => {
    const label = tick.closest("label");
    ready(tick.dataset.pick, label && label.parentElement.parentElement);
  });
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  look();
})();

/* A camera read the square on the adviser's screen: the code came after the # of the address, where no server sees it.
   It is put into the box, and taken out of the address and its history. */
(function () {
  "use strict";
  var box = document.querySelector("input[name=invitation]"), code = location.hash.slice(1);
  if (!box || !/^[0-9A-Za-z]{10}$/.test(code)) return;
  if (!box.value) box.value = code.slice(0, 5) + " " + code.slice(5);
  history.replaceState(null, "", location.pathname);
  var where = document.querySelector("input[name=where]");
  if (where) where.focus();
})();

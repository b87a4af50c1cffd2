(function (told) {
  requestAnimationFrame(function () {
    setTimeout(function () {
      var script = document.createElement("script");
      script.src = told.dataset.src;
      told.after(script);
    });
  });
})(document.currentScript);

/* Inside an iframe: tells the website around it how high the page is, and no other site. */
(function () {
  "use strict";
  if (window.parent === window) return;
  var sites = document.currentScript.dataset.sites.split(" ").filter(Boolean);
  var around = window.location.ancestorOrigins;
  if (around && around.length) sites = sites.filter(function (site) { return site === around[0]; });
  var last = 0;

  function tell() {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    if (height === last) return;
    last = height;
    sites.forEach(function (site) { window.parent.postMessage({ hallappHeight: height }, site); });
  }

  tell();
  window.addEventListener("load", tell);
  window.addEventListener("resize", tell);
  if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
})();

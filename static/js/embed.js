/* On a website that shows a hall's pages: gives each iframe the height of its page. It believes only those iframes. */
(function () {
  "use strict";
  var MOST = 10000;
  var hall = new URL(document.currentScript.src).origin;

  window.addEventListener("message", function (event) {
    var height = event.data && event.data.hallappHeight;
    if (event.origin !== hall || typeof height !== "number" || !(height > 0 && height <= MOST)) return;
    document.querySelectorAll("iframe").forEach(function (frame) {
      if (frame.contentWindow === event.source) {
        frame.style.border = "0";
        frame.style.height = height + "px";
      }
    });
  });
})();

// Runs after the modules, if there are any: starts the page for old browsers unless the modern one has started. The build makes it ES5.
(() => {
  if (window.rtspViewer === "modern") return;
  window.rtspViewer = "legacy";
  var boot = document.getElementById("boot");
  var links = document.getElementsByTagName("link");
  var i;
  for (i = links.length - 1; i >= 0; i--) {
    if (links[i].rel === "stylesheet") links[i].parentNode.removeChild(links[i]);
  }
  var style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = boot.getAttribute("data-style");
  document.head.appendChild(style);
  var script = document.createElement("script");
  script.src = boot.getAttribute("data-script");
  document.head.appendChild(script);
})();

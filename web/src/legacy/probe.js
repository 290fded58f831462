// Loaded as a module, before the app. Whatever does not understand this file, or lacks what it asks for, gets the page for old browsers.
// biome-ignore lint/complexity/noStaticOnlyClass: it is here for its syntax
class Probe {
  static #n;
  static {
    Probe.#n ??= 1;
  }
  static n = (o) => o?.n ?? (#n in Probe && Probe.#n);
}
const forced = /[?&]legacy\b/.test(location.search);
const has = ["Promise", "fetch", "WebSocket", "URLSearchParams", "HTMLDialogElement"];
const modern = has.every((name) => name in window) && Object.hasOwn(window, "Proxy") && [1].at(-1) === Probe.n();
if (modern && !forced) window.rtspViewer = "modern";

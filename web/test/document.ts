/** Just enough of a document for players: it can be hidden and shown. */
export class FakeDocument extends EventTarget {
  visibilityState: "visible" | "hidden" = "visible";

  see(state: "visible" | "hidden"): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

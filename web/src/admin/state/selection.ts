import { Store } from "../../base/store";

/** Selection is the rows chosen for something to be done with all of them; it outlives turning the page. */
export class Selection {
  readonly ids = new Store<ReadonlySet<string>>(new Set());

  has(id: string): boolean {
    return this.ids.value.has(id);
  }

  /** Puts rows into the selection or takes them out. */
  mark(ids: Iterable<string>, as: "in" | "out"): void {
    const next = new Set(this.ids.value);
    for (const id of ids) {
      if (as === "in") next.add(id);
      else next.delete(id);
    }
    this.ids.set(next);
  }

  clear(): void {
    if (this.ids.value.size > 0) this.ids.set(new Set());
  }

  /** How much of some rows is selected, for the box above them. */
  of(ids: readonly string[]): "none" | "some" | "all" {
    const chosen = ids.filter((id) => this.has(id)).length;
    if (chosen === 0) return "none";
    return chosen === ids.length ? "all" : "some";
  }
}

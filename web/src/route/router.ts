import { Store } from "../base/store";
import { readHash, type Where, writeHash } from "./where";

/** The part of window that is used. */
export interface RouterWindow {
  readonly location: Pick<Location, "hash" | "pathname" | "search">;
  readonly history: Pick<History, "go" | "pushState" | "replaceState" | "state">;
  addEventListener(type: "popstate" | "beforeunload", listener: (event: Event) => void): void;
}

/** A way off a page with unsaved changes, held until somebody decides. */
export interface Leaving {
  leave(): void;
  stay(): void;
}

interface Mark {
  at: number; // how many steps from where this visit began
}

/**
 * Router is where the person is, kept in the address's hash, so that back, forward, reload and links work and no server has to know the
 * pages. A page with unsaved changes stands guard: whoever would leave it, by a link, by back or by typing an address, is asked first;
 * closing the tab is asked about by the browser.
 */
export class Router {
  readonly where: Store<Where>;
  /** A way off that waits for a decision. */
  readonly leaving = new Store<Leaving | undefined>(undefined);
  readonly #window: RouterWindow;
  readonly #guards = new Set<() => boolean>();
  #at: number;
  #passing = 0; // steps through the history that are this router's own doing, not yet told by the browser
  #onward: (() => void) | undefined; // what follows the step back

  constructor(window: RouterWindow) {
    this.#window = window;
    this.#at = markOf(window.history.state)?.at ?? 0;
    window.history.replaceState({ at: this.#at } satisfies Mark, "");
    this.where = new Store(readHash(window.location.hash));
    window.addEventListener("popstate", () => this.#popped());
    window.addEventListener("beforeunload", (event) => {
      if (this.#guarded()) event.preventDefault();
    });
  }

  /** Goes to a path, "/cameras?q=gate", as a link does. */
  go(path: string): void {
    const push = () => {
      this.#at++;
      this.#window.history.pushState({ at: this.#at } satisfies Mark, "", `#${path}`);
      this.where.set(readHash(`#${path}`));
    };
    if (this.#guarded() && readHash(`#${path}`).path !== this.where.value.path) this.#ask(push);
    else push();
  }

  /** Does something that ends the present page, as signing out does, once nobody minds. */
  pass(act: () => void): void {
    if (this.#guarded()) this.#ask(act);
    else act();
  }

  /** Puts another address in the place of this one: no step that back would undo, and nobody is asked. */
  replace(where: Where): void {
    const hash = writeHash(where);
    this.#window.history.replaceState({ at: this.#at } satisfies Mark, "", hash);
    this.where.set(readHash(hash));
  }

  /** Guards the present page: dirty says whether leaving it would lose something. Gives the way to stop. */
  guard(dirty: () => boolean): () => void {
    this.#guards.add(dirty);
    return () => {
      this.#guards.delete(dirty);
    };
  }

  #guarded(): boolean {
    for (const dirty of this.#guards) if (dirty()) return true;
    return false;
  }

  /** The browser stands somewhere else already: it is brought back before anybody is asked. */
  #popped(): void {
    const { history, location } = this.#window;
    if (this.#passing > 0) {
      this.#passing--;
      this.#onward?.();
      this.#onward = undefined;
      return;
    }
    // An address typed by hand is a new step without a mark.
    const mark = markOf(history.state) ?? { at: this.#at + 1 };
    if (markOf(history.state) === undefined) history.replaceState(mark, "");
    const next = readHash(location.hash);
    const steps = mark.at - this.#at;
    if (!this.#guarded() || next.path === this.where.value.path || steps === 0) {
      this.#at = mark.at;
      this.where.set(next);
      return;
    }
    this.#step(-steps, () =>
      this.#ask(() => {
        this.#step(steps, () => {
          this.#at = mark.at;
          this.where.set(next);
        });
      }),
    );
  }

  #step(steps: number, then: () => void): void {
    this.#passing++;
    this.#onward = then;
    this.#window.history.go(steps);
  }

  #ask(leave: () => void): void {
    const done = (then: () => void) => () => {
      this.leaving.set(undefined);
      then();
    };
    this.leaving.set({
      leave: done(() => {
        this.#guards.clear(); // what they guard is given up
        leave();
      }),
      stay: done(() => {}),
    });
  }
}

function markOf(state: unknown): Mark | undefined {
  const at = (state as Partial<Mark> | null)?.at;
  return typeof at === "number" ? { at } : undefined;
}

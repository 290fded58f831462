import type { User } from "../api/types";
import { Store } from "../base/store";
import type { Memory } from "./place";

const key = "rtsp-viewer.screen";

/**
 * Post is what this browser is for: a desk where people sign in, or a screen on a wall. It is kept, so that a screen that was signed out asks
 * for a code rather than for a login.
 */
export class Post {
  readonly kind: Store<"desk" | "wall">;
  readonly #memory: Memory | undefined;

  constructor(memory: Memory | undefined) {
    this.#memory = memory;
    this.kind = new Store<"desk" | "wall">(this.#recall() === null ? "desk" : "wall");
  }

  /** Somebody was signed in here, which says what this browser is. */
  serve(user: Pick<User, "kind">): void {
    if (user.kind !== "device") return this.release();
    this.#keep((memory) => memory.setItem(key, "1"));
    this.kind.set("wall");
  }

  /** People sign in here from now on. */
  release(): void {
    this.#keep((memory) => memory.removeItem(key));
    this.kind.set("desk");
  }

  #recall(): string | null {
    try {
      return this.#memory?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  #keep(fn: (memory: Memory) => void): void {
    try {
      if (this.#memory) fn(this.#memory);
    } catch {
      // storage is forbidden: it holds until the page goes
    }
  }
}

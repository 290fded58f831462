import type { Clock } from "../base/clock";

const forgotten = 4000; // ms after the last digit

/** Digits is the camera number that somebody is typing. */
export class Digits {
  typed = "";
  readonly #clock: Clock;
  readonly #changed: () => void;
  #cancel: () => void = () => {};

  constructor(clock: Clock, changed: () => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  add(digit: string): void {
    this.#cancel();
    this.#set((this.typed + digit).slice(0, 6));
    this.#cancel = this.#clock.after(forgotten, () => this.#set(""));
  }

  /** Gives the number and forgets it; nothing if there is none. */
  take(): number | undefined {
    if (this.typed === "") return undefined;
    const n = Number(this.typed);
    this.forget();
    return n;
  }

  forget(): void {
    this.#cancel();
    if (this.typed !== "") this.#set("");
  }

  #set(typed: string): void {
    this.typed = typed;
    this.#changed();
  }
}

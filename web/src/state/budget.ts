import type { Client } from "../api/client";
import type { Clock } from "../base/clock";
import { Store } from "../base/store";

const askEvery = 10_000; // ms
const settle = 700; // ms after a change, for the gateway to have done it

/** Budget is how many views the user has on all devices: the gateway's count, not this page's. */
export class Budget {
  readonly used = new Store<number | undefined>(undefined);
  readonly #client: Client;
  readonly #clock: Clock;
  #cancel: () => void = () => {};
  #running = false;

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  start(): void {
    this.#running = true;
    this.#askIn(settle);
  }

  stop(): void {
    this.#running = false;
    this.#cancel();
  }

  /** Something was opened or closed here. */
  changed(): void {
    if (this.#running) this.#askIn(settle);
  }

  #askIn(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, async () => {
      if (document.visibilityState === "visible") {
        const views = await this.#client.views();
        if (views.ok) this.used.set(views.value.length);
        else this.used.set(undefined); // better no figure than an old one
      }
      if (this.#running) this.#askIn(askEvery);
    });
  }
}

import type { Clock } from "../src/base/clock";

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  time = 1_000_000;
  jitter = 0;
  #timers: { at: number; fn: () => void }[] = [];

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.time + 1_700_000_000_000;
  }

  random(): number {
    return this.jitter;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.time + ms, fn };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Moves on, running what comes due in its order, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settled();
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((t) => t !== due);
      this.time = Math.max(this.time, due.at);
      due.fn();
      await settled();
    }
    this.time = end;
  }
}

/** Lets everything that waits for resolved promises run. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

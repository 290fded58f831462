import type { Client, Problem, Result } from "../../api/client";
import type { ProbesRecord } from "../../api/probe";
import type { Clock } from "../../base/clock";
import { Store } from "../../base/store";

export interface FollowingState {
  job?: ProbesRecord;
  /** Why it can't be read: at all, or just now. */
  problem?: Problem;
}

const again = 1000; // ms from an answer to the next question while the test runs
const absent = 3000; // ms until an absent gateway is asked again

interface FollowingOptions {
  client: Pick<Client, "request">;
  clock: Clock;
  /** The test's path in the API. */
  path: string;
}

/** Following watches a test of many cameras until it has ended: its counts stay on the gateway, so that it goes on without the page. */
export class Following {
  readonly state = new Store<FollowingState>({});
  readonly #o: FollowingOptions;
  #sent: AbortController | undefined;
  #wait: () => void = () => {};

  constructor(options: FollowingOptions) {
    this.#o = options;
  }

  get running(): boolean {
    return this.state.value.job?.state === "running";
  }

  /** Looks now, and from time to time while there is something to come. */
  async look(): Promise<void> {
    this.stop();
    const sent = new AbortController();
    this.#sent = sent;
    const got = await this.#o.client.request<ProbesRecord>("GET", this.#o.path, undefined, { signal: sent.signal });
    if (this.#sent !== sent) return;
    if (got.ok) {
      this.state.set({ job: got.value });
      if (this.running) this.#wait = this.#o.clock.after(again, () => void this.look());
      return;
    }
    // What was read stays in sight while the gateway is away.
    const gone = got.status === 404;
    this.state.set({ ...(gone ? {} : this.state.value), problem: got });
    if (!gone) this.#wait = this.#o.clock.after(absent, () => void this.look());
  }

  /** Ends the test; what it found stays. */
  async cancel(): Promise<Result<unknown>> {
    const done = await this.#o.client.request("DELETE", this.#o.path);
    await this.look();
    return done;
  }

  stop(): void {
    this.#wait();
    this.#sent?.abort();
    this.#sent = undefined;
  }
}

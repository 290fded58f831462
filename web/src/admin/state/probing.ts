import { type Client, type Problem, problem, type Result } from "../../api/client";
import type { Passport, ProbeRequest } from "../../api/probe";
import type { Clock } from "../../base/clock";
import { Store } from "../../base/store";

export type ProbingState<A> =
  | { phase: "idle" | "cancelled" }
  | { phase: "running"; asked: A; began: number }
  | { phase: "there"; asked: A; passport: Passport }
  | { phase: "failed"; asked: A; problem: Problem };

/** The gateway answers within this, ms. */
export const longest = 20_000;

const patience = longest + 10_000; // ms; for the way there and back

interface ProbingOptions {
  client: Pick<Client, "request">;
  clock: Clock;
}

/** Probing is the test of one camera: one at a time, given up when it is cancelled or a network swallows the answer. A is what a test was asked for, which the answer keeps beside it. */
export class Probing<A> {
  readonly state = new Store<ProbingState<A>>({ phase: "idle" });
  readonly #o: ProbingOptions;
  #sent: AbortController | undefined;

  constructor(options: ProbingOptions) {
    this.#o = options;
  }

  /** Tests; nothing comes back if a test runs already, or if this one was cancelled. */
  async test(asked: A, request: ProbeRequest): Promise<Result<Passport> | undefined> {
    if (this.#sent) return undefined;
    const sent = new AbortController();
    this.#sent = sent;
    this.state.set({ phase: "running", asked, began: this.#o.clock.now() });
    let late = false;
    const calm = this.#o.clock.after(patience, () => {
      late = true;
      sent.abort();
    });
    const answer = await this.#o.client.request<Passport>("POST", "/cameras/probe", request, { signal: sent.signal });
    calm();
    if (this.#sent !== sent) return undefined;
    this.#sent = undefined;
    const got = late ? problem({ code: "server.timeout" }) : answer;
    if (got.ok) this.state.set({ phase: "there", asked, passport: got.value });
    else this.state.set({ phase: "failed", asked, problem: got });
    return got;
  }

  /** Gives the running test up. */
  cancel(): void {
    const sent = this.#sent;
    if (!sent) return;
    this.#sent = undefined;
    this.state.set({ phase: "cancelled" });
    sent.abort();
  }

  /** Puts the last answer away, as one that is told elsewhere. */
  forget(): void {
    if (!this.#sent) this.state.set({ phase: "idle" });
  }
}

/** How long a test has run, in whole seconds, no more than it can take. */
export function secondsSince(began: number, now: number): number {
  return Math.min(longest / 1000, Math.max(0, Math.floor((now - began) / 1000)));
}

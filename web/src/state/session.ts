import type { Client, Problem } from "../api/client";
import type { SignedIn, User } from "../api/types";
import { backoff, type Clock, type Ladder } from "../base/clock";
import { Store } from "../base/store";
import type { Standing } from "../signal/socket";
import type { Channel } from "./place";

export type SessionState =
  | { phase: "starting" }
  | { phase: "unreachable"; retryAt: number } // clock.now
  | { phase: "out"; why?: "ended" | "left" }
  | { phase: "in"; user: User };

const retryLadder: Ladder = { first: 1000, most: 15_000 };

/**
 * Session is who sits here. It finds out at the start from the cookie, renews the access token before it ends (so that the socket's cookie is
 * always good), and shares sign-in and sign-out with this browser's other tabs.
 */
export class Session {
  readonly state = new Store<SessionState>({ phase: "starting" });
  /** Who sits here as the gateway knows them now: a role or a name may change while they work. */
  readonly user = new Store<User | undefined>(undefined);
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #tabs: Channel;
  #attempt = 0;
  #cancel: () => void = () => {};

  constructor(client: Client, clock: Clock, tabs: Channel) {
    this.#client = client;
    this.#clock = clock;
    this.#tabs = tabs;
    tabs.onmessage = ({ data }) => {
      if (data === "out") this.#leave("left");
      if (data === "in" && this.state.value.phase !== "in") void this.start();
    };
  }

  /** Takes up the session that the cookie proves, if any. An unreachable gateway is tried for ever. */
  async start(): Promise<void> {
    this.#cancel();
    const result = await this.#client.refresh();
    if (result.ok) return; // signedIn was called
    if (result.status === 401 || result.status === 403) {
      // Nobody was signed in: nothing to explain.
      if (this.state.value.phase !== "out") this.state.set({ phase: "out" });
      return;
    }
    const wait = backoff(retryLadder, this.#attempt++, this.#clock.random());
    this.state.set({ phase: "unreachable", retryAt: this.#clock.now() + wait });
    this.#cancel = this.#clock.after(wait, () => void this.start());
  }

  /** Signs in; nothing if it worked. */
  async signIn(login: string, password: string): Promise<Problem | undefined> {
    const result = await this.#client.signIn(login, password);
    if (!result.ok) return result;
    this.#tabs.postMessage("in");
    return undefined;
  }

  /** Makes a screen on a wall of this browser, by a one-time code; nothing if it worked. */
  async signInScreen(code: string): Promise<Problem | undefined> {
    const result = await this.#client.signInScreen(code);
    if (!result.ok) return result;
    this.#tabs.postMessage("in");
    return undefined;
  }

  async signOut(): Promise<void> {
    this.#leave("left");
    await this.#client.signOut();
    this.#tabs.postMessage("out");
  }

  /** For the client: a sign-in or refresh succeeded. */
  signedIn({ user }: SignedIn): void {
    this.#attempt = 0;
    this.know(user);
    const state = this.state.value;
    if (state.phase !== "in" || state.user.id !== user.id) this.state.set({ phase: "in", user });
    this.#renewLater();
  }

  /** The account is like this now. */
  know(user: User): void {
    if (JSON.stringify(user) !== JSON.stringify(this.user.value)) this.user.set(user);
  }

  /** For the client: the refresh token is not good any more. */
  signedOut(): void {
    this.#leave("ended");
  }

  /** For the socket: whether a new one may be opened with the cookie. */
  async stands(doubt: "trust" | "doubt"): Promise<Standing> {
    const result = doubt === "trust" ? await this.#client.fresh() : await this.#client.refresh();
    if (result.ok) return "good";
    return result.status === 401 || result.status === 403 ? "over" : "unreachable";
  }

  #leave(why: "ended" | "left"): void {
    this.#cancel();
    this.user.set(undefined);
    const { phase } = this.state.value;
    if (phase === "in") this.state.set({ phase: "out", why });
    else if (phase !== "out") this.state.set({ phase: "out" });
  }

  /** Well before the end of the token; a failure is tried again while some of it is left, and every 5 s after. */
  #renewLater(): void {
    this.#cancel();
    const left = this.#client.expires - this.#clock.wall();
    const wait = Math.max(left * (0.7 + 0.1 * this.#clock.random()), 5000);
    this.#cancel = this.#clock.after(wait, async () => {
      const result = await this.#client.refresh();
      if (!result.ok && result.status !== 401) this.#renewLater();
    });
  }
}

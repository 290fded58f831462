import type { Clock } from "../base/clock";
import { Store } from "../base/store";
import type { Client } from "./client";
import type { components } from "./schema";

export type LoggedEvent = components["schemas"]["Event"];

/** Whether news comes by itself: "paused" by a person, "lost" while the gateway does not answer. */
export type FeedState = "paused" | "connecting" | "live" | "lost";

export interface FeedOptions {
  client: Pick<Client, "fresh">;
  clock: Clock;
  /** Makes the connection; browsers' own EventSource in the app. */
  open: (url: string) => EventSource;
  /** The kinds of events there are: each is a type of its own on the stream. */
  kinds: readonly string[];
  /** Something happened that the filter lets through; called at most once in a while. */
  news: () => void;
}

const path = "/api/v1/events/stream";
const gather = 1000; // ms in which news are told once
const retry = 3000; // ms

/**
 * Feed listens to the event log. The browser comes back to where it was by itself; where it gives up, because the session's cookie has run
 * out, the session is renewed and the feed goes on after the last event that it knows of.
 */
export class Feed {
  readonly state = new Store<FeedState>("paused");
  readonly #o: FeedOptions;
  #filter = "";
  #last = "";
  #source: EventSource | undefined;
  #cancelRetry: () => void = () => {};
  #cancelNews: (() => void) | undefined;

  constructor(options: FeedOptions) {
    this.#o = options;
  }

  /** Listens from now on, or with another filter. */
  listen(filter: URLSearchParams): void {
    const text = filter.toString();
    if (this.state.value !== "paused" && text === this.#filter) return;
    this.stop();
    this.#filter = text;
    this.state.set("connecting");
    void this.#connect();
  }

  stop(): void {
    this.#cancelRetry();
    this.#cancelNews?.();
    this.#cancelNews = undefined;
    this.#source?.close();
    this.#source = undefined;
    this.#last = "";
    this.state.set("paused");
  }

  async #connect(): Promise<void> {
    await this.#o.client.fresh(); // the stream is opened by the cookie
    if (this.state.value === "paused" || this.#source) return;
    const query = new URLSearchParams(this.#filter);
    if (this.#last !== "") query.set("after", this.#last);
    const source = this.#o.open(`${path}?${query.toString()}`);
    this.#source = source;
    source.onopen = () => this.state.set("live");
    source.onerror = () => {
      if (this.#source !== source) return;
      this.state.set("lost");
      if (source.readyState !== source.CLOSED) return; // the browser tries again
      this.#source = undefined;
      this.#cancelRetry = this.#o.clock.after(retry, () => void this.#connect());
    };
    for (const kind of this.#o.kinds) source.addEventListener(kind, (event) => this.#heard(event));
  }

  #heard(event: MessageEvent): void {
    this.#last = event.lastEventId;
    this.#cancelNews ??= this.#o.clock.after(gather, () => {
      this.#cancelNews = undefined;
      this.#o.news();
    });
  }
}

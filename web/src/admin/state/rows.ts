import type { Client, Problem, Result } from "../../api/client";
import type { Page } from "../../api/types";
import type { Clock } from "../../base/clock";
import { Store } from "../../base/store";

/** What is asked of a list: text, order, and filters that may have several values each. */
export interface Query {
  q: string;
  /** A field's name, with a minus for descending; empty: as the gateway thinks best. */
  sort: string;
  filters: Readonly<Record<string, readonly string[]>>;
}

export interface RowsState<T> {
  items: readonly T[];
  /** How many match on all pages. */
  total: number;
  /** Which page, from 0. */
  page: number;
  more: "more" | "last";
  /** "loading" keeps the rows of before in sight. */
  phase: "loading" | "there" | "failed";
  problem?: Problem;
}

export interface RowsOptions {
  client: Pick<Client, "request" | "all">;
  clock: Clock;
  /** The list's path in the API; it may have a query that every question shares. */
  path: string;
  query: Query;
  /** Rows on a page. */
  limit?: number;
  /** A query was sent: the address bar may follow. */
  settled?: (query: Query) => void;
}

export const noQuery: Query = { q: "", sort: "", filters: {} };

const usualLimit = 100;
const absent = 5000; // ms until an absent gateway is asked again
const typing = 250; // ms without a key before a search is sent

/**
 * Rows is a list that stays on the gateway: it searches, sorts and pages there, and shows one page. A newer question gives up the older one's
 * request, so that answers never come out of order.
 */
export class Rows<T> {
  readonly state: Store<RowsState<T>>;
  readonly query: Store<Query>;
  readonly limit: number;
  readonly #o: RowsOptions;
  #cursors: string[] = [""]; // of each page known so far
  #sent: AbortController | undefined;
  #cancelTyping: () => void = () => {};

  constructor(options: RowsOptions) {
    this.#o = options;
    this.limit = options.limit ?? usualLimit;
    this.query = new Store(options.query);
    this.state = new Store<RowsState<T>>({ items: [], total: 0, page: 0, more: "last", phase: "loading" });
  }

  /** Searches once the typing rests. */
  search(q: string): void {
    if (q === this.query.value.q) return;
    this.query.set({ ...this.query.value, q });
    this.#cancelTyping();
    this.#cancelTyping = this.#o.clock.after(typing, () => void this.load());
  }

  sort(sort: string): Promise<void> {
    this.query.set({ ...this.query.value, sort });
    return this.load();
  }

  /** Sorts by a field: ascending, the second time descending. */
  sortBy(field: string): Promise<void> {
    return this.sort(this.query.value.sort === field ? `-${field}` : field);
  }

  filter(name: string, values: readonly string[]): Promise<void> {
    const filters = { ...this.query.value.filters, [name]: values };
    if (values.length === 0) delete filters[name];
    this.query.set({ ...this.query.value, filters });
    return this.load();
  }

  /** Asks something else altogether, as an address does. The same again does nothing. */
  ask(query: Query): Promise<void> {
    if (queryText(query).toString() === queryText(this.query.value).toString()) return Promise.resolve();
    this.query.set(query);
    return this.load();
  }

  /** Drops text and filters; the order stays. */
  clear(): Promise<void> {
    this.query.set({ ...noQuery, sort: this.query.value.sort });
    return this.load();
  }

  /** Reads the first page. */
  load(): Promise<void> {
    this.#cursors = [""];
    this.#o.settled?.(this.query.value);
    return this.#read(0, "seen");
  }

  next(): Promise<void> {
    return this.#read(this.state.value.page + 1, "seen");
  }

  previous(): Promise<void> {
    return this.#read(Math.max(0, this.state.value.page - 1), "seen");
  }

  /** Reads the page on the screen once more. quietly: without saying so, and without complaint, for what changes by itself. */
  again(how: "seen" | "quietly" = "seen"): Promise<void> {
    if (how === "quietly" && this.state.value.phase !== "there") return Promise.resolve();
    return this.#read(this.state.value.page, how);
  }

  /** Everything that matches, on all pages. */
  all(): Promise<Result<T[]>> {
    return this.#o.client.all<T>(this.#path(""));
  }

  stop(): void {
    this.#cancelTyping();
    this.#sent?.abort();
  }

  async #read(page: number, how: "seen" | "quietly"): Promise<void> {
    this.#cancelTyping();
    this.#sent?.abort();
    const sent = new AbortController();
    this.#sent = sent;
    const cursor = this.#cursors[page] ?? "";
    if (how === "seen") {
      const { problem: _, ...before } = this.state.value;
      this.state.set({ ...before, phase: "loading" });
    }
    const path = this.#path(cursor, this.limit);
    const got = await this.#o.client.request<Page<T>>("GET", path, undefined, { signal: sent.signal });
    if (this.#sent !== sent) return;
    if (!got.ok) {
      if (how === "seen") this.state.set({ ...this.state.value, phase: "failed", problem: got });
      // Nobody has to stand by until an absent gateway is back.
      if (how === "seen" && got.code === "network") {
        this.#cancelTyping = this.#o.clock.after(absent, () => void this.#read(page, how));
      }
      return;
    }
    const items = got.value.items ?? [];
    const next = got.value.next_cursor ?? "";
    // What was on the last page is gone: the one before has the last rows now.
    if (items.length === 0 && page > 0) return this.#read(page - 1, how);
    this.#cursors[page + 1] = next;
    const total = got.value.total ?? items.length;
    this.state.set({ items, total, page, more: next === "" ? "last" : "more", phase: "there" });
  }

  #path(cursor: string, limit?: number): string {
    const text = queryText(this.query.value);
    if (limit !== undefined) text.set("limit", String(limit));
    if (cursor !== "") text.set("cursor", cursor);
    const query = text.toString();
    if (query === "") return this.#o.path;
    return `${this.#o.path}${this.#o.path.includes("?") ? "&" : "?"}${query}`;
  }
}

/** A query as an address has it. */
export function queryText({ q, sort, filters }: Query): URLSearchParams {
  const text = new URLSearchParams();
  if (q.trim() !== "") text.set("q", q.trim());
  if (sort !== "") text.set("sort", sort);
  for (const [name, values] of Object.entries(filters)) for (const value of values) text.append(name, value);
  return text;
}

/** Reads a query out of an address. filters: the names that are known; others are left alone. */
export function readQuery(text: URLSearchParams, filters: readonly string[], sort = ""): Query {
  const found: Record<string, readonly string[]> = {};
  for (const name of filters) {
    const values = text.getAll(name).filter((v) => v !== "");
    if (values.length > 0) found[name] = values;
  }
  return { q: text.get("q") ?? "", sort: text.get("sort") ?? sort, filters: found };
}

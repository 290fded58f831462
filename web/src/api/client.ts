import type { Clock } from "../base/clock";
import type { Camera, CurrentView, Page, SignedIn, User } from "./types";

/** A request that did not succeed. code is stable; "network" means that no answer came. */
export interface Problem {
  ok: false;
  code: string;
  status: number; // 0: no answer
  detail: string;
  requestID: string;
  params: Record<string, string>;
  retryAfter: number; // s; 0: not said
  fields: { path: string; code: string }[];
}

export type Result<T> = { ok: true; value: T } | Problem;

/** How a request is sent, beyond its method, path and body. */
export interface Asking {
  /** The version that the change was made from; the gateway refuses it (412) if somebody has changed the thing since. */
  ifMatch?: number;
  /** Gives the request up; the answer is then a problem with the code "cancelled". */
  signal?: AbortSignal;
}

/** The part of navigator.locks that is used: one tab at a time refreshes. It is missing on plain http pages. */
export interface Locks {
  request<T>(name: string, fn: () => Promise<T>): Promise<T>;
}

export interface ClientOptions {
  fetch: typeof fetch;
  clock: Clock;
  locks?: Locks | undefined;
  /** The session is over and cannot be refreshed. */
  signedOut: (problem: Problem) => void;
  /** A sign-in or a refresh succeeded. */
  signedIn: (session: SignedIn) => void;
}

/** What the API's paths begin with. */
export const base = "/api/v1";

/** An access token with less than this left is refreshed before it is used. */
const margin = 60_000; // ms

/** A Date header has whole seconds, cut off: on average half of one is missing. */
const halfSecond = 500; // ms

/**
 * Client speaks the REST API. The access token is kept in memory only; the refresh token is a cookie that no script sees. An expired
 * access token is refreshed once, by whoever meets it first, and all waiting requests go on with the new one.
 */
export class Client {
  readonly #o: ClientOptions;
  #access = "";
  #expires = 0; // by this computer's clock, ms since 1970
  #drift = 0;
  #refreshing: Promise<Result<SignedIn>> | undefined;

  constructor(options: ClientOptions) {
    this.#o = options;
  }

  /** When the access token ends, by this computer's clock; 0 without one. */
  get expires(): number {
    return this.#expires;
  }

  /** How far the gateway's clock is ahead of this computer's, in ms, to about a second; 0 while unknown. */
  get drift(): number {
    return this.#drift;
  }

  async signIn(login: string, password: string): Promise<Result<SignedIn>> {
    return this.#take(await this.#send<SignedIn>("POST", "/auth/login", { login, password }));
  }

  /** Signs a screen on a wall in by its one-time code. */
  async signInScreen(code: string): Promise<Result<SignedIn>> {
    return this.#take(await this.#send<SignedIn>("POST", "/auth/device", { code }));
  }

  async signOut(): Promise<void> {
    await this.#send("POST", "/auth/logout");
    this.#forget();
  }

  /** Renews the session from the cookie; callers at the same time share one request, tabs take turns. */
  refresh(): Promise<Result<SignedIn>> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Sees to it that the token and its cookie are good for a while yet; a new socket is opened with that cookie. */
  async fresh(): Promise<Result<unknown>> {
    if (this.#access && this.#expires - this.#o.clock.wall() > margin) return { ok: true, value: undefined };
    return this.refresh();
  }

  me(): Promise<Result<User>> {
    return this.request<User>("GET", "/me");
  }

  setLanguage(language: string): Promise<Result<User>> {
    return this.request<User>("PATCH", "/me", { language });
  }

  /** Every camera that the user may watch, page by page. */
  cameras(): Promise<Result<Camera[]>> {
    return this.all<Camera>("/me/cameras");
  }

  async favourites(): Promise<Result<Set<string>>> {
    const all = await this.all<{ id: string }>("/me/favorites");
    return all.ok ? { ok: true, value: new Set(all.value.map((c) => c.id)) } : all;
  }

  favour(camera: string): Promise<Result<unknown>> {
    return this.request("PUT", `/me/favorites/${encodeURIComponent(camera)}`);
  }

  unfavour(camera: string): Promise<Result<unknown>> {
    return this.request("DELETE", `/me/favorites/${encodeURIComponent(camera)}`);
  }

  /** The user's views on every device. */
  views(): Promise<Result<CurrentView[]>> {
    return this.all<CurrentView>("/me/views");
  }

  /** Sends a request; a 401 is answered by one refresh and one more try. */
  request<T>(method: string, path: string, body?: unknown, asking: Asking = {}): Promise<Result<T>> {
    return this.carry(() => this.#send<T>(method, path, body, asking));
  }

  /** Asks for a file. body: a form with another file, if there is one. */
  file(method: string, path: string, body?: FormData, { signal }: Asking = {}): Promise<Result<Blob>> {
    return this.carry(async (headers) => {
      const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
      if (body !== undefined) init.body = body;
      if (signal) init.signal = signal;
      try {
        const response = await this.#o.fetch(base + path, init);
        if (response.ok) return { ok: true, value: await response.blob() };
        return problemFrom(response, parseJSON(await response.text()));
      } catch (err) {
        return problem({ code: signal?.aborted ? "cancelled" : "network", detail: String(err) });
      }
    });
  }

  /** Has a request sent in a way of its own, with the session's headers; a 401 is answered by one refresh and one more try. */
  async carry<T>(send: (headers: Record<string, string>) => Promise<Result<T>>): Promise<Result<T>> {
    if (this.#access && this.#expires <= this.#o.clock.wall()) await this.refresh();
    const first = await send(this.#headers());
    if (first.ok || first.status !== 401) return first;
    const refreshed = await this.refresh();
    if (!refreshed.ok) return refreshed;
    return send(this.#headers());
  }

  /** Every item of a list, page by page. path may have a query of its own. */
  async all<T>(path: string, asking: Asking = {}): Promise<Result<T[]>> {
    const items: T[] = [];
    let cursor = "";
    do {
      const query = cursor === "" ? "limit=1000" : `limit=1000&cursor=${encodeURIComponent(cursor)}`;
      const page = await this.request<Page<T>>(
        "GET",
        `${path}${path.includes("?") ? "&" : "?"}${query}`,
        undefined,
        asking,
      );
      if (!page.ok) return page;
      items.push(...(page.value.items ?? []));
      cursor = page.value.next_cursor ?? "";
    } while (cursor !== "");
    return { ok: true, value: items };
  }

  async #refreshOnce(): Promise<Result<SignedIn>> {
    const ask = () => this.#send<SignedIn>("POST", "/auth/refresh");
    const locks = this.#o.locks;
    const answer = await (locks ? locks.request("rtsp-viewer.refresh", ask) : ask());
    // Without a cookie the gateway answers that there is nobody, which is no error in the browser's console.
    const nobody = answer.ok && answer.value === undefined;
    const result = this.#take(nobody ? problem({ code: "auth.token", status: 401 }) : answer);
    if (!result.ok && result.status === 401) {
      this.#forget();
      this.#o.signedOut(result);
    }
    return result;
  }

  #take(result: Result<SignedIn>): Result<SignedIn> {
    if (result.ok) {
      this.#access = result.value.access_token;
      this.#o.signedIn(result.value);
    }
    return result;
  }

  #forget(): void {
    this.#access = "";
    this.#expires = 0;
  }

  /** The header of our own proves to the gateway that no page of another site sent this, where a browser sends no Origin. */
  #headers(): Record<string, string> {
    const headers: Record<string, string> = { "X-Requested-With": "rtsp-viewer" };
    if (this.#access) headers.Authorization = `Bearer ${this.#access}`;
    return headers;
  }

  async #send<T>(method: string, path: string, body?: unknown, asking: Asking = {}): Promise<Result<T>> {
    const headers: Record<string, string> = { ...this.#headers(), Accept: "application/json" };
    if (path === "/auth/refresh") headers.Prefer = "handling=lenient";
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (path.startsWith("/auth/")) delete headers.Authorization;
    const init: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (asking.ifMatch !== undefined) headers["If-Match"] = `"${asking.ifMatch}"`;
    if (asking.signal) init.signal = asking.signal;
    let response: Response;
    let read: unknown;
    try {
      response = await this.#o.fetch(base + path, init);
      const text = await response.text();
      read = text === "" ? undefined : parseJSON(text);
    } catch (err) {
      return problem({ code: asking.signal?.aborted ? "cancelled" : "network", detail: String(err) });
    }
    if (!response.ok) return problemFrom(response, read);
    if (path.startsWith("/auth/")) this.#noteExpiry(response, read as SignedIn | undefined);
    return { ok: true, value: read as T };
  }

  /** Turns the gateway's time of expiry into this computer's, whose clock may be wrong. */
  #noteExpiry(response: Response, session: SignedIn | undefined): void {
    if (!session?.expires_at) return;
    const here = this.#o.clock.wall();
    const there = Date.parse(response.headers.get("Date") ?? "");
    if (!Number.isNaN(there)) this.#drift = there + halfSecond - here;
    this.#expires = Date.parse(session.expires_at) + (Number.isNaN(there) ? 0 : here - there);
  }
}

export function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A problem of which this much is known. */
export function problem(known: Partial<Problem>): Problem {
  return {
    ok: false,
    code: "internal",
    status: 0,
    detail: "",
    requestID: "",
    params: {},
    retryAfter: 0,
    fields: [],
    ...known,
  };
}

interface ProblemBody {
  code?: string;
  detail?: string;
  request_id?: string;
  params?: Record<string, string>;
  errors?: { path?: string; location?: string; code?: string }[];
}

/** The part of an answer that says what kind of problem it is. */
interface Answer {
  status: number;
  headers: Pick<Headers, "get">;
}

/** The problem that an answer tells of. read: its body's value. */
export function problemFrom(response: Answer, read: unknown): Problem {
  const body: ProblemBody = typeof read === "object" && read !== null ? read : {};
  const params = body.params ?? {};
  // A proxy in front answers 502, 503, 504 in its own words while the gateway restarts.
  const unnamed = response.status >= 502 && response.status <= 504 ? "network" : "internal";
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? params.retry_after ?? "", 10);
  return problem({
    code: body.code ?? unnamed,
    status: response.status,
    detail: body.detail ?? "",
    requestID: body.request_id ?? "",
    params,
    retryAfter: Number.isNaN(seconds) ? 0 : seconds,
    fields: (body.errors ?? []).map((e) => ({ path: e.path ?? e.location ?? "", code: e.code ?? "" })),
  });
}

import type { Admit, Params } from "../signal/messages";
import type { Client, Problem, Result } from "./client";

/** How the gateway says a camera is doing, to whoever asks for it. */
export interface CameraState {
  state: string;
  state_code?: string;
}

export interface OpenedView {
  view: string;
  playlist: string;
  native_playlist: string;
}

export interface HLSRequest {
  view: string;
  admit: Admit;
  label: string;
}

/** What a playlist answered when it was asked as text. */
export type Verdict =
  | { says: "there" } // the view lives
  | { says: "ended"; code: string; params: Params; at?: number; retry: boolean }
  | { says: "nothing" }; // no answer, or none of the gateway's

/** Ends that a machine may take up again by itself; all others are a person's to undo. */
const retriable = ["view.expired", "server.stopping"];

/** HLSDoor opens, asks and closes views that go by HLS. One view's openings and closings keep their order: each waits for the one before. */
export class HLSDoor {
  readonly #client: Client;
  readonly #fetch: typeof fetch;
  readonly #inAir: Record<string, Promise<unknown>> = {};

  constructor(client: Client, fetcher: typeof fetch) {
    this.#client = client;
    this.#fetch = fetcher;
  }

  open(camera: string, request: HLSRequest): Promise<Result<OpenedView>> {
    const path = `/cameras/${encodeURIComponent(camera)}/hls`;
    return this.#next(request.view, () => this.#client.request<OpenedView>("POST", path, request));
  }

  /** Gives the view's place back. */
  close(view: string): Promise<unknown> {
    return this.#next(view, () => this.#client.request("DELETE", `/views/${encodeURIComponent(view)}`));
  }

  /** How the camera is doing; nothing if nobody can say. */
  async state(camera: string): Promise<CameraState | undefined> {
    const got = await this.#client.request<CameraState>("GET", `/me/cameras/${encodeURIComponent(camera)}`);
    return got.ok ? got.value : undefined;
  }

  /** Asks a playlist what became of its view: players can't tell why a list is gone. */
  async ask(playlist: string): Promise<Verdict> {
    try {
      const response = await this.#fetch(playlist, { credentials: "same-origin", cache: "no-store" });
      if (response.ok) return { says: "there" };
      // A gateway that was restarted does not know the path any more; nor does one after a while.
      if (response.status === 404) return { says: "ended", code: "view.expired", params: {}, retry: true };
      if (response.status !== 410) return { says: "nothing" };
      const body = JSON.parse(await response.text()) as { code?: string; params?: Params; at?: string };
      const code = body.code ?? "view.expired";
      const at = Date.parse(body.at ?? body.params?.at ?? response.headers.get("Date") ?? "");
      const retry = retriable.indexOf(code) >= 0;
      return { says: "ended", code, params: body.params ?? {}, retry, ...(Number.isNaN(at) ? {} : { at }) };
    } catch {
      return { says: "nothing" };
    }
  }

  #next<T>(view: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#inAir[view] ?? Promise.resolve();
    const mine = before.then(fn, fn);
    this.#inAir[view] = mine;
    void mine.then(() => {
      if (this.#inAir[view] === mine) delete this.#inAir[view];
    });
    return mine;
  }
}

/** Whether a refused opening may be tried again by a machine: what is wrong may be over in a while. */
export function mayPass(problem: Problem): boolean {
  return problem.status === 0 || problem.status === 429 || problem.status >= 500;
}

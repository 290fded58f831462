import { beforeEach, describe, expect, it } from "vitest";
import { Client, type Locks, type Problem } from "../src/api/client";
import type { SignedIn } from "../src/api/types";
import { FakeClock } from "./clock";

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | "down";

describe("Client", () => {
  let clock: FakeClock;
  let calls: { route: string; auth: string }[];
  let answer: (route: string) => Answer;
  let out: Problem[];
  let entered: SignedIn[];
  let client: Client;

  const session = (token: string, life = 900_000): Answer => ({
    status: 200,
    body: {
      access_token: token,
      expires_at: new Date(clock.wall() + life).toISOString(),
      user: { id: "u1", login: "a", role: "user" },
    },
  });
  const make = (locks?: Locks) =>
    new Client({
      clock,
      locks,
      signedIn: (s) => entered.push(s),
      signedOut: (p) => out.push(p),
      fetch: async (input, init) => {
        const route = `${init?.method} ${String(input).replace("/api/v1", "")}`;
        calls.push({ route, auth: new Headers(init?.headers).get("Authorization") ?? "" });
        const a = answer(route);
        if (a === "down") throw new TypeError("Failed to fetch");
        const body = a.body === undefined ? null : JSON.stringify(a.body);
        return new Response(body, { status: a.status, ...(a.headers ? { headers: a.headers } : {}) });
      },
    });

  beforeEach(() => {
    clock = new FakeClock();
    calls = [];
    out = [];
    entered = [];
    client = make();
  });

  const routes = () => calls.map((c) => c.route);

  it("signs in and uses the token, which it shows to nobody else", async () => {
    answer = (r) => (r === "POST /auth/login" ? session("t1") : { status: 200, body: { id: "u1" } });
    expect((await client.signIn("a", "p")).ok).toBe(true);
    await client.me();
    expect(calls[1]).toEqual({ route: "GET /me", auth: "Bearer t1" });
  });

  it("refreshes once for all requests that meet an expired token, and repeats each once", async () => {
    let good = "t1";
    answer = (r) => {
      if (r === "POST /auth/login") return session("t1");
      if (r === "POST /auth/refresh") {
        good = "t2";
        return session("t2");
      }
      return calls[calls.length - 1]?.auth === `Bearer ${good}` && good === "t2"
        ? { status: 200, body: { id: r } }
        : { status: 401, body: { code: "auth.expired" } };
    };
    await client.signIn("a", "p");
    const results = await Promise.all([client.me(), client.request("GET", "/x"), client.request("GET", "/y")]);
    expect(results.every((r) => r.ok)).toBe(true);
    expect(routes().filter((r) => r === "POST /auth/refresh")).toHaveLength(1);
    expect(out).toHaveLength(0);
  });

  it("says that the session is over when the refresh token is refused, once", async () => {
    answer = () => ({ status: 401, body: { code: "auth.token" } });
    const result = await client.me();
    expect(result).toMatchObject({ ok: false, code: "auth.token" });
    expect(routes()).toEqual(["GET /me", "POST /auth/refresh"]); // no loop
    expect(out).toHaveLength(1);
  });

  it("does not take an unreachable or restarting gateway for the end of the session", async () => {
    answer = () => "down";
    expect(await client.refresh()).toMatchObject({ ok: false, code: "network", status: 0 });
    answer = () => ({ status: 502, body: undefined });
    expect(await client.refresh()).toMatchObject({ ok: false, code: "network", status: 502 });
    expect(out).toHaveLength(0);
  });

  it("takes its turn among tabs to refresh", async () => {
    const turns: string[] = [];
    client = make({
      request: async (name, fn) => {
        turns.push(name);
        return fn();
      },
    });
    answer = () => session("t1");
    await Promise.all([client.refresh(), client.refresh()]);
    expect(turns).toEqual(["rtsp-viewer.refresh"]);
  });

  it("refreshes ahead of the end, by the gateway's clock rather than this computer's", async () => {
    const skewed = clock.wall() - 3_600_000; // the gateway's clock is an hour behind ours
    answer = () => ({
      status: 200,
      headers: { Date: new Date(skewed).toUTCString() },
      body: { access_token: "t", expires_at: new Date(skewed + 900_000).toISOString(), user: { id: "u1" } },
    });
    await client.signIn("a", "p");
    await client.fresh();
    expect(routes()).toEqual(["POST /auth/login"]);
    await clock.pass(850_000);
    await client.fresh();
    expect(routes()).toEqual(["POST /auth/login", "POST /auth/refresh"]);
  });

  it("reads problems: code, request, seconds to wait, fields", async () => {
    answer = () => ({
      status: 429,
      headers: { "Retry-After": "12" },
      body: {
        code: "auth.slow_down",
        request_id: "r1",
        params: { retry_after: "12" },
        errors: [{ path: "login", code: "required" }],
      },
    });
    expect(await client.signIn("a", "p")).toMatchObject({
      code: "auth.slow_down",
      requestID: "r1",
      retryAfter: 12,
      fields: [{ path: "login", code: "required" }],
    });
    expect(entered).toHaveLength(0);
  });

  it("reads lists to their last page", async () => {
    answer = (r) =>
      r.includes("cursor=")
        ? { status: 200, body: { items: [{ id: "b" }] } }
        : { status: 200, body: { items: [{ id: "a" }], next_cursor: "n/1" } };
    const list = await client.cameras();
    expect(list.ok && list.value.map((c) => c.id)).toEqual(["a", "b"]);
    expect(routes()[1]).toBe("GET /me/cameras?limit=1000&cursor=n%2F1");
  });

  it("finds nobody without an error when there is no cookie", async () => {
    answer = () => ({ status: 204 });
    const got = await client.refresh();
    expect(got.ok).toBe(false);
    expect(out.map((p) => p.code)).toEqual(["auth.token"]);
    expect(entered).toEqual([]);
  });
});

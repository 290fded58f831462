import { beforeEach, describe, expect, it } from "vitest";
import { requestFor, sameSource, sourceOf } from "../src/admin/cameras/source";
import { empty } from "../src/admin/cameras/values";
import { Following } from "../src/admin/state/following";
import { Form } from "../src/admin/state/form";
import { codecName, rounded, verdictOf, wayOf } from "../src/admin/state/passport";
import { longest, Probing, secondsSince } from "../src/admin/state/probing";
import type { CameraRecord } from "../src/api/cameras";
import type { Asking, Client, Problem, Result } from "../src/api/client";
import type { Carriage, Passport, ProbesRecord } from "../src/api/probe";
import { FakeClock, settled } from "./clock";

const carried: Carriage = { carried: true, code: "", sound: false, sound_code: "", by: "copy" };
const refused: Carriage = { ...carried, carried: false, code: "media.codec", by: "" };

const passport: Passport = {
  at: "2026-11-22T19:00:00Z",
  took_ms: 1200,
  via: "dialled",
  code: "",
  params: {},
  transport: "tcp",
  server: "",
  video: null,
  audio: null,
  others: [],
  webrtc: carried,
  hls: carried,
  advice: [],
  still: null,
};

const fault = (known: Partial<Problem>): Problem => ({
  ok: false,
  code: "internal",
  status: 500,
  detail: "",
  requestID: "",
  params: {},
  retryAfter: 0,
  fields: [],
  ...known,
});

interface Sent {
  method: string;
  path: string;
  body: unknown;
  signal: AbortSignal | undefined;
  answer: (result: Result<unknown>) => Promise<void>;
}

let clock: FakeClock;
let sent: Sent[];

const client = {
  request: (method: string, path: string, body: unknown, asking: Asking = {}) =>
    new Promise<Result<unknown>>((resolve) => {
      // As fetch does it: what is given up fails at once.
      asking.signal?.addEventListener("abort", () => resolve(fault({ code: "cancelled", status: 0 })));
      const answer = async (result: Result<unknown>) => {
        resolve(result);
        await settled();
      };
      sent.push({ method, path, body, signal: asking.signal, answer });
    }),
} as unknown as Client;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
});

const last = () => sent[sent.length - 1] as Sent;

describe("the answer of a camera", () => {
  it("is judged by what browsers get of it, the worst first", () => {
    expect(verdictOf(passport)).toBe("well");
    const advice = [{ code: "probe.h265", params: {} }];
    expect(verdictOf({ ...passport, advice })).toBe("advice");
    const none = { ...passport, advice, webrtc: refused, hls: refused };
    expect(verdictOf(none)).toBe("uncarried");
    expect(verdictOf({ ...none, code: "camera.timeout" })).toBe("failed");
  });

  it("gets to browsers by the quickest way that there is", () => {
    expect(wayOf(passport)).toBe("webrtc");
    expect(wayOf({ ...passport, webrtc: refused })).toBe("hls");
    expect(wayOf({ ...passport, webrtc: refused, hls: refused })).toBe("none");
  });

  it("reads as camera settings do", () => {
    expect([codecName("H264"), codecName("pcma"), codecName("MPEG4-GENERIC"), codecName("X-NEW")]).toEqual([
      "H.264",
      "G.711 A-law",
      "AAC",
      "X-NEW",
    ]);
    expect([rounded(3.96), rounded(14.985), rounded(2)]).toEqual([4, 15, 2]);
  });
});

describe("what is sent for a test", () => {
  const values = { ...empty, address: "rtsp://10.0.0.1/a", sub_address: "rtsp://10.0.0.1/b" };
  const camera = { id: "c1", address: "rtsp://10.0.0.1/a", username: "viewer", transport: "auto" } as CameraRecord;
  const request = (changes: object, which: "main" | "sub", of?: CameraRecord) =>
    requestFor(sourceOf({ ...values, ...changes }, which), which, of);

  it("of a new camera is what stands in the form, a password only if one was typed", () => {
    expect(request({}, "main")).toEqual({ address: values.address, transport: "auto" });
    expect(request({ username: "v", password: "secret" }, "main")).toEqual({
      address: values.address,
      username: "v",
      password: "secret",
      transport: "auto",
    });
  });

  it("of a kept camera is only what differs, so that the answer can stay with it", () => {
    expect(request({ username: "viewer" }, "main", camera)).toEqual({ camera_id: "c1" });
    expect(request({ username: "", address: "rtsp://10.0.0.2/a" }, "main", camera)).toEqual({
      camera_id: "c1",
      address: "rtsp://10.0.0.2/a",
      username: "",
    });
    expect(request({ username: "viewer", forget: true }, "main", camera)).toEqual({ camera_id: "c1", password: "" });
    expect(request({ username: "viewer" }, "sub", camera)).toEqual({ camera_id: "c1", address: values.sub_address });
  });

  it("is known to be another one when something was typed since", () => {
    const asked = sourceOf(values, "main");
    expect(sameSource(asked, sourceOf({ ...values, name: "Gate" }, "main"))).toBe(true);
    for (const change of [{ address: "x" }, { username: "x" }, { password: "x" }, { transport: "udp" }]) {
      expect(sameSource(asked, sourceOf({ ...values, ...change }, "main"))).toBe(false);
    }
  });
});

describe("Probing", () => {
  let probing: Probing<string>;
  beforeEach(() => {
    probing = new Probing<string>({ client, clock });
  });

  it("asks once at a time and keeps what it was asked for beside the answer", async () => {
    const first = probing.test("now", { camera_id: "c1" });
    expect(probing.state.value).toMatchObject({ phase: "running", asked: "now" });
    expect(await probing.test("again", {})).toBeUndefined();
    expect(sent).toHaveLength(1);
    expect(last()).toMatchObject({ method: "POST", path: "/cameras/probe", body: { camera_id: "c1" } });
    await last().answer({ ok: true, value: passport });
    expect((await first)?.ok).toBe(true);
    expect(probing.state.value).toEqual({ phase: "there", asked: "now", passport });
  });

  it("gives up when it is told to, and can be asked anew at once", async () => {
    const first = probing.test("one", {});
    probing.cancel();
    expect(probing.state.value).toEqual({ phase: "cancelled" });
    expect(last().signal?.aborted).toBe(true);
    expect(await first).toBeUndefined();
    const second = probing.test("two", {});
    await last().answer({ ok: true, value: passport });
    await second;
    expect(probing.state.value).toMatchObject({ phase: "there", asked: "two" });
    probing.cancel(); // there is nothing to give up
    expect(probing.state.value.phase).toBe("there");
  });

  it("tells what the gateway refused, and says so when no answer ever comes", async () => {
    const first = probing.test("one", {});
    await last().answer(fault({ code: "probe.busy", status: 429 }));
    await first;
    expect(probing.state.value).toMatchObject({ phase: "failed", problem: { code: "probe.busy" } });
    probing.forget();
    expect(probing.state.value.phase).toBe("idle");

    const second = probing.test("two", {});
    await clock.pass(longest);
    expect(probing.state.value.phase).toBe("running");
    await clock.pass(longest);
    await second;
    expect(probing.state.value).toMatchObject({ phase: "failed", problem: { code: "server.timeout" } });
  });

  it("counts the seconds up to the longest", () => {
    expect([0, 999, 1000, 12_345, 90_000].map((ms) => secondsSince(500, 500 + ms))).toEqual([0, 0, 1, 12, 20]);
  });
});

describe("a form", () => {
  it("takes a test’s faults at its fields without being sent", () => {
    const form = new Form(empty, { "camera.password_required": "password" });
    form.set("name", "Gate");
    expect(form.blame(fault({ code: "camera.password_required", status: 422 }))).toBe(true);
    expect(form.state.value).toMatchObject({ faults: { password: "camera.password_required" }, busy: false });
    expect(form.blame(fault({ fields: [{ path: "body.address", code: "camera.address" }] }))).toBe(true);
    expect(form.state.value.faults).toEqual({ address: "camera.address" });
    expect(form.blame(fault({ code: "network" }))).toBe(false);
    expect(form.dirty).toBe(true);
  });
});

describe("Following", () => {
  const job: ProbesRecord = {
    id: "p1",
    state: "running",
    of: 3,
    done: 0,
    well: 0,
    failed: 0,
    began_at: "2026-11-22T19:00:00Z",
    ended_at: null,
    by: "admin",
  };
  let following: Following;
  beforeEach(() => {
    following = new Following({ client, clock, path: "/probes/p1" });
  });
  const tell = (changes: Partial<ProbesRecord>) => last().answer({ ok: true, value: { ...job, ...changes } });

  it("looks until the test has ended", async () => {
    void following.look();
    await tell({ done: 1 });
    expect(following.running).toBe(true);
    await clock.pass(1000);
    expect(sent).toHaveLength(2);
    await tell({ done: 3, state: "done" });
    expect(following.state.value.job).toMatchObject({ done: 3, state: "done" });
    await clock.pass(60_000);
    expect(sent).toHaveLength(2);
  });

  it("keeps what it knows while the gateway is away, and asks on", async () => {
    void following.look();
    await tell({ done: 1 });
    await clock.pass(1000);
    await last().answer(fault({ code: "network", status: 0 }));
    expect(following.state.value).toMatchObject({ job: { done: 1 }, problem: { code: "network" } });
    await clock.pass(3000);
    await tell({ done: 2 });
    expect(following.state.value.job?.done).toBe(2);
    expect(following.state.value.problem).toBeUndefined();
  });

  it("asks no more for a test that the gateway has forgotten", async () => {
    void following.look();
    await tell({ done: 1 });
    await clock.pass(1000);
    await last().answer(fault({ code: "probe.not_found", status: 404 }));
    expect(following.state.value.job).toBeUndefined();
    await clock.pass(60_000);
    expect(sent).toHaveLength(2);
  });

  it("cancels and looks what came of it; a page that is left asks nothing more", async () => {
    void following.look();
    await tell({ done: 1 });
    const cancelled = following.cancel();
    expect(last()).toMatchObject({ method: "DELETE", path: "/probes/p1" });
    await last().answer({ ok: true, value: undefined });
    await tell({ done: 1, state: "cancelled" });
    expect((await cancelled).ok).toBe(true);
    expect(following.running).toBe(false);

    void following.look();
    const { signal } = last();
    following.stop();
    expect(signal?.aborted).toBe(true);
    await clock.pass(60_000);
    expect(following.state.value.problem).toBeUndefined();
  });
});

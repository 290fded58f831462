import { describe, expect, it } from "vitest";
import type { PlayerEnd, PlayerState } from "../src/player/player";
import type { StateMessage } from "../src/signal/messages";
import { actLasts, admitFor, type Evidence, judge, mayRetry, normalWait } from "../src/state/status";

const stream = (status: StateMessage["status"], more: Partial<StateMessage> = {}): StateMessage => ({
  type: "state",
  view: "v",
  generation: 1,
  status,
  since: "2026-11-22T10:00:00Z",
  audio: false,
  ...more,
});
const player = (more: Partial<PlayerState> = {}): PlayerState => ({
  phase: "open",
  transport: "webrtc",
  path: "connected",
  ...more,
});
const end = (code: string, retry: boolean, params = {}): PlayerEnd => ({ code, params, retry, retryAfter: 0, at: 5 });
const evidence = (more: Partial<Evidence>): Evidence => ({
  camera: true,
  player: undefined,
  end: undefined,
  retryAt: undefined,
  gateway: "there",
  picture: "never",
  lastPicture: undefined,
  waited: 0,
  ...more,
});

describe("judge", () => {
  it("says nothing of an empty tile", () => {
    expect(judge(evidence({ camera: false }))).toEqual({ name: "empty" });
  });

  it("believes decoded frames before anything else", () => {
    const p = player({ path: "lost", stream: stream("stalled", { code: "camera.lost" }) });
    expect(judge(evidence({ picture: "fresh", player: p, gateway: "away" })).name).toBe("live");
  });

  it("believes no picture of a format that can't be shown", () => {
    const p = player({ stream: stream("unsupported", { code: "media.bframes" }) });
    expect(judge(evidence({ picture: "fresh", lastPicture: 99, player: p }))).toEqual({
      name: "unsupported",
      code: "media.bframes",
    });
  });

  it("marks a stale picture with its time and the nearest cause", () => {
    const stale = (p: PlayerState, more: Partial<Evidence> = {}) =>
      judge(evidence({ picture: "stale", lastPicture: 99, player: p, ...more }));
    expect(stale(player({ stream: stream("stalled", { code: "camera.lost" }) }))).toEqual({
      name: "stale",
      since: 99,
      code: "camera.lost",
    });
    expect(stale(player({ stream: stream("stalled") })).code).toBe("camera.stalled");
    // Behind a broken path nothing is known of the camera.
    expect(stale(player({ path: "lost", stream: stream("stalled", { code: "camera.lost" }) })).code).toBe(
      "webrtc.lost",
    );
    expect(stale(player({ path: "lost" }), { gateway: "away" }).code).toBe("gateway.unreachable");
    // A camera that begins to refuse while its last picture stands is first of all a picture of the past.
    expect(stale(player({ stream: stream("refused", { code: "camera.credentials" }) }))).toMatchObject({
      name: "stale",
      since: 99,
    });
  });

  it("names what a camera does that never showed a picture", () => {
    const never = (s: StateMessage) => judge(evidence({ player: player({ stream: s }) }));
    expect(never(stream("refused", { code: "camera.credentials" })).name).toBe("refused");
    expect(never(stream("unsupported", { code: "media.codec", params: { codec: "H265" } }))).toMatchObject({
      name: "unsupported",
      params: { codec: "H265" },
    });
    expect(never(stream("connecting", { code: "camera.timeout" }))).toMatchObject({
      name: "stale",
      code: "camera.timeout",
    });
    expect(never(stream("connecting")).name).toBe("connecting");
  });

  it("tells when the camera is asked again", () => {
    const s = stream("refused", { code: "camera.credentials", retry_at: "1970-01-01T00:00:30Z" });
    expect(judge(evidence({ player: player({ stream: s }) })).retryAt).toBe(30_000);
  });

  it("does not call a wait normal for ever", () => {
    const p = player({ stream: stream("live") });
    expect(judge(evidence({ player: p, waited: normalWait - 1 })).name).toBe("connecting");
    expect(judge(evidence({ player: p, waited: normalWait }))).toMatchObject({
      name: "stale",
      code: "picture.waiting",
    });
    expect(judge(evidence({ player: player({ path: "connecting" }), waited: normalWait })).code).toBe(
      "webrtc.connecting",
    );
    expect(judge(evidence({ gateway: "away", waited: normalWait })).code).toBe("gateway.unreachable");
  });

  it.each([
    ["view.evicted", "evicted"],
    ["view.revoked", "refused"],
    ["camera.not_found", "refused"],
    ["camera.deleted", "ended"],
    ["view.closed", "ended"],
    ["view.replaced", "ended"],
    ["signaling.codecs", "unsupported"],
    ["something.new", "ended"],
  ])("ends for good with %s as %s, whatever picture stood there", (code, name) => {
    expect(judge(evidence({ end: end(code, false), picture: "fresh" })).name).toBe(name);
  });

  it("counts down to the next attempt of what may be tried again", () => {
    const e = evidence({ end: end("webrtc.no_path", true), retryAt: 77, picture: "stale", lastPicture: 9 });
    expect(judge(e)).toEqual({ name: "stale", code: "webrtc.no_path", params: {}, since: 9, retryAt: 77 });
  });

  it("offers a taken place to a person while it asks for a free one by itself", () => {
    const taken = end("view.limit", false);
    expect(mayRetry(taken)).toBe(true);
    expect(judge(evidence({ end: taken, retryAt: 77 }))).toMatchObject({ name: "limit", retryAt: 77 });
  });
});

describe("admission", () => {
  it("lets only a person's fresh act close the oldest view", () => {
    expect(admitFor("person", 0)).toBe("evict_oldest");
    expect(admitFor("person", actLasts - 1)).toBe("evict_oldest");
    expect(admitFor("person", actLasts)).toBe("if_free");
    expect(admitFor("machine", 0)).toBe("if_free");
  });

  it("never lets a machine back in where the gateway forbids it", () => {
    for (const code of ["view.evicted", "view.revoked", "camera.deleted", "view.closed", "view.replaced"]) {
      expect(mayRetry(end(code, false))).toBe(false);
    }
    expect(mayRetry(end("view.expired", true))).toBe(true);
    expect(mayRetry(end("server.stopping", true))).toBe(true);
  });
});

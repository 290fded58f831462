import { beforeEach, describe, expect, it } from "vitest";
import { Ladder } from "../src/player/ladder";
import type { Player, PlayerState, Transport } from "../src/player/player";
import { Reach } from "../src/player/reach";
import type { Admit } from "../src/signal/messages";
import { FakeClock } from "./clock";

const element = {} as HTMLVideoElement;

class Rung implements Player {
  onState: (state: PlayerState) => void = () => {};
  onBreak: () => void = () => {};
  closed: string | undefined;
  started = false;
  switched: string[] = [];
  switchTo(camera: string): boolean {
    this.switched.push(camera);
    return this.transport === "webrtc";
  }
  shows: HTMLVideoElement | undefined;
  constructor(
    readonly transport: Transport,
    readonly admit: Admit,
  ) {}
  start(): void {
    this.started = true;
  }
  show(video: HTMLVideoElement | undefined): void {
    this.shows = video;
  }
  close(place: "gone" | "kept"): void {
    this.closed = place;
  }
  async framesDecoded(): Promise<number> {
    return this.transport === "hls" ? 2 : 1;
  }
  behind(): number | undefined {
    return this.transport === "hls" ? 1800 : undefined;
  }
  tryWebRTC(): void {}
  say(state: Partial<PlayerState>): void {
    this.onState({ phase: "open", transport: this.transport, path: "connecting", ...state });
  }
  over(code: string, retry = true): void {
    this.say({ phase: "over", path: "lost", end: { code, params: { code }, retry, retryAfter: 0 } });
  }
}

describe("Ladder", () => {
  let clock: FakeClock;
  let reach: Reach;
  let rungs: Rung[];
  let cameras: string[]; // of the rungs
  let told: PlayerState[];
  let breaks: number;
  let warmed: number;

  beforeEach(() => {
    clock = new FakeClock();
    reach = new Reach(clock, () => undefined);
    rungs = [];
    cameras = [];
    told = [];
    breaks = 0;
    warmed = 0;
  });

  function ladder(admit: Admit = "evict_oldest"): Ladder {
    const make = (transport: Transport) => (how: Admit, camera: string) => {
      const rung = new Rung(transport, how);
      cameras.push(camera);
      rungs.push(rung);
      return rung;
    };
    const made = new Ladder({
      camera: "c1",
      admit,
      reach,
      clock,
      webrtc: make("webrtc"),
      hls: make("hls"),
      warm: () => warmed++,
    });
    made.onState = (state) => told.push(state);
    made.onBreak = () => breaks++;
    made.show(element);
    made.start();
    return made;
  }

  const last = () => told[told.length - 1];
  const made = () => rungs.map((r) => `${r.transport} ${r.admit}`);
  const rung = (n: number) => rungs[n] as Rung;

  it("stays with WebRTC where that connects, however long the camera takes", async () => {
    ladder();
    rung(0).say({ path: "connected", stream: { status: "connecting", audio: false } });
    await clock.pass(60_000);
    expect(made()).toEqual(["webrtc evict_oldest"]);
    expect(last()).toMatchObject({ transport: "webrtc", path: "connected" });
    expect(warmed).toBe(0);
  });

  it("switches to another camera by WebRTC, and falls back with that one", () => {
    const l = ladder();
    rung(0).say({ path: "connected", stream: { status: "live", audio: false } });
    expect(l.switchTo("c2", "evict_oldest", () => {})).toBe(true);
    expect(rung(0).switched).toEqual(["c2"]);
    const bframes = { status: "unsupported", code: "media.bframes", audio: false } as const;
    rung(0).say({ path: "connected", stream: bframes });
    expect(made()).toEqual(["webrtc evict_oldest", "hls if_free"]);
    expect(cameras).toEqual(["c1", "c2"]);
    expect(l.switchTo("c1", "evict_oldest", () => {})).toBe(false); // HLS has no tracks to switch
    expect(reach.why("c2")?.code).toBe("media.bframes");
    expect(reach.why("c1")).toBeUndefined();
  });

  it("goes on by HLS in the same place without a path, says why, and keeps the last picture", async () => {
    const l = ladder();
    rung(0).say({});
    await clock.pass(1500);
    expect(warmed).toBe(1);
    rung(0).over("webrtc.no_path");
    expect(made()).toEqual(["webrtc evict_oldest", "hls if_free"]); // the place is had: nobody else's is to be closed for it
    expect(rung(0).closed).toBe("kept");
    expect(rung(1).shows).toBe(element);
    expect(breaks).toBe(1);
    rung(1).say({ path: "connected" });
    expect(last()).toMatchObject({
      transport: "hls",
      phase: "open",
      fallback: { code: "webrtc.no_path", params: { code: "webrtc.no_path" } },
    });
    expect(l.behind()).toBe(1800);
    expect(told.some((s) => s.phase === "over")).toBe(false);
  });

  it("brings a click's right along where no place was had yet", () => {
    ladder();
    rung(0).onState({
      phase: "over",
      transport: "webrtc",
      path: "connecting",
      end: { code: "webrtc.missing", params: {}, retry: false, retryAfter: 0 },
    });
    expect(made()).toEqual(["webrtc evict_oldest", "hls evict_oldest"]);
  });

  it("goes on by HLS for a browser without H.264, whose place waits", () => {
    ladder();
    rung(0).onState({
      phase: "over",
      transport: "webrtc",
      path: "connecting",
      end: { code: "signaling.codecs", params: {}, retry: false, retryAfter: 0 },
    });
    expect(made()).toEqual(["webrtc evict_oldest", "hls if_free"]);
  });

  it("goes on by HLS for B-frames, but waits for a format that HLS would only copy", () => {
    ladder();
    rung(0).say({ path: "connected", stream: { status: "unsupported", code: "media.codec", audio: false } });
    expect(rungs).toHaveLength(1);
    rung(0).say({ path: "connected", stream: { status: "unsupported", code: "media.bframes", audio: false } });
    expect(made()).toEqual(["webrtc evict_oldest", "hls if_free"]);
    ladder();
    expect(made().slice(2)).toEqual(["hls evict_oldest"]); // remembered for this camera
  });

  it.each(["view.evicted", "view.limit", "view.revoked", "camera.not_found", "signaling.lost", "webrtc.lost"])(
    "leaves %s to whoever owns it",
    (code) => {
      ladder();
      rung(0).over(code, false);
      expect(rungs).toHaveLength(1);
      expect(last()?.end?.code).toBe(code);
    },
  );

  it("takes HLS at once where the page knows better, and WebRTC again later", async () => {
    reach.failed("c9", { code: "webrtc.no_path", params: {} });
    ladder("evict_oldest");
    expect(made()).toEqual(["hls evict_oldest"]);
    await clock.pass(5 * 60_000);
    ladder("if_free");
    expect(made()[1]).toBe("webrtc if_free");
  });

  it("goes back to WebRTC where the gateway has no FFmpeg", () => {
    reach.failed("c1", { code: "webrtc.no_path", params: {} });
    ladder();
    rung(0).over("hls.no_ffmpeg");
    expect(last()?.end).toMatchObject({ code: "hls.no_ffmpeg", retry: true });
    ladder();
    expect(made()[1]).toBe("webrtc evict_oldest");
  });

  it("goes back to WebRTC by itself when the network's verdict has stood for long enough, one tile for all", async () => {
    reach.failed("c1", { code: "webrtc.no_path", params: {} });
    const first = ladder("if_free");
    const second = ladder("if_free");
    rung(0).say({ path: "connected" });
    rung(1).say({ path: "connected" });
    await clock.pass(4.9 * 60_000);
    expect(rungs).toHaveLength(2);
    await clock.pass(11_000);
    expect(made().slice(2)).toEqual(["webrtc if_free"]);
    rung(2).say({});
    rung(2).over("webrtc.no_path"); // and not again before twice the time
    expect(made().slice(3)).toEqual(["hls if_free"]);
    rung(3).say({ path: "connected" });
    await clock.pass(9 * 60_000);
    expect(rungs).toHaveLength(4);
    await clock.pass(2 * 60_000);
    expect(made()[4]).toBe("webrtc if_free");
    rung(4).say({ path: "connected" }); // now the other one knows, too
    await clock.pass(6000);
    expect(made().slice(5)).toEqual(["webrtc if_free"]);
    rung(5).say({ path: "connected" });
    await clock.pass(60 * 60_000);
    expect(rungs).toHaveLength(6);
    first.close("gone");
    second.close("gone");
  });

  it("goes back to WebRTC soon on another network, but not for what no network mends", async () => {
    reach.failed("c1", { code: "webrtc.no_path", params: {} });
    ladder();
    rung(0).say({ path: "connected" });
    reach.forget();
    await clock.pass(6000);
    expect(made()[1]).toBe("webrtc if_free");
    rung(1).say({ path: "connected" });
    rung(1).say({ path: "connected", stream: { status: "unsupported", code: "media.bframes", audio: false } });
    expect(made()[2]).toBe("hls if_free");
    rung(2).say({ path: "connected" });
    reach.forget();
    await clock.pass(60 * 60_000);
    expect(rungs).toHaveLength(3);
  });

  it("goes to and fro ever more seldom where WebRTC connects and does not last, or can't even begin", async () => {
    reach.failed("c1", { code: "webrtc.no_path", params: {} });
    ladder();
    rung(0).say({ path: "connected" });
    reach.forget();
    const tries = () => rungs.filter((r) => r.transport === "webrtc").length;
    for (let minute = 0, known = 1; minute < 60; minute++) {
      await clock.pass(60_000);
      reach.worked(); // another tile's connection stands
      for (; known < rungs.length; known++) {
        rung(known).say({ path: "connected" });
        if (rung(known).transport !== "webrtc") continue;
        rung(known).over(known % 4 === 1 ? "webrtc.no_path" : "webrtc.failed");
      }
      for (; known < rungs.length; known++) rung(known).say({ path: "connected" });
    }
    expect(tries()).toBeGreaterThan(3);
    expect(tries()).toBeLessThan(14);
    const before = tries();
    reach.forget(); // on another network all is open
    await clock.pass(12_000);
    expect(tries()).toBe(before + 1);
  });

  it("does not try again and again what the browser can't begin", async () => {
    reach.failed("c1", { code: "webrtc.no_path", params: {} });
    ladder();
    rung(0).say({ path: "connected" });
    reach.forget();
    for (let s = 0, known = 1; s < 600; s += 3) {
      await clock.pass(3000);
      for (; known < rungs.length; known++) rung(known).over("webrtc.failed");
    }
    expect(rungs.length).toBeGreaterThan(2);
    expect(rungs.length).toBeLessThan(9);
    expect(rung(0).closed).toBeUndefined(); // its picture went on all the time
  });

  describe("trying WebRTC again", () => {
    let l: Ladder;
    beforeEach(() => {
      reach.failed("c1", { code: "webrtc.no_path", params: {} });
      l = ladder();
      rung(0).say({ path: "connected" });
      l.tryWebRTC();
    });

    it("shows the buffered picture of HLS until there is a connection", () => {
      expect(made()[1]).toBe("webrtc if_free");
      expect(last()).toMatchObject({ transport: "hls", trying: true });
      rung(1).say({});
      rung(0).over("view.replaced", false);
      expect(last()).toMatchObject({ transport: "hls", phase: "open", trying: true });
      expect(rung(1).shows).toBeUndefined();
      expect(breaks).toBe(0);
      rung(1).say({ path: "connected" });
      expect(breaks).toBe(1);
      expect(rung(1).shows).toBe(element);
      expect(rung(0).closed).toBe("kept");
      expect(last()).toMatchObject({ transport: "webrtc", path: "connected" });
      expect(last()?.fallback).toBeUndefined();
      expect(reach.why("c1")).toBeUndefined();
    });

    it("opens HLS again if it fails", () => {
      rung(1).say({});
      rung(1).over("webrtc.no_path");
      expect(made()[2]).toBe("hls if_free");
      expect(rung(0).closed).toBe("kept");
      rung(2).say({ path: "connected" });
      expect(last()?.trying).toBeUndefined();
      expect(last()).toMatchObject({ transport: "hls", phase: "open" });
    });

    it("leaves HLS alone if it could not even ask", () => {
      rung(1).over("signaling.lost");
      expect(rungs).toHaveLength(2);
      expect(rung(0).closed).toBeUndefined();
      expect(last()).toMatchObject({ transport: "hls", phase: "open" });
      expect(last()?.trying).toBeUndefined();
    });

    it("is over if its view is ended meanwhile", () => {
      rung(1).say({});
      rung(0).over("view.replaced", false);
      rung(1).over("view.evicted", false);
      expect(last()?.end?.code).toBe("view.evicted");
      expect(rung(0).closed).toBe("kept");
    });

    it("happens once at a time, and gives both back when the tile is closed", () => {
      l.tryWebRTC();
      expect(rungs).toHaveLength(2);
      l.close("gone");
      expect([rung(0).closed, rung(1).closed]).toEqual(["gone", "gone"]);
    });
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Problem } from "../src/api/client";
import type { HLSRequest, Verdict } from "../src/api/views";
import type { Engine, EngineTrouble, Playlists } from "../src/player/engine";
import { HLSPlayer } from "../src/player/hls";
import type { PlayerState } from "../src/player/player";
import { FakeClock, settled } from "./clock";
import { FakeDocument } from "./document";

class FakeEngine implements Engine {
  onTrouble: (trouble: EngineTrouble) => void = () => {};
  destroyed = false;
  video: HTMLVideoElement | undefined;
  at = 0; // ms: what is shown
  ahead = 1000;
  loaded = 0;
  patience: number | undefined;
  constructor(readonly lists: Playlists) {}
  load(video: HTMLVideoElement): void {
    this.video = video;
  }
  destroy(): void {
    this.destroyed = true;
  }
  shown(): number {
    return this.at;
  }
  newer(): number {
    return this.ahead;
  }
  slack(): number | undefined {
    return this.patience;
  }
  loads(): number {
    return this.loaded;
  }
  audio(): boolean {
    return true;
  }
  interval(): number {
    return 0;
  }
}

const refused = (code: string, status: number): Problem => ({
  ok: false,
  code,
  status,
  detail: "",
  requestID: "",
  params: { camera: "c1" },
  retryAfter: 0,
  fields: [],
});

describe("HLSPlayer", () => {
  let clock: FakeClock;
  let page: FakeDocument;
  let engines: FakeEngine[];
  let opened: HLSRequest[];
  let closed: string[];
  let states: number; // how often the camera was asked for
  let asked: number;
  let answers: Problem[]; // of the next openings; none: it works
  let verdict: Verdict;
  let camera: { state: string; state_code?: string };
  let told: PlayerState[];
  let breaks: number;
  let video: { currentTime: number };
  let player: HLSPlayer;

  beforeEach(() => {
    clock = new FakeClock();
    page = new FakeDocument();
    vi.stubGlobal("document", page);
    engines = [];
    opened = [];
    closed = [];
    states = 0;
    asked = 0;
    answers = [];
    verdict = { says: "there" };
    camera = { state: "live" };
    told = [];
    breaks = 0;
    video = { currentTime: 0 };
  });
  afterEach(() => {
    player.close("kept");
    vi.unstubAllGlobals();
  });

  async function start(): Promise<void> {
    player = new HLSPlayer({
      view: "v1",
      camera: "c1",
      admit: "evict_oldest",
      label: "test",
      clock,
      time: () => clock.wall(),
      makeEngine: async (lists) => {
        const engine = new FakeEngine(lists);
        engine.at = clock.wall() - 1500;
        engines.push(engine);
        return engine;
      },
      door: {
        open: async (_, request) => {
          opened.push(request);
          const refusal = answers.shift();
          const n = opened.length;
          return (
            refusal ?? { ok: true, value: { view: "v1", playlist: `/hls/${n}/a`, native_playlist: `/hls/${n}/b` } }
          );
        },
        close: async (view) => closed.push(view),
        state: async () => {
          states++;
          return camera;
        },
        ask: async () => {
          asked++;
          return verdict;
        },
      },
    });
    player.onState = (state) => told.push(state);
    player.onBreak = () => breaks++;
    player.show(video as HTMLVideoElement);
    player.start();
    await settled();
  }

  const engine = () => engines[engines.length - 1] as FakeEngine;
  const last = () => told[told.length - 1] as PlayerState;

  /** Lets the player play for a while: pictures move, segments come. */
  async function plays(ms: number): Promise<void> {
    for (let t = 0; t < ms; t += 250) {
      await clock.pass(250);
      video.currentTime += 0.25;
      engine().at += 250;
      engine().loaded++;
    }
  }

  /** The picture stands, and nothing comes or what comes is newer than what is shown. */
  async function stands(ms: number, loads: "nothing comes" | "lists come"): Promise<void> {
    for (let t = 0; t < ms; t += 250) {
      await clock.pass(250);
      if (loads === "lists come") engine().loaded++;
    }
  }

  it("opens the view, plays, tells the delay, and asks nobody for anything while all is well", async () => {
    await start();
    expect(last()).toMatchObject({ phase: "open", path: "connecting" });
    await plays(60_000);
    expect(last()).toMatchObject({ phase: "open", path: "connected", stream: { status: "live", audio: true } });
    expect(player.behind()).toBeGreaterThan(1000);
    expect(player.behind()).toBeLessThan(2100);
    expect(opened).toEqual([{ view: "v1", admit: "evict_oldest", label: "test" }]);
    expect([states, asked, engines.length]).toEqual([0, 0, 1]);
  });

  it("opens anew at the edge under the same id, closing nobody's view, when it fell more than 4 s behind", async () => {
    await start();
    await plays(5000);
    const first = engine();
    first.at -= 3500;
    first.ahead = 4500;
    await plays(2000);
    expect(opened).toHaveLength(2);
    expect(opened[1]).toMatchObject({ view: "v1", admit: "if_free" });
    expect(first.destroyed).toBe(true);
    expect(breaks).toBe(1); // the last picture could be kept
    expect(engine().lists.playlist).toBe("/hls/2/a");
    expect(told.every((s) => s.phase !== "over")).toBe(true);
  });

  it("leaves a browser that plays by itself as far behind as it began, and opens anew when it fell far back from there", async () => {
    await start();
    engine().patience = 15_000;
    engine().at -= 20_000; // three segments from the end, as RFC 8216 wants it
    engine().ahead = 18_000;
    await plays(60_000);
    page.see("hidden");
    page.see("visible");
    await settled();
    expect(opened).toHaveLength(1);
    engine().at -= 16_000;
    engine().ahead += 16_000;
    await plays(2000);
    expect(opened).toHaveLength(2);
  });

  it("stays when the camera stopped, and says what the gateway knows of it", async () => {
    await start();
    await plays(3000);
    camera = { state: "stalled", state_code: "camera.lost" };
    engine().ahead = 200;
    await stands(20_000, "lists come");
    expect(opened).toHaveLength(1);
    expect(last()).toMatchObject({
      phase: "open",
      path: "connected",
      stream: { status: "stalled", code: "camera.lost" },
    });
    expect(states).toBeLessThanOrEqual(10);
    camera = { state: "live" };
    await plays(1000);
    expect(last().stream).toEqual({ status: "live", audio: true });
  });

  it("leaves a hidden tab in peace and is at the edge when it is seen again", async () => {
    await start();
    await plays(3000);
    page.see("hidden");
    engine().ahead = 60_000;
    await stands(60_000, "nothing comes");
    expect([opened.length, states, asked]).toEqual([1, 0, 0]);
    expect(await player.framesDecoded()).toBeUndefined();
    page.see("visible");
    await settled();
    expect(opened).toHaveLength(2);
    await plays(3000);
    expect(last()).toMatchObject({ phase: "open", path: "connected" });
    expect(opened).toHaveLength(2);
  });

  it("ends with what the gateway says when its list is gone, and asks no more", async () => {
    await start();
    await plays(3000);
    verdict = { says: "ended", code: "view.evicted", params: { camera: "Gate 2" }, retry: false, at: 7 };
    engine().onTrouble("network");
    await settled();
    expect(last()).toMatchObject({
      phase: "over",
      end: { code: "view.evicted", params: { camera: "Gate 2" }, retry: false, at: 7 },
    });
    expect(engine().destroyed).toBe(true);
    await clock.pass(60_000);
    expect([opened.length, asked]).toEqual([1, 1]);
  });

  it("finds out by itself that its view is gone where the player only stands still", async () => {
    await start();
    await plays(3000);
    verdict = { says: "ended", code: "view.expired", params: {}, retry: true };
    await stands(5500, "nothing comes");
    expect(last()).toMatchObject({ phase: "over", end: { code: "view.expired", retry: true } });
  });

  it("calls the way lost when nothing comes, and gives up after as long as a lease", async () => {
    await start();
    await plays(3000);
    verdict = { says: "nothing" };
    await stands(5000, "nothing comes");
    expect(last()).toMatchObject({ phase: "open", path: "lost" });
    await stands(8000, "nothing comes");
    expect(last()).toMatchObject({ phase: "over", end: { code: "hls.lost", retry: true } });
  });

  it("is not held up by a playlist that never answers", async () => {
    await start();
    verdict = { says: "nothing" };
    await plays(2000);
    engine().onTrouble("network");
    await clock.pass(4000);
    expect(last()).toMatchObject({ phase: "over", end: { code: "hls.lost", retry: true } });
  });

  it("is over for good where the browser can't play the format, and may be tried again where it stumbled", async () => {
    await start();
    engine().onTrouble("media");
    expect(last().end).toMatchObject({ code: "hls.media", retry: true });
    player.close("kept");
    await start();
    engine().onTrouble("codec");
    expect(last().end).toMatchObject({ code: "hls.codec", retry: false });
  });

  it.each([
    ["view.limit", 409, false],
    ["view.revoked", 410, false],
    ["media.codec", 415, false],
    ["hls.no_ffmpeg", 503, true],
    ["network", 0, true],
  ])("is refused with %s", async (code, status, retry) => {
    answers = [refused(code, status)];
    await start();
    expect(last()).toMatchObject({ phase: "over", end: { code, retry, params: { camera: "c1" } } });
    await clock.pass(60_000);
    expect(opened).toHaveLength(1);
  });

  it("asks again for a camera that is away, by itself and so soon that the place waits", async () => {
    answers = [refused("camera.timeout", 503), refused("camera.credentials", 503)];
    await start();
    expect(last()).toMatchObject({ phase: "asking", stream: { status: "connecting", code: "camera.timeout" } });
    await clock.pass(2000);
    expect(last().stream).toMatchObject({ status: "refused", code: "camera.credentials" });
    await clock.pass(2000);
    expect(opened.map((o) => o.admit)).toEqual(["evict_oldest", "if_free", "if_free"]);
    expect(last().phase).toBe("open");
  });

  it("gives its place back when it is closed, and keeps it when another player goes on in it", async () => {
    await start();
    player.close("kept");
    expect([closed, engine().destroyed]).toEqual([[], true]);
    await start();
    player.close("gone");
    expect(closed).toEqual(["v1"]);
  });

  it("says that it can't where the browser has no way to play, and gives the place back", async () => {
    player = new HLSPlayer({
      view: "v1",
      camera: "c1",
      admit: "if_free",
      label: "",
      clock,
      time: () => 0,
      makeEngine: async () => "none",
      door: {
        open: async () => ({ ok: true, value: { view: "v1", playlist: "/a", native_playlist: "/b" } }),
        close: async (view) => closed.push(view),
        state: async () => undefined,
        ask: async () => verdict,
      },
    });
    player.onState = (state) => told.push(state);
    player.show(video as HTMLVideoElement);
    player.start();
    await settled();
    expect(last().end).toMatchObject({ code: "hls.no_engine", retry: false });
    expect(closed).toEqual(["v1"]);
  });
});

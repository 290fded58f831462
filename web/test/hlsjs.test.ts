import { expect, it } from "vitest";
import { type HlsClass, HlsjsEngine } from "../src/player/hlsjs";

/** A hls.js that does nothing by itself. */
class Idle {
  static Events = new Proxy({}, { get: (_, name) => name });
  static ErrorTypes = {};
  static ErrorDetails = {};
  static last: Idle;
  lowLatencyMode = true;
  readonly #heard: Record<string, (name: string, data: unknown) => void> = {};

  constructor() {
    Idle.last = this;
  }

  on(name: string, heard: (name: string, data: unknown) => void): void {
    this.#heard[name] = heard;
  }

  tell(name: string, data: unknown): void {
    this.#heard[name]?.(name, data);
  }

  attachMedia(): void {}
  loadSource(): void {}
  destroy(): void {}
}

/** An element that plays, with so many seconds left. */
function playing(left: number) {
  return {
    paused: false,
    currentTime: 1,
    playbackRate: 1,
    buffered: { length: 1, start: () => 0, end: () => 1 + left },
    play: async () => {},
    addEventListener() {},
    removeEventListener() {},
  };
}

it("keeps its pace while it takes what was there to begin with, and slows down where a segment comes late", () => {
  const engine = new HlsjsEngine(Idle as unknown as HlsClass, "/hls/secret/index.m3u8");
  const video = playing(0.1);
  engine.load(video as unknown as HTMLVideoElement);
  const hls = Idle.last;
  const listed = (startSN: number, endSN: number) => hls.tell("LEVEL_LOADED", { details: { startSN, endSN } });
  const comes = (sn: number | "initSegment") => hls.tell("BUFFER_APPENDING", { frag: { sn } });
  listed(7, 9);
  for (const sn of ["initSegment", 7, 8, 9] as const) comes(sn);
  expect(video.playbackRate).toBe(1);
  listed(7, 10);
  comes(10);
  expect(video.playbackRate).toBeLessThan(1);

  // It fell out of its list, and begins again.
  engine.destroy();
  engine.load(video as unknown as HTMLVideoElement);
  listed(30, 32);
  comes(31);
  expect(video.playbackRate).toBe(1);
});

import type { HLSDoor, Verdict } from "../api/views";
import { mayPass } from "../api/views";
import type { Clock } from "../base/clock";
import type { Admit, Params, StreamStatus } from "../signal/messages";
import type { Engine, EngineMaker, EngineTrouble, Playlists } from "./engine";
import { framesOf } from "./frames";
import { distance, Lag, type Position } from "./lag";
import type { Player, PlayerEnd, PlayerState, StreamState } from "./player";

export interface HLSOptions {
  view: string;
  camera: string;
  admit: Admit;
  label: string; // what to call this screen, to whoever it evicts
  door: Pick<HLSDoor, "open" | "close" | "state" | "ask">;
  makeEngine: EngineMaker;
  clock: Clock;
  /** The gateway's time of day, ms since 1970. */
  time: () => number;
  /** Told that the view plays, until the given function is called; without it the view lives by what is loaded alone. */
  plays?: (view: string) => () => void;
}

const lookEvery = 500; // ms
const quietFor = 1500; // ms without a moving picture, after which the camera's state is asked for
const stateEvery = 2000; // ms between two questions for it
const silentFor = 4000; // ms without a list or segment, after which the way counts as lost
const lostFor = 12_000; // ms: as long as the view's lease; then it is opened anew
const cameraAgain = 2000; // ms; the gateway keeps the place of a view whose camera is away for 6 s
const askEvery = 3000; // ms between two questions whether the view still stands

/**
 * HLSPlayer is one view over one playlist after another: it is opened anew at the edge, under the same view id, when its picture falls more than
 * 4 s behind. It renews its lease by what it loads, and by the page's socket where there is one. It learns how the camera is doing from GET /me/cameras/{id}, and asks only while
 * no picture moves, so that it works without any socket and costs nothing while all is well. When the gateway ends the view, the
 * playlist says why.
 */
export class HLSPlayer implements Player {
  onState: (state: PlayerState) => void = () => {};
  onBreak: () => void = () => {};

  readonly #o: HLSOptions;
  readonly #lag = new Lag();
  #state: PlayerState = { phase: "asking", transport: "hls", path: "connecting" };
  #video: HTMLVideoElement | undefined;
  #lists: Playlists | undefined;
  #engine: Engine | undefined;
  #opening = 0; // of several openings the last one counts
  #cancelLook: () => void = () => {};
  #cancelAgain: () => void = () => {};
  #stopPlays: (() => void) | undefined;
  #loads = 0;
  #loadedAt = 0; // clock.now: when something arrived last
  #time = -1; // of the <video>
  #movedAt = 0; // clock.now: when it moved last
  #nearest: number | undefined; // ms behind live: where the engine stood at its best
  #stateAt = 0; // clock.now: when it was asked for last
  #askedAt = 0;
  #behind: number | undefined;

  constructor(options: HLSOptions) {
    this.#o = options;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#seen);
    this.#look();
    void this.#open(this.#o.admit);
  }

  show(video: HTMLVideoElement | undefined): void {
    if (video === this.#video) return;
    this.#video = video;
    if (this.#engine) void this.#play(); // in another element: from the edge
  }

  close(place: "gone" | "kept"): void {
    const over = this.#isOver();
    this.#release();
    this.#state = { ...this.#state, phase: "over" };
    if (place === "gone" && !over) void this.#o.door.close(this.#o.view);
  }

  tryWebRTC(): void {}

  behind(): number | undefined {
    return this.#behind;
  }

  async framesDecoded(): Promise<number | undefined> {
    // Browsers stop a silent picture in a hidden tab, so that nothing decoded there proves nothing.
    if (document.visibilityState === "hidden") return undefined;
    return this.#video && framesOf(this.#video);
  }

  // Opening

  async #open(admit: Admit): Promise<void> {
    const { door, view, camera, label } = this.#o;
    const mine = ++this.#opening;
    const got = await door.open(camera, { view, admit, label });
    if (mine !== this.#opening) return;
    if (this.#isOver()) return; // whoever closed it gave the place back, after this answer
    if (!got.ok) {
      const { code, params, retryAfter } = got;
      if (got.status === 503 && code.indexOf("camera.") === 0) return this.#cameraAway(code, params);
      return this.#over({ code, params, retry: mayPass(got), retryAfter: retryAfter * 1000 });
    }
    this.#lists = { playlist: got.value.playlist, native: got.value.native_playlist };
    this.#stopPlays ??= this.#o.plays?.(view);
    this.#set({ phase: "open", path: "connecting" });
    await this.#play();
  }

  /** The camera shows nothing yet: asked for again and again, so soon that the gateway keeps the place meanwhile. */
  #cameraAway(code: string, params: Params): void {
    const known = code === "camera.connecting" ? {} : { code, params };
    this.#set({ stream: { ...this.#stream(code === "camera.credentials" ? "refused" : "connecting"), ...known } });
    this.#cancelAgain = this.#o.clock.after(cameraAgain, () => void this.#open("if_free"));
  }

  /** Plays the present playlists in the present element. */
  async #play(): Promise<void> {
    this.#drop();
    const lists = this.#lists;
    const video = this.#video;
    if (!lists || !video) return;
    const mine = this.#opening;
    let engine: Engine | "none";
    try {
      engine = await this.#o.makeEngine(lists);
    } catch {
      // The code to play with could not be loaded.
      if (mine === this.#opening) this.#over({ code: "network", params: {}, retry: true, retryAfter: 0 });
      return;
    }
    if (mine !== this.#opening || this.#isOver() || video !== this.#video) return;
    if (engine === "none") {
      void this.#o.door.close(this.#o.view);
      return this.#over({ code: "hls.no_engine", params: {}, retry: false, retryAfter: 0 });
    }
    this.#begin(engine, video);
  }

  #begin(engine: Engine, video: HTMLVideoElement): void {
    const now = this.#o.clock.now();
    this.#engine = engine;
    this.#loads = 0;
    this.#loadedAt = now;
    this.#time = -1;
    this.#movedAt = now;
    this.#nearest = undefined;
    engine.onTrouble = (trouble) => void (this.#engine === engine && this.#trouble(trouble));
    engine.load(video);
  }

  /** Opens the view once more, at the edge; the place and its time stay. */
  #anew(): void {
    this.onBreak();
    this.#drop();
    this.#behind = undefined;
    void this.#open("if_free");
  }

  // Looking

  #look(): void {
    this.#cancelLook = this.#o.clock.after(lookEvery, () => this.#look());
    const engine = this.#engine;
    const video = this.#video;
    if (!engine || !video || this.#state.phase !== "open") return;
    const now = this.#o.clock.now();
    if (engine.loads() > this.#loads) {
      this.#loads = engine.loads();
      this.#loadedAt = now;
    }
    if (video.currentTime !== this.#time) {
      this.#time = video.currentTime;
      this.#movedAt = now;
    }
    const at = this.#position(engine);
    // Before it plays, a player by itself knows no distance.
    if (this.#loads > 1 && distance(at) > 0) this.#nearest = Math.min(this.#nearest ?? distance(at), distance(at));
    this.#behind = at.behind;
    // A hidden tab's picture may be stopped by the browser; it is judged when it is seen again.
    if (document.visibilityState === "hidden") return;
    if (this.#lag.tooFar(now, at)) return this.#anew();
    const silent = now - this.#loadedAt;
    if (silent > lostFor) return void this.#ask("hls.lost");
    // What has never come is not lost: a first segment may have to wait for the camera's keyframe.
    const path = this.#loads < 2 ? "connecting" : silent > silentFor ? "lost" : "connected";
    const quiet = now - this.#movedAt >= quietFor;
    const moving = !quiet && this.#loads > 1;
    const stream = moving ? this.#stream("live") : (this.#state.stream ?? this.#stream("live"));
    if (path !== this.#state.path || !same(stream, this.#state.stream)) this.#set({ path, stream });
    if (quiet) this.#inquire(now);
  }

  #position(engine: Engine): Position {
    const shown = engine.shown();
    const slack = engine.slack();
    return {
      ...(slack === undefined ? {} : { most: (this.#nearest ?? Number.POSITIVE_INFINITY) + slack }),
      behind: shown === undefined ? undefined : Math.max(0, this.#o.time() - shown),
      newer: engine.newer(),
    };
  }

  readonly #seen = (): void => {
    const engine = this.#engine;
    if (document.visibilityState === "hidden" || !engine || this.#state.phase !== "open") return;
    const now = this.#o.clock.now();
    this.#loadedAt = now; // nothing was expected to come meanwhile
    this.#movedAt = now;
    if (this.#lag.returned(now, this.#position(engine))) this.#anew();
  };

  /** No picture moves: how is the camera, and does the view stand? */
  #inquire(now: number): void {
    if (now - this.#stateAt >= stateEvery) {
      this.#stateAt = now;
      void this.#o.door.state(this.#o.camera).then((camera) => {
        if (!camera || this.#state.phase !== "open" || this.#o.clock.now() - this.#movedAt < quietFor) return;
        const code = camera.state_code;
        this.#set({ stream: { ...this.#stream(statusOf(camera.state)), ...(code ? { code } : {}) } });
      });
    }
    if (now - this.#movedAt > silentFor && now - this.#askedAt >= askEvery) void this.#ask(undefined);
  }

  #stream(status: StreamStatus): StreamState {
    const interval = this.#engine?.interval() ?? 0;
    const audio = this.#engine?.audio() ?? false;
    return { status, audio, ...(interval > 0 ? { frame_interval_ms: interval } : {}) };
  }

  // Trouble

  #trouble(trouble: EngineTrouble): void {
    switch (trouble) {
      case "network":
        return void this.#ask("hls.lost");
      case "media":
        return this.#over({ code: "hls.media", params: {}, retry: true, retryAfter: 0 });
      case "codec":
        return this.#over({ code: "hls.codec", params: {}, retry: false, retryAfter: 0 });
    }
  }

  /** Asks the playlist what became of the view. lost: what to end with if it does not say; nothing: go on. */
  async #ask(lost: string | undefined): Promise<void> {
    const lists = this.#lists;
    if (!lists) return;
    this.#askedAt = this.#o.clock.now();
    const mine = this.#opening;
    // A network that swallows everything gives no answer at all.
    const late = this.#o.clock.after(silentFor, () => answer({ says: "nothing" }));
    const answer = (verdict: Verdict) => {
      late();
      if (mine !== this.#opening || this.#isOver()) return;
      if (verdict.says === "ended") {
        const { code, params, retry, at } = verdict;
        this.#over({ code, params, retry, retryAfter: 0, ...(at === undefined ? {} : { at }) });
      } else if (lost) {
        this.#over({ code: lost, params: {}, retry: true, retryAfter: 0 });
      }
    };
    answer(await this.#o.door.ask(lists.playlist));
  }

  // The end

  #over(end: PlayerEnd): void {
    if (this.#isOver()) return;
    this.#set({ phase: "over", end }); // the last picture can still be kept
    this.#release();
  }

  #release(): void {
    this.#opening++;
    this.#cancelLook();
    this.#cancelAgain();
    this.#stopPlays?.();
    this.#stopPlays = undefined;
    document.removeEventListener("visibilitychange", this.#seen);
    this.#drop();
    this.#video = undefined;
    this.#lists = undefined;
  }

  #drop(): void {
    this.#engine?.destroy();
    this.#engine = undefined;
  }

  #isOver(): boolean {
    return this.#state.phase === "over";
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    this.onState(this.#state);
  }
}

/** That WebRTC can't carry the pictures is no concern of HLS; a camera that nobody pulls is about to be dialled. */
function statusOf(state: string): StreamStatus {
  switch (state) {
    case "connecting":
    case "stalled":
    case "refused":
      return state;
  }
  return "live";
}

function same(a: StreamState, b: StreamState | undefined): boolean {
  return (
    b !== undefined &&
    a.status === b.status &&
    a.code === b.code &&
    a.audio === b.audio &&
    a.frame_interval_ms === b.frame_interval_ms
  );
}

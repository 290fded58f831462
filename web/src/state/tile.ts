import type { Camera } from "../api/types";
import { backoff, type Clock, type Ladder } from "../base/clock";
import { Store } from "../base/store";
import { FrameMeter } from "../player/meter";
import { type Player, type PlayerEnd, type PlayerState, play, type Reason, type Transport } from "../player/player";
import type { SignalSocket } from "../signal/socket";
import { admitFor, judge, mayRetry, type Status, sameStatus } from "./status";

export type Act = "person" | "machine";

/** Makes the player of one attempt. */
export type PlayerMaker = (attempt: { view: string; camera: string; admit: "evict_oldest" | "if_free" }) => Player;

/** What a tile needs of the socket: whether the gateway can be asked for a view, and the gateway's time. */
export type TileSocket = Pick<SignalSocket, "state" | "reachable" | "online" | "time">;

export interface TileOptions {
  index: number;
  view: string; // the tile's view id, the same as long as the tab lives
  socket: TileSocket;
  clock: Clock;
  makePlayer: PlayerMaker;
}

/** What the page draws of a tile. */
export interface TileState {
  camera: Camera | undefined;
  status: Status;
  /** live: moving; held: the last one, not of now; none: nothing to be seen. */
  picture: "none" | "live" | "held";
  audio: boolean; // the stream has sound that can be played
  /** What carries the picture; nothing while nobody plays. */
  transport: Transport | undefined;
  /** Why it is HLS and not WebRTC. */
  fallback: Reason | undefined;
  /** How far the picture is behind the camera, in tenths of a second; nothing while unknown or not worth telling. */
  behind: number | undefined;
  /** WebRTC is being tried while HLS shows the picture. */
  trying: boolean;
}

const retryLadder: Ladder = { first: 1000, most: 15_000 };
const limitRetry = 10_000; // ms; as often as a machine may ask for a free place
const limitRetryAfterOutage = 20_000; // ms; longer than any window waits before it connects again

const nothing: TileState = {
  camera: undefined,
  status: { name: "empty" },
  picture: "none",
  audio: false,
  transport: undefined,
  fallback: undefined,
  behind: undefined,
  trying: false,
};

const steady = 2; // tenths of a second that the delay must change by to be told anew

/**
 * Tile is one place on the wall: it opens a camera, keeps it up for ever, and says how it is doing. What a person does may close the oldest
 * view; what it does by itself never does.
 */
export class Tile {
  readonly index: number;
  readonly view: string;
  readonly state = new Store<TileState>(nothing);

  readonly #o: TileOptions;
  #camera: Camera | undefined;
  #act: { by: Act; at: number } = { by: "machine", at: 0 };
  #player: Player | undefined;
  #playing: PlayerState | undefined;
  #end: PlayerEnd | undefined;
  #meter: FrameMeter | undefined;
  #retries = 0;
  #retryAt: number | undefined; // ms since 1970 by the gateway
  #cancelRetry: () => void = () => {};
  #video: HTMLVideoElement | undefined;
  #still: HTMLCanvasElement | undefined;
  #sound = false;
  #calledAt = 0; // clock.now
  #heldAt = 0; // clock.now: when the still was taken
  #doubted: number | undefined; // clock.now: the last frame before the gateway said that no more come
  #told: { frame: number; time: number } = { frame: 0, time: 0 };

  constructor(options: TileOptions) {
    this.#o = options;
    this.index = options.index;
    this.view = options.view;
    options.socket.state.subscribe(() => this.#socketChanged());
  }

  /** Gives the tile its elements: the picture, and the canvas that holds the last one while players change. */
  mount(video: HTMLVideoElement, still: HTMLCanvasElement): void {
    this.#video = video;
    this.#still = still;
    video.muted = !this.#sound;
    this.#player?.show(video);
    if (this.#camera) this.#watchFrames();
  }

  unmount(): void {
    this.#player?.show(undefined);
    this.#meter?.stop();
    this.#meter = undefined;
    this.#video = undefined;
    this.#still = undefined;
  }

  /**
   * Opens a camera here, in the place of whatever was here: over the connection that there is, where that can be. The old picture goes at once, so
   * that nobody takes it for the new one.
   */
  call(camera: Camera, by: Act): void {
    const another = this.#camera?.id !== camera.id;
    this.#camera = camera;
    this.#calledAt = this.#o.clock.now();
    this.#act = { by, at: this.#calledAt };
    this.#retries = 0;
    this.#doubted = undefined;
    this.#meter?.stop(); // the former camera's frames say nothing of this one
    this.#meter = undefined;
    if (!another || !this.#switch(camera)) return this.#reopen();
    this.#blank();
    this.#watchFrames();
    this.#update();
  }

  #switch(camera: Camera): boolean {
    const player = this.#player;
    const refused = () => {
      if (this.#player === player) this.#reopen(); // a fresh opening may do, or tells why not
    };
    return player?.switchTo?.(camera.id, admitFor(this.#act.by, 0), refused) ?? false;
  }

  #reopen(): void {
    this.#stopPlaying("kept");
    this.#blank();
    this.#watchFrames();
    this.#open();
  }

  /** Opens the same camera once more, by a person's wish. */
  again(): void {
    if (this.#camera) this.call(this.#camera, "person");
  }

  /** Tries at once instead of waiting. A machine's retry stays a machine's. */
  retryNow(): void {
    if (this.#retryAt !== undefined) this.#open();
  }

  /** Tries WebRTC once more while HLS goes on, by a person's wish. */
  tryWebRTC(): void {
    this.#player?.tryWebRTC();
  }

  /** Gives the place up. */
  close(): void {
    this.#stopPlaying("gone");
    this.#blank();
    this.#camera = undefined;
    this.#meter?.stop();
    this.#meter = undefined;
    this.#update();
  }

  /** The camera's name or place may have changed in the list. */
  rename(camera: Camera): void {
    if (this.#camera?.id !== camera.id) return;
    this.#camera = camera;
    this.#update();
  }

  set sound(on: boolean) {
    this.#sound = on;
    if (!this.#video) return;
    this.#video.muted = !on;
    // A browser that allows no sound yet would pause the picture: rather silent than still.
    if (on) void play(this.#video);
  }

  // Opening

  #open(): void {
    this.#cancelRetry();
    this.#retryAt = undefined;
    const camera = this.#camera;
    if (!camera) return;
    if (!this.#o.socket.reachable) return this.#update(); // socketChanged opens it
    this.#end = undefined;
    const { by, at } = this.#act;
    const admit = admitFor(by, this.#o.clock.now() - at);
    const player = this.#o.makePlayer({ view: this.view, camera: camera.id, admit });
    this.#player = player;
    this.#playing = undefined;
    player.onState = (state) => {
      if (this.#player === player) this.#played(state);
    };
    player.onBreak = () => {
      if (this.#player === player) this.#hold();
    };
    player.show(this.#video);
    player.start();
    this.#update();
  }

  #played(state: PlayerState): void {
    this.#playing = state;
    if (state.phase === "open") this.#act = { by: "machine", at: 0 }; // the click is done: what follows is the machine's
    const interval = state.stream?.frame_interval_ms;
    if (interval && this.#meter) this.#meter.freshness.interval = interval;
    if (state.phase === "over" && state.end) this.#ended(state.end);
    this.#update();
  }

  #ended(end: PlayerEnd): void {
    this.#hold();
    this.#player = undefined;
    this.#playing = undefined;
    this.#end = end;
    if (!mayRetry(end)) {
      this.#blank();
      return;
    }
    if (!this.#o.socket.reachable) return; // the socket's return starts the next attempt
    this.#openIn(Math.max(end.retryAfter, this.#wait(end.code)));
  }

  #openIn(ms: number): void {
    const { clock, socket } = this.#o;
    this.#cancelRetry();
    this.#retryAt = socket.time() + ms;
    this.#cancelRetry = clock.after(ms, () => this.#open());
  }

  #wait(code: string): number {
    if (code === "signaling.lost") return 0;
    if (code === "view.limit") return limitRetry * (1 + this.#o.clock.random() / 4);
    return backoff(retryLadder, this.#retries++, this.#o.clock.random());
  }

  #socketChanged(): void {
    if (this.#end?.code === "view.limit") {
      // After an outage those who had places before it come first, in every window; who waited for one waits until they are back.
      this.#cancelRetry();
      this.#retryAt = undefined;
      if (this.#o.socket.reachable) this.#openIn(limitRetryAfterOutage * (1 + this.#o.clock.random() / 4));
      return this.#update();
    }
    const waiting = this.#camera && !this.#player && this.#retryAt === undefined && (!this.#end || mayRetry(this.#end));
    if (waiting && this.#o.socket.reachable) this.#open();
    else this.#update();
  }

  #stopPlaying(place: "gone" | "kept"): void {
    this.#cancelRetry();
    this.#retryAt = undefined;
    const player = this.#player;
    this.#player = undefined;
    this.#playing = undefined;
    this.#end = undefined;
    player?.close(place);
  }

  // The picture

  #watchFrames(): void {
    const video = this.#video;
    this.#meter?.stop();
    this.#meter = undefined;
    if (!video) return;
    const decoded = async () => this.#player?.framesDecoded();
    this.#meter = new FrameMeter(video, decoded, this.#o.clock, () => this.#update());
    this.#meter.start();
  }

  /** Keeps the last picture of this camera in sight while its player is replaced. */
  #hold(): void {
    const video = this.#video;
    const still = this.#still;
    const last = this.#meter?.freshness.lastFrame;
    // Nothing came since the picture that is held already: this player showed none.
    if (!video || !still || last === undefined || last <= this.#heldAt || video.videoWidth === 0) return;
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d")?.drawImage(video, 0, 0);
    still.setAttribute("data-held", "");
    this.#heldAt = this.#o.clock.now();
  }

  #blank(): void {
    if (this.#video?.srcObject) this.#video.srcObject = null;
    if (!this.#still) return;
    this.#still.width = 0; // forgets the picture
    this.#still.removeAttribute("data-held");
  }

  // Telling

  #update(): void {
    const { clock, socket } = this.#o;
    const freshness = this.#meter?.freshness;
    const last = freshness?.lastFrame;
    if (last !== undefined && last > this.#heldAt) this.#still?.removeAttribute("data-held");
    const stream = this.#playing?.stream;
    this.#doubt(last, freshness?.stale("told") ?? false);
    const stale = this.#doubted !== undefined || freshness?.stale(this.#end ? "told" : "untold");
    const picture = last === undefined ? "never" : stale ? "stale" : "fresh";
    if (picture === "fresh" && this.#player) this.#retries = 0;
    const status = judge({
      camera: this.#camera !== undefined,
      player: this.#playing,
      end: this.#end,
      retryAt: this.#retryAt,
      gateway: socket.reachable ? "there" : "away",
      picture,
      lastPicture: this.#timeOf(this.#doubted ?? last),
      waited: clock.now() - this.#calledAt,
    });
    const shown = status.name === "live" ? "live" : last === undefined || this.#finished() ? "none" : "held";
    const before = this.state.value;
    const next: TileState = {
      camera: this.#camera,
      status,
      picture: shown,
      audio: stream?.audio ?? false,
      transport: this.#player && this.#playing?.transport,
      fallback: this.#playing?.fallback,
      behind: this.#delay(before.behind),
      trying: this.#playing?.trying ?? false,
    };
    if (!sameTile(next, before)) this.state.set(next);
  }

  /**
   * While the gateway says that the camera sends nothing, newly decoded frames prove nothing: browsers that see no picture for 3 s ask for a
   * keyframe, and are given the kept one once more. The mark then stands until the gateway takes its word back.
   */
  #doubt(last: number | undefined, quiet: boolean): void {
    const status = this.#playing?.stream?.status;
    // HLS never sends a picture twice, and hears of the camera later than it sees it.
    const heard = this.#o.socket.online && this.#playing?.transport === "webrtc";
    const told = heard && status !== undefined && status !== "live";
    if (!told) this.#doubted = undefined;
    else if (this.#doubted === undefined && (status === "stalled" || quiet)) this.#doubted = last;
  }

  /** The delay to tell: what was told, until it is clearly another. */
  #delay(told: number | undefined): number | undefined {
    const ms = this.#player?.behind();
    if (ms === undefined) return undefined;
    const now = Math.round(ms / 100);
    return told !== undefined && Math.abs(now - told) < steady ? told : now;
  }

  #finished(): boolean {
    return this.#end !== undefined && !mayRetry(this.#end);
  }

  /** The gateway's time of a frame, worked out once: the two clocks drift, and the mark must not flicker. */
  #timeOf(frame: number | undefined): number | undefined {
    if (frame === undefined) return undefined;
    if (this.#told.frame !== frame) {
      this.#told = { frame, time: this.#o.socket.time() - (this.#o.clock.now() - frame) };
    }
    return this.#told.time;
  }
}

function sameTile(a: TileState, b: TileState): boolean {
  return (
    a.camera === b.camera &&
    a.picture === b.picture &&
    a.audio === b.audio &&
    a.transport === b.transport &&
    a.behind === b.behind &&
    a.trying === b.trying &&
    a.fallback?.code === b.fallback?.code &&
    JSON.stringify(a.fallback?.params) === JSON.stringify(b.fallback?.params) &&
    sameStatus(a.status, b.status)
  );
}

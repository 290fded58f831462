import type { Clock } from "../base/clock";
import type { Admit } from "../signal/messages";
import type { Player, PlayerEnd, PlayerState, Reason } from "./player";
import type { Reach } from "./reach";

export interface LadderOptions {
  camera: string;
  admit: Admit;
  reach: Reach;
  clock: Clock;
  webrtc: (admit: Admit, camera: string) => Player;
  hls: (admit: Admit, camera: string) => Player;
  /** HLS may be needed soon: its code can be loaded. */
  warm: () => void;
}

const warmAfter = 1500; // ms without a connection
const returnEvery = 5000; // ms between two looks whether HLS is still needed, and up to a fifth more
const lasting = 2 * 60_000; // ms; a connection that broke sooner proves nothing
const firstPause = 30_000; // ms without another try after the second failure in a row; each time twice as long, up to
const longestPause = 10 * 60_000; // ms

/** Ends of a WebRTC view that another transport can mend. */
const mended = ["webrtc.missing", "webrtc.no_path", "webrtc.failed", "signaling.codecs"];

/** Of the reasons for HLS those that pass by themselves: the network's. */
const passing = ["webrtc.no_path", "webrtc.failed", "signaling.blocked"];

/**
 * Ladder is a player that takes WebRTC where it can be had and goes on by HLS under the same view id where it can't, which keeps the view's place
 * and opening time: no WebRTC in the browser, no ICE and DTLS within 4 s of the answer, a codec that the browser does not take, B-frames.
 * A camera that is still being dialled is no reason. Where the network was the reason, it goes back by itself when nothing is known against it any
 * more: it is another one, another tile got through, or the verdict has stood for long enough; and ever more seldom where others get through and this
 * tile does not, or not for long, so that its picture does not go to and fro. A person may try at any time. HLS's picture
 * plays on until WebRTC has connected.
 */
export class Ladder implements Player {
  onState: (state: PlayerState) => void = () => {};
  onBreak: () => void = () => {};

  readonly #o: LadderOptions;
  #camera: string;
  #current: Player | undefined; // whose picture is shown
  #state: PlayerState | undefined; // its last
  #trial: Player | undefined; // WebRTC, while HLS is still shown
  #taken = false; // the trial has taken the view over, so that HLS is at its end
  #fallback: Reason | undefined;
  #video: HTMLVideoElement | undefined;
  #cancelWarm: () => void = () => {};
  #cancelReturn: () => void = () => {};
  #connectedAt: number | undefined; // clock.now: since when WebRTC shows the picture
  #failures = 0; // of WebRTC in a row
  #network = 0; // on which they were, by reach
  #notBefore = 0; // clock.now: when it may be tried again by itself

  constructor(options: LadderOptions) {
    this.#o = options;
    this.#camera = options.camera;
  }

  start(): void {
    const { reach, admit, clock, warm } = this.#o;
    const why = reach.why(this.#camera);
    if (why) return this.#byHLS(why, admit);
    this.#cancelWarm = clock.after(warmAfter, warm);
    const player = this.#o.webrtc(admit, this.#camera);
    this.#run(player, (state) => this.#webrtcState(player, state));
  }

  show(video: HTMLVideoElement | undefined): void {
    this.#video = video;
    this.#current?.show(video);
  }

  close(place: "gone" | "kept"): void {
    this.#cancelWarm();
    this.#cancelReturn();
    const trial = this.#trial;
    const current = this.#current;
    this.#trial = undefined;
    this.#current = undefined;
    // Of the two only one has the view, but which one may be in the air: both give it back.
    trial?.close(place);
    current?.close(place);
  }

  framesDecoded(): Promise<number | undefined> {
    return this.#current?.framesDecoded() ?? Promise.resolve(undefined);
  }

  behind(): number | undefined {
    return this.#current?.behind();
  }

  switchTo(camera: string, admit: Admit, refused: () => void): boolean {
    const former = this.#camera;
    if (this.#trial || this.#state?.transport !== "webrtc" || this.#o.reach.why(camera)) return false;
    this.#camera = camera;
    if (this.#current?.switchTo?.(camera, admit, refused)) return true;
    this.#camera = former;
    return false;
  }

  tryWebRTC(): void {
    if (this.#trial || this.#state?.transport !== "hls" || this.#state.phase !== "open") return;
    const trial = this.#o.webrtc("if_free", this.#camera);
    this.#trial = trial;
    this.#taken = false;
    trial.onState = (state) => {
      if (this.#trial === trial) this.#trialState(trial, state);
    };
    trial.start();
    if (this.#trial === trial) this.#tell();
  }

  #run(player: Player, onState: (state: PlayerState) => void): void {
    this.#current = player;
    this.#state = undefined;
    player.onState = (state) => {
      if (this.#current === player) onState(state);
    };
    player.onBreak = () => this.onBreak();
    player.show(this.#video);
    player.start();
  }

  // WebRTC

  #webrtcState(player: Player, state: PlayerState): void {
    if (state.path === "connected") this.#connected();
    const before = this.#state;
    const reason = reasonToLeave(state);
    if (!reason) {
      this.#state = state;
      return this.#tell();
    }
    // Who was admitted keeps the place; who was not brings along the right that it came with.
    const admitted = before?.phase === "open" || state.phase === "open" || reason.code === "signaling.codecs";
    this.#failed(reason);
    this.onBreak();
    player.close("kept");
    this.#byHLS(reason, admitted ? "if_free" : this.#o.admit);
  }

  #failed(reason: Reason): void {
    const { reach, clock } = this.#o;
    const now = clock.now();
    const lasted = this.#connectedAt !== undefined && now - this.#connectedAt >= lasting;
    this.#connectedAt = undefined;
    if (lasted || this.#network !== reach.network) this.#failures = 0;
    this.#network = reach.network;
    const pause = this.#failures === 0 ? 0 : Math.min(firstPause * 2 ** (this.#failures - 1), longestPause);
    this.#notBefore = now + pause;
    this.#failures++;
    reach.failed(this.#camera, reason);
  }

  #connected(): void {
    this.#connectedAt ??= this.#o.clock.now();
    this.#cancelWarm();
    this.#o.reach.worked();
  }

  // HLS

  #byHLS(why: Reason, admit: Admit): void {
    this.#cancelWarm();
    this.#fallback = why;
    const player = this.#o.hls(admit, this.#camera);
    this.#run(player, (state) => this.#hlsState(state));
    this.#returnLater();
  }

  #returnLater(): void {
    const { clock, reach } = this.#o;
    this.#cancelReturn();
    this.#cancelReturn = clock.after(returnEvery * (1 + clock.random() / 5), () => {
      this.#returnLater();
      const plays = this.#state?.transport === "hls" && this.#state.path === "connected" && !this.#trial;
      const passes = passing.indexOf(this.#fallback?.code ?? "") >= 0;
      const rested = clock.now() >= this.#notBefore || reach.network !== this.#network;
      if (plays && passes && rested && reach.mayReturn(this.#camera)) this.tryWebRTC();
    });
  }

  #hlsState(state: PlayerState): void {
    if (state.phase === "over" && this.#trial) {
      this.#taken = true; // replaced by the trial; its buffered picture plays on
      return;
    }
    // A gateway without FFmpeg has no second way: back to the first one, as often as it takes.
    if (state.end?.code === "hls.no_ffmpeg") this.#o.reach.forget();
    this.#state = state;
    this.#tell();
  }

  // Trying WebRTC while HLS is shown

  #trialState(trial: Player, state: PlayerState): void {
    if (state.phase === "open") this.#taken = true;
    if (state.path === "connected") {
      this.#trial = undefined;
      this.#cancelReturn();
      this.#connected();
      this.#fallback = undefined;
      this.onBreak();
      this.#current?.close("kept");
      this.#current = trial;
      trial.onState = (next) => {
        if (this.#current === trial) this.#webrtcState(trial, next);
      };
      trial.onBreak = () => this.onBreak();
      trial.show(this.#video);
      this.#state = state;
      return this.#tell();
    }
    const reason = reasonToLeave(state);
    if (reason) this.#trialFailed(trial, reason);
    else if (state.phase === "over" && state.end) this.#trialOver(state.end);
  }

  #trialFailed(trial: Player, reason: Reason): void {
    this.#trial = undefined;
    const replaced = this.#taken || reason.code === "signaling.codecs";
    this.#failed(reason);
    trial.close("kept");
    this.#fallback = reason;
    if (!replaced) return this.#tell();
    this.onBreak();
    this.#current?.close("kept");
    this.#byHLS(reason, "if_free");
  }

  /** The trial was refused or its view ended. HLS goes on where the view was not touched. */
  #trialOver(end: PlayerEnd): void {
    this.#trial = undefined;
    if (!this.#taken) return this.#tell();
    const current = this.#current;
    this.#current = undefined;
    this.onState({ phase: "over", transport: "webrtc", path: "lost", end });
    current?.close("kept");
  }

  #tell(): void {
    if (!this.#state) return;
    const { fallback: _, trying: __, ...state } = this.#state;
    const hls = state.transport === "hls";
    this.onState({
      ...state,
      ...(hls && this.#fallback ? { fallback: this.#fallback } : {}),
      ...(hls && this.#trial ? { trying: true } : {}),
    });
  }
}

/** Why a WebRTC view should go on by HLS; nothing: it should not. */
function reasonToLeave(state: PlayerState): Reason | undefined {
  const { end, stream, phase } = state;
  if (phase === "over" && end && mended.indexOf(end.code) >= 0) return { code: end.code, params: end.params };
  if (stream?.status === "unsupported" && stream.code === "media.bframes") {
    return { code: stream.code, params: stream.params ?? {} };
  }
  return undefined;
}

import type { Clock } from "../base/clock";
import type { Admit, CandidateMessage, EndMessage, StateMessage, ViewState } from "../signal/messages";
import { Refusal, type SignalSocket, type ViewListener } from "../signal/socket";
import { type Player, type PlayerEnd, type PlayerState, play } from "./player";
import { Way } from "./way";

export interface WebRTCOptions {
  view: string;
  camera: string;
  admit: Admit;
  label: string; // what to call this screen, to whoever it evicts
  socket: SignalSocket;
  clock: Clock;
  /** How long ICE and DTLS may take from the answer on, in ms. */
  patience?: number;
  connect?: (config: RTCConfiguration) => RTCPeerConnection;
}

export const connectWithin = 4_000; // ms from the answer to ICE and DTLS; after that the view goes on by HLS
const healWithin = 3_000; // ms that ICE may mend itself before it is restarted
const endFollows = 500; // ms
const restartWithin = 8_000; // ms from the restart's answer to a connection

/**
 * WebRTCPlayer is one view over one peer connection of its own, so that calling or losing one camera touches no other. ICE failure and a
 * changed network are met by one ICE restart; if that does not help, the player is over, and whoever owns it makes another.
 */
export class WebRTCPlayer implements Player, ViewListener {
  onState: (state: PlayerState) => void = () => {};
  onBreak: () => void = () => {};

  readonly #o: WebRTCOptions;
  #pc: RTCPeerConnection | undefined;
  readonly #media = typeof MediaStream === "undefined" ? undefined : new MediaStream();
  readonly #way = new Way();
  #state: PlayerState = { phase: "asking", transport: "webrtc", path: "connecting" };
  #generation: number | undefined;
  #outgoing: (RTCIceCandidateInit | null)[] | undefined = []; // kept until the offer they belong to was sent
  #video: HTMLVideoElement | undefined;
  #switches = 0; // asked for so far; the last one counts
  /** The former camera's pictures may still be coming: none are shown until the gateway says that it sends the new one's. */
  #hidden = false;
  #restart: "none" | "asked" | "owed" = "none"; // owed: to be asked when the socket is back
  #unlisten: () => void = () => {};
  #cancelTimer: () => void = () => {};

  constructor(options: WebRTCOptions) {
    this.#o = options;
  }

  start(): void {
    if (typeof RTCPeerConnection === "undefined" && !this.#o.connect) {
      this.#over({ code: "webrtc.missing", params: {}, retry: false, retryAfter: 0 });
      return;
    }
    this.#unlisten = this.#o.socket.listen(this.#o.view, this);
    addEventListener("online", this.#networkChanged);
    void this.#open();
  }

  show(video: HTMLVideoElement | undefined): void {
    this.#video = video;
    if (!video || !this.#media || this.#hidden || video.srcObject === this.#media) return;
    video.srcObject = this.#media;
    void play(video);
  }

  switchTo(camera: string, admit: Admit, refused: () => void): boolean {
    const { socket } = this.#o;
    const { phase, path } = this.#state;
    if (phase !== "open" && !this.#hidden) return false;
    if (phase === "over" || path !== "connected" || this.#restart !== "none" || !socket.online) return false;
    this.#generation = undefined;
    this.#hidden = true;
    if (this.#video?.srcObject) this.#video.srcObject = null;
    const { stream: _, ...state } = this.#state;
    this.#state = { ...state, phase: "asking" };
    this.onState(this.#state);
    void this.#switch(camera, admit, refused, ++this.#switches);
    return true;
  }

  async #switch(camera: string, admit: Admit, refused: () => void, nth: number): Promise<void> {
    const { socket, view, label } = this.#o;
    const last = () => nth === this.#switches && !this.#isOver();
    try {
      const answer = await socket.ask({ type: "switch", view, camera, admit, label });
      if (!last()) return;
      this.#generation = answer.generation;
      this.#set({ phase: "open" });
      // What happened to the connection meanwhile had to wait.
      const connection = this.#pc?.connectionState;
      if (connection && connection !== "connected") this.#pathChanged(connection);
    } catch {
      if (last()) refused();
    }
  }

  #reveal(): void {
    this.#hidden = false;
    this.show(this.#video);
  }

  behind(): undefined {}

  tryWebRTC(): void {}

  close(place: "gone" | "kept"): void {
    if (place === "gone") this.#o.socket.send({ type: "close", view: this.#o.view });
    this.#state = { ...this.#state, phase: "over" };
    this.#release();
  }

  async framesDecoded(): Promise<number | undefined> {
    const receiver = this.#pc?.getReceivers().find((r) => r.track.kind === "video");
    if (!receiver) return undefined;
    try {
      const report = await receiver.getStats();
      for (const entry of report.values()) {
        if (entry.type === "inbound-rtp") return entry.framesDecoded as number | undefined;
      }
    } catch {
      // the connection was closed meanwhile
    }
    return undefined;
  }

  async #open(): Promise<void> {
    const { socket, view, camera, admit, label } = this.#o;
    const config: RTCConfiguration = { iceServers: socket.iceServers, bundlePolicy: "max-bundle" };
    const pc = this.#o.connect ? this.#o.connect(config) : new RTCPeerConnection(config);
    this.#pc = pc;
    const video = pc.addTransceiver("video", { direction: "recvonly" }).receiver;
    pc.addTransceiver("audio", { direction: "recvonly" });
    // Live means now: no buffer beyond what jitter makes necessary.
    if ("jitterBufferTarget" in video) video.jitterBufferTarget = 0;
    pc.ontrack = ({ track }) => this.#media?.addTrack(track);
    pc.onicecandidate = ({ candidate }) => this.#candidate(candidate ? candidate.toJSON() : null);
    pc.onconnectionstatechange = () => this.#pathChanged(pc.connectionState);
    try {
      await pc.setLocalDescription();
      if (this.#state.phase === "over") return;
      const asked = socket.ask({ type: "watch", view, camera, admit, label, offer: sdpOf(pc) });
      this.#flush();
      const answer = await asked;
      if (this.#isOver()) return;
      this.#generation = answer.generation;
      this.#way.read(answer.sdp);
      this.#set({ phase: "open" });
      await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
      if (pc.connectionState !== "connected") this.#deadline(this.#o.patience ?? connectWithin);
    } catch (err) {
      this.#fail(err);
    }
  }

  // ViewListener

  message(message: StateMessage | CandidateMessage | EndMessage): void {
    // Before the answer and after a replacement, messages speak of another generation of the same view.
    if (this.#generation === undefined || message.generation !== this.#generation) return;
    switch (message.type) {
      case "state":
        if (this.#hidden && message.status === "live") this.#reveal();
        return this.#set({ stream: message });
      case "candidate":
        if (message.candidate?.candidate) this.#way.add(message.candidate.candidate);
        // Added in order by the browser's own queue; a candidate that it can't use is no reason to stop.
        void this.#pc?.addIceCandidate(message.candidate ?? undefined).catch(() => {});
        return;
      case "end":
        return this.#over({
          code: message.code,
          params: message.params ?? {},
          at: Date.parse(message.at),
          retry: message.retry,
          retryAfter: 0,
        });
    }
  }

  online(session: "resumed" | "new", surviving: ViewState | undefined): void {
    if (this.#state.phase !== "open") return; // its question was refused with the socket
    if (surviving?.generation !== this.#generation) {
      const lost = () => this.#over({ code: "signaling.lost", params: {}, retry: true, retryAfter: 0 });
      // It ended meanwhile: in a resumed session the gateway now tells how.
      return session === "resumed" && !surviving ? this.#after(endFollows, lost) : lost();
    }
    if (this.#restart === "owed" || this.#pc?.connectionState === "failed") void this.#restartICE();
  }

  offline(): void {
    // The media go on by themselves; what can't be asked now is asked later.
  }

  // The path

  #pathChanged(connection: RTCPeerConnectionState): void {
    if (this.#state.phase === "over") return;
    switch (connection) {
      case "connected":
        this.#cancelTimer();
        this.#restart = "none";
        return this.#set({ path: "connected" });
      case "disconnected":
        this.#set({ path: "lost" });
        return this.#after(healWithin, () => void this.#restartICE());
      case "failed":
        if (this.#state.path === "connecting") return this.#noPath();
        this.#set({ path: "lost" });
        void this.#restartICE();
    }
  }

  readonly #networkChanged = (): void => {
    const pc = this.#pc;
    if (pc && this.#state.phase === "open" && pc.connectionState !== "connected") void this.#restartICE();
  };

  async #restartICE(): Promise<void> {
    const pc = this.#pc;
    if (!pc || this.#state.phase !== "open" || this.#restart === "asked") return;
    if (this.#state.path === "connecting") return; // the first connection has its own deadline
    if (!this.#o.socket.online) {
      this.#restart = "owed";
      return;
    }
    this.#restart = "asked";
    this.#outgoing = [];
    this.#deadline(restartWithin);
    try {
      pc.restartIce();
      await pc.setLocalDescription();
      const asked = this.#o.socket.ask({ type: "restart", view: this.#o.view, offer: sdpOf(pc) });
      this.#flush();
      const answer = await asked;
      if (this.#isOver()) return;
      await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (err) {
      if (err instanceof Refusal && err.code === "signaling.lost") this.#restart = "owed";
      // Whatever was wrong with mending this connection, a new one may work.
      else this.#over({ code: "webrtc.lost", params: {}, retry: true, retryAfter: 0 });
    }
  }

  #deadline(ms: number): void {
    this.#after(ms, () => this.#noPath());
  }

  #noPath(): void {
    this.#over({ code: "webrtc.no_path", params: this.#way.params(), retry: true, retryAfter: 0 });
  }

  #after(ms: number, fn: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#o.clock.after(ms, fn);
  }

  // Candidates

  #candidate(candidate: RTCIceCandidateInit | null): void {
    if (this.#outgoing) this.#outgoing.push(candidate);
    else this.#o.socket.send({ type: "candidate", view: this.#o.view, candidate });
  }

  #flush(): void {
    const kept = this.#outgoing ?? [];
    this.#outgoing = undefined;
    for (const candidate of kept) this.#candidate(candidate);
  }

  // The end

  #fail(err: unknown): void {
    if (this.#state.phase === "over") return;
    if (err instanceof Refusal) {
      this.#over({ code: err.code, params: err.params, retry: err.retry, retryAfter: err.retryAfter });
    } else {
      this.#over({ code: "webrtc.failed", params: {}, retry: true, retryAfter: 0 });
    }
  }

  #over(end: PlayerEnd): void {
    if (this.#state.phase === "over") return;
    this.#release();
    this.#set({ phase: "over", end });
  }

  #release(): void {
    this.#cancelTimer();
    this.#unlisten();
    removeEventListener("online", this.#networkChanged);
    const pc = this.#pc;
    this.#pc = undefined;
    if (!pc) return;
    pc.onconnectionstatechange = null;
    pc.onicecandidate = null;
    pc.ontrack = null;
    pc.close();
  }

  #isOver(): boolean {
    return this.#state.phase === "over";
  }

  #set(change: Partial<PlayerState>): void {
    this.#state = { ...this.#state, ...change };
    this.onState(this.#state);
  }
}

function sdpOf(pc: RTCPeerConnection): string {
  return pc.localDescription?.sdp ?? "";
}

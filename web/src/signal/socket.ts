import { backoff, type Clock, type Ladder } from "../base/clock";
import { Store } from "../base/store";
import {
  type AnswerMessage,
  type CandidateMessage,
  type ClientMessage,
  type EndMessage,
  type ErrorMessage,
  type HelloMessage,
  parse,
  type RestartMessage,
  type ServerMessage,
  type StateMessage,
  type SwitchedMessage,
  type SwitchMessage,
  type ViewState,
  type WatchMessage,
} from "./messages";

/** The part of a WebSocket that is used. */
export interface Wire {
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

/** What became of making sure that a sign-in stands before a socket is opened. */
export type Standing = "good" | "over" | "unreachable";

export interface SocketOptions {
  open: () => Wire;
  /** Refreshes the sign-in where needed. doubt: the last socket was refused, so ask the gateway rather than the clock. */
  authorize: (doubt: "trust" | "doubt") => Promise<Standing>;
  clock: Clock;
  /** What to add to this computer's time of day before the gateway has told its own, in ms. */
  drift?: () => number;
}

/** How the socket is doing, for people. */
export interface SocketState {
  phase: "off" | "connecting" | "online" | "waiting" | "over";
  since: number; // clock.now
  retryAt?: number; // clock.now; waiting only
  code?: string; // why it is not online
  /** The gateway answers requests, but no socket comes up: something on the way lets no WebSocket through. */
  blocked?: boolean;
}

/** What a tile hears about its view. */
export interface ViewListener {
  message(message: StateMessage | CandidateMessage | EndMessage): void;
  /** A socket is there again, with the lost one's session or a new one. surviving: the gateway still has the view, as told. */
  online(session: "resumed" | "new", surviving: ViewState | undefined): void;
  offline(): void;
}

/** A watch, switch or restart that did not happen. "signaling.lost": the socket went before the answer came. */
export class Refusal extends Error {
  readonly code: string;
  readonly retry: boolean;
  readonly retryAfter: number; // ms
  readonly params: Record<string, string>;

  constructor(m: Pick<ErrorMessage, "code" | "retry"> & Partial<ErrorMessage>) {
    super(m.detail ?? m.code);
    this.code = m.code;
    this.retry = m.retry;
    this.retryAfter = m.retry_after_ms ?? 0;
    this.params = m.params ?? {};
  }
}

const reconnect: Ladder = { first: 500, most: 15_000 };
const answerWithin = 10_000; // ms; the gateway answers at once, so silence means a dead connection
const helloWithin = 10_000; // ms
const blockedAfter = 4_000; // ms without hello while requests are answered; then pictures go another way

type Asking = WatchMessage | RestartMessage | SwitchMessage;
type Answering = AnswerMessage | SwitchedMessage;

interface Question {
  message: Asking;
  resolve: (answer: Answering) => void;
  reject: (refusal: Refusal) => void;
}

interface Line {
  asked: Question;
  late: () => void; // cancels the wait for its answer
  waiting: (Question | ClientMessage)[]; // begins with a question
}

/**
 * SignalSocket is the one WebSocket of all tiles. It connects again for ever, with growing and jittered waits, resumes the session of
 * the lost socket so that playing tiles go on, and says how it is doing. It never opens a view by itself: it tells the tiles, and they do.
 */
export class SignalSocket {
  readonly state: Store<SocketState>;
  /** Views that the user may have at once; nothing before the first hello. */
  readonly limit = new Store<number | undefined>(undefined);
  iceServers: RTCIceServer[] = [];

  readonly #o: SocketOptions;
  readonly #listeners = new Map<string, ViewListener>();
  /** Of each view: the question in the air first, then all that must wait for its answer. */
  readonly #lines = new Map<string, Line>();
  /** Views that this page plays by HLS: the socket's signs of life keep them. */
  readonly #playing: string[] = [];
  #wire: Wire | undefined;
  #session = ""; // of the last socket that was online
  #greeted: "no" | "resuming" | "yes" = "no";
  #attempt = 0;
  #refusals = 0; // sockets in a row that closed before hello
  #notBefore = 0; // clock.now; the gateway asked for it
  #cancelWait: (() => void) | undefined;
  #blocked = false;
  #offset: number | undefined; // ms to add to this computer's time of day

  constructor(options: SocketOptions) {
    this.#o = options;
    this.state = new Store<SocketState>({ phase: "off", since: options.clock.now() });
  }

  /** The gateway's time of day, ms since 1970. */
  time(): number {
    return this.#o.clock.wall() + (this.#offset ?? this.#o.drift?.() ?? 0);
  }

  /** Whether views can be opened: by the socket, or without it where it is blocked. */
  get reachable(): boolean {
    return this.online || this.#blocked;
  }

  get online(): boolean {
    return this.#greeted === "yes";
  }

  start(): void {
    if (this.state.value.phase === "off") void this.#connect();
  }

  /** Ends the socket for good; the views that it opened end by their leases. */
  stop(): void {
    this.#cancelWait?.();
    this.#drop("off");
  }

  /** Stops waiting: the network is back, or somebody asked. */
  hurry(): void {
    if (this.state.value.phase !== "waiting") return;
    this.#attempt = 0;
    this.#notBefore = 0;
    this.#cancelWait?.();
    void this.#connect();
  }

  listen(view: string, listener: ViewListener): () => void {
    this.#listeners.set(view, listener);
    return () => {
      if (this.#listeners.get(view) === listener) this.#listeners.delete(view);
    };
  }

  /**
   * Says that the page plays a view by HLS, until the given function is called. A paused player and a tab in the background load nothing
   * for a while; the gateway keeps their views as long as this socket answers.
   */
  plays(view: string): () => void {
    this.#playing.push(view);
    this.#tellPlaying();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#playing.splice(this.#playing.indexOf(view), 1);
      this.#tellPlaying();
    };
  }

  #tellPlaying(): void {
    if (this.#greeted === "yes") this.#write({ type: "playing", views: this.#playing });
  }

  /** Sends a message that has no answer. False: there is no socket, and it is gone. */
  send(message: ClientMessage): boolean {
    if (this.#greeted !== "yes") return false;
    const line = "view" in message ? this.#lines.get(message.view) : undefined;
    // What follows a waiting question belongs to it.
    if (line && line.waiting.length > 0) line.waiting.push(message);
    else this.#write(message);
    return true;
  }

  /** Sends a watch, switch or restart and gives its answer, or rejects with a Refusal. Each view has one question in the air at a time. */
  ask(message: SwitchMessage): Promise<SwitchedMessage>;
  ask(message: WatchMessage | RestartMessage): Promise<AnswerMessage>;
  ask(message: Asking): Promise<Answering> {
    if (this.#greeted !== "yes") return Promise.reject(new Refusal({ code: "signaling.lost", retry: true }));
    return new Promise((resolve, reject) => {
      const question: Question = { message, resolve, reject };
      const line = this.#lines.get(message.view);
      if (line) line.waiting.push(question);
      else this.#put(question);
    });
  }

  #put(question: Question): void {
    const late = this.#o.clock.after(answerWithin, () => this.#lose("signaling.lost"));
    this.#lines.set(question.message.view, { asked: question, late, waiting: [] });
    this.#write(question.message);
  }

  /** Takes the question that an answer or error belongs to, and sends what waited for that. */
  #answered(view: string): Question | undefined {
    const line = this.#lines.get(view);
    if (!line) return undefined;
    line.late();
    this.#lines.delete(view);
    const { waiting } = line;
    while (waiting.length > 0) {
      const next = waiting.shift() as Question | ClientMessage;
      if ("message" in next) {
        this.#put(next);
        const after = this.#lines.get(view);
        after?.waiting.push(...waiting);
        break;
      }
      this.#write(next);
    }
    return line.asked;
  }

  #write(message: ClientMessage): void {
    this.#wire?.send(JSON.stringify(message));
  }

  #say(state: Omit<SocketState, "since" | "blocked">): void {
    const before = this.state.value;
    // "since" is when it stopped or began to work, not when the last attempt did.
    const same = (before.phase === "online") === (state.phase === "online") && before.phase !== "off";
    this.state.set({ ...state, since: same ? before.since : this.#o.clock.now(), blocked: this.#blocked });
  }

  #block(): void {
    if (this.#blocked) return;
    this.#blocked = true;
    this.state.set({ ...this.state.value, blocked: true });
  }

  async #connect(): Promise<void> {
    const code = this.state.value.code;
    this.#say({ phase: "connecting", ...(code === undefined ? {} : { code }) });
    const standing = await this.#o.authorize(this.#refusals > 0 ? "doubt" : "trust");
    if (this.state.value.phase !== "connecting") return; // stopped meanwhile
    if (standing === "over") return this.#drop("over");
    if (standing === "unreachable") {
      this.#blocked = false;
      return this.#wait("gateway.unreachable");
    }
    const wire = this.#o.open();
    this.#wire = wire;
    this.#greeted = "no";
    const late = this.#o.clock.after(helloWithin, () => {
      if (this.#wire === wire) this.#lose("gateway.unreachable");
    });
    const slow = this.#o.clock.after(blockedAfter, () => {
      if (this.#wire === wire) this.#block();
    });
    const refused = this.#refusals > 0; // and the gateway answered a request since
    wire.onmessage = (event) => {
      const message = parse(event.data);
      if (!message || this.#wire !== wire) return;
      slow(); // whatever it says, it speaks
      if (message.type === "hello") late();
      this.#receive(message);
    };
    wire.onclose = () => {
      late();
      slow();
      if (this.#wire !== wire) return;
      if (refused && this.#greeted === "no") this.#blocked = true;
      this.#lose("gateway.unreachable");
    };
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        return this.#hello(message);
      case "bye":
        return this.#bye(message.code, message.retry_after_ms);
      case "answer":
      case "switched":
        return this.#answered(message.view)?.resolve(message);
      case "error":
        return this.#error(message);
      default:
        this.#listeners.get(message.view)?.message(message);
    }
  }

  #hello(hello: HelloMessage): void {
    this.#offset = Date.parse(hello.server_time) - this.#o.clock.wall();
    this.#refusals = 0;
    this.#blocked = false;
    if (this.#greeted === "no" && this.#session !== "") {
      const lost = this.#session;
      this.#session = hello.session;
      this.#greeted = "resuming";
      this.#begin(hello);
      this.#write({ type: "resume", session: lost });
      return;
    }
    this.#session = hello.session;
    this.#begin(hello);
    this.#ready(hello.resumed ? "resumed" : "new", hello.views ?? []);
  }

  #begin(hello: HelloMessage): void {
    this.iceServers = (hello.ice_servers ?? []).map((s) => ({ ...s }));
    this.limit.set(hello.limit);
  }

  #ready(session: "resumed" | "new", views: ViewState[]): void {
    this.#greeted = "yes";
    this.#attempt = 0;
    this.#say({ phase: "online" });
    if (this.#playing.length > 0) this.#tellPlaying();
    for (const { view } of views) {
      if (!this.#listeners.has(view)) this.#write({ type: "close", view }); // its tile was closed meanwhile
    }
    for (const [view, listener] of [...this.#listeners])
      listener.online(
        session,
        views.find((v) => v.view === view),
      );
  }

  #error(error: ErrorMessage): void {
    if (error.view) return this.#answered(error.view)?.reject(new Refusal(error));
    if (this.#greeted === "resuming") this.#ready("new", []); // nothing to resume: the tiles open anew
  }

  #bye(code: string, retryAfter: number): void {
    this.#notBefore = this.#o.clock.now() + retryAfter;
    if (code === "auth.token") this.#refusals++; // ask the gateway whether the sign-in stands
    this.#lose(code);
  }

  #lose(code: string): void {
    if (this.#greeted === "no") this.#refusals++;
    this.#hangUp();
    this.#wait(code);
  }

  #wait(code: string): void {
    const { clock } = this.#o;
    let ms = backoff(reconnect, this.#attempt++, clock.random());
    // All viewers were told the same moment: spread them over half as long again.
    const asked = this.#notBefore - clock.now();
    if (asked > 0) ms = Math.max(ms, Math.round(asked * (1 + clock.random() / 2)));
    this.#say({ phase: "waiting", code, retryAt: clock.now() + ms });
    this.#cancelWait = clock.after(ms, () => void this.#connect());
  }

  #drop(phase: "off" | "over"): void {
    this.#session = "";
    this.#hangUp();
    this.#say({ phase });
  }

  #hangUp(): void {
    const wire = this.#wire;
    const wasOnline = this.#greeted === "yes";
    this.#wire = undefined;
    this.#greeted = "no";
    if (wire) {
      wire.onmessage = null;
      wire.onclose = null;
      wire.close();
    }
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    for (const { asked, late, waiting } of lines) {
      late();
      for (const q of [asked, ...waiting]) {
        if ("message" in q) q.reject(new Refusal({ code: "signaling.lost", retry: true }));
      }
    }
    if (wasOnline) for (const listener of [...this.#listeners.values()]) listener.offline();
  }
}

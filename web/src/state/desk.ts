import { Client, type Locks } from "../api/client";
import { browserClock } from "../base/clock";
import { Store } from "../base/store";
import { type Language, Text } from "../i18n";
import { Router } from "../route/router";
import { Drafts } from "./drafts";
import { type Channel, leave, Roll } from "./place";
import { Post } from "./post";
import { enter, type Room } from "./room";
import { Session } from "./session";

/** Desk is the whole app apart from its looks: who sits here, in which language, and the room they work in while signed in. */
export class Desk {
  readonly text: Text;
  readonly client: Client;
  readonly session: Session;
  readonly router = new Router(window);
  readonly post = new Post(storage());
  readonly drafts = new Drafts();
  readonly room = new Store<Room | undefined>(undefined);
  readonly #roll: Roll;
  #entering = 0;

  constructor() {
    this.text = new Text(navigator.languages ?? [navigator.language], storage());
    this.client = new Client({
      fetch: (input, init) => fetch(input, init),
      clock: browserClock,
      locks: (navigator as { locks?: Locks }).locks,
      signedIn: (s) => this.session.signedIn(s),
      signedOut: () => this.session.signedOut(),
    });
    this.session = new Session(this.client, browserClock, channel("rtsp-viewer.session"));
    this.#roll = new Roll(channel("rtsp-viewer.tabs"));
  }

  start(): void {
    this.session.state.subscribe((state) => {
      this.#leaveRoom();
      if (state.phase === "in") {
        void this.#enterRoom(state.user);
      } else if (state.phase === "out" && state.why === "left") {
        leave(sessionStorage);
        this.drafts.clear();
      }
    });
    this.session.user.subscribe((user) => {
      this.text.adopt(user?.language);
      if (user) this.post.serve(user);
    });
    // A page brought back from the browser's cache has dead connections: begin again.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
    void this.session.start();
  }

  /** Changes the language of the screen, and of the account of whoever sits here. */
  async speak(language: Language): Promise<void> {
    this.text.choose(language);
    const user = this.session.user.value;
    if (!user || user.kind === "device") return;
    const kept = await this.client.setLanguage(language);
    if (kept.ok) this.session.know(kept.value);
  }

  async #enterRoom(user: Room["user"]): Promise<void> {
    const turn = ++this.#entering;
    const room = await enter({ user, client: this.client, session: this.session, roll: this.#roll });
    if (turn === this.#entering) this.room.set(room);
    else room.leave(); // signed out meanwhile
  }

  #leaveRoom(): void {
    this.#entering++;
    this.room.value?.leave();
    this.room.set(undefined);
  }
}

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** A channel between this site's tabs; a deaf one where the browser has none. */
function channel(name: string): Channel {
  if (typeof BroadcastChannel === "undefined") return { postMessage() {}, onmessage: null };
  return new BroadcastChannel(name);
}

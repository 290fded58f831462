import { Client } from "../api/client";
import type { Camera } from "../api/types";
import { HLSDoor } from "../api/views";
import { browserClock } from "../base/clock";
import { deviceLabel } from "../base/device";
import { Store } from "../base/store";
import { uuid } from "../base/uuid";
import { Text } from "../i18n";
import { chooseEngine } from "../player/engine";
import { HLSPlayer } from "../player/hls";
import { HlsjsEngine } from "../player/hlsjs";
import { NativeEngine } from "../player/native";
import type { SocketState } from "../signal/socket";
import { Catalogue } from "../state/catalogue";
import { Session } from "../state/session";
import { type Act, Tile } from "../state/tile";
import { el, empty } from "./dom";
import { keyOf } from "./keys";
import { List } from "./list";
import { request } from "./request";
import type { Screen } from "./screen";
import { hlsjs } from "./script";
import { SignIn } from "./signin";
import { Watch } from "./watch";

const viewKey = "rtsp-viewer.view";

/**
 * App is the page for browsers that can't run the wall: sign-in, a list, one picture at a time. What it knows of sessions, views, players and
 * states is the wall's own code. It has no socket: it asks, and its view lives by what it loads. The address names the camera, so that
 * a reload and the browser's own Back do what people expect.
 */
export class App {
  readonly #root: HTMLElement;
  readonly #clock = browserClock;
  readonly #text = new Text(
    languagesOf(navigator),
    kept(() => localStorage),
  );
  readonly #client: Client;
  readonly #session: Session;
  readonly #catalogue: Catalogue;
  readonly #tile: Tile;
  #screen: Screen | undefined;
  #watch: Watch | undefined;
  #by: Act = "machine"; // who asked for what the address says next
  #last = ""; // the camera watched last
  #deep = 0; // steps into the browser's history

  constructor(root: HTMLElement) {
    this.#root = root;
    const clock = this.#clock;
    this.#client = new Client({
      fetch: request,
      clock,
      signedIn: (s) => this.#session.signedIn(s),
      signedOut: () => this.#session.signedOut(),
    });
    this.#session = new Session(this.#client, clock, { postMessage() {}, onmessage: null });
    this.#catalogue = new Catalogue(this.#client);
    const door = new HLSDoor(this.#client, request);
    const label = deviceLabel(navigator.userAgent);
    const time = () => this.#time();
    const makeEngine = (lists: Parameters<typeof chooseEngine>[0]) =>
      chooseEngine(
        lists,
        async (url) => new HlsjsEngine(await hlsjs(), url),
        (url) => new NativeEngine(url),
      );
    this.#tile = new Tile({
      index: 0,
      view: viewOf(kept(() => sessionStorage)),
      clock,
      // There is no socket to wait for.
      socket: { state: new Store<SocketState>({ phase: "off", since: 0 }), reachable: true, online: false, time },
      makePlayer: (attempt) => new HLSPlayer({ ...attempt, label, door, makeEngine, clock, time }),
    });
  }

  start(): void {
    this.#text.language.subscribe(() => this.#speak());
    this.#speak();
    this.#session.state.subscribe(() => this.#judge());
    window.onhashchange = () => this.#follow();
    document.onkeydown = (event) => {
      const key = keyOf(event);
      const writes = event.target instanceof HTMLInputElement;
      if (!key || (writes && key !== "up" && key !== "down")) return;
      if (this.#screen?.key(key, event)) event.preventDefault();
    };
    this.#judge();
    void this.#session.start();
  }

  #time(): number {
    return this.#clock.wall() + this.#client.drift;
  }

  #speak(): void {
    const t = this.#text.dict;
    document.documentElement.lang = this.#text.language.value;
    document.title = t.title;
    this.#screen?.speak(t);
  }

  /** Who sits here decides what is shown. */
  #judge(): void {
    const state = this.#session.state.value;
    const t = this.#text.dict;
    switch (state.phase) {
      case "starting":
        return this.#note(t.start.starting);
      case "unreachable":
        return this.#note(t.start.unreachable);
      case "out":
        return this.#show(new SignIn({ session: this.#session, text: this.#text, clock: this.#clock, why: state.why }));
      case "in":
        this.#text.suggest(state.user.language);
        this.#note(t.picker.loading);
        void this.#catalogue.load().then(() => this.#follow());
    }
  }

  /** Shows what the address says. */
  #follow(): void {
    if (this.#session.state.value.phase !== "in") return;
    const id = cameraIn(location.hash);
    const by = this.#by;
    this.#by = "machine";
    if (id === "") return this.#list();
    const camera = this.#catalogue.byID(id) ?? { id, number: 0, name: id };
    this.#last = id;
    if (!this.#watch || this.#screen !== this.#watch) {
      const watch = new Watch({
        tile: this.#tile,
        catalogue: this.#catalogue,
        text: this.#text,
        clock: this.#clock,
        time: () => this.#time(),
        go: (next) => this.#go(next, "replace"),
        back: () => this.#back(),
      });
      this.#show(watch);
      this.#watch = watch;
    }
    this.#watch?.call(camera, by);
  }

  #list(): void {
    this.#show(
      new List({
        catalogue: this.#catalogue,
        text: this.#text,
        clock: this.#clock,
        at: this.#last,
        open: (camera) => this.#go(camera, "push"),
        signOut: () => void this.#session.signOut(),
      }),
    );
  }

  #go(camera: Camera, how: "push" | "replace"): void {
    this.#by = "person";
    const address = `#camera=${encodeURIComponent(camera.id)}`;
    if (how === "replace") location.replace(address);
    else {
      this.#deep++;
      location.hash = address;
    }
  }

  #back(): void {
    if (this.#deep === 0) return location.replace("#");
    this.#deep--;
    history.back();
  }

  #note(text: string): void {
    this.#drop();
    empty(this.#root);
    this.#root.appendChild(el("p", { class: "note", text }));
  }

  #show(screen: Screen): void {
    this.#drop();
    empty(this.#root);
    this.#root.appendChild(screen.root);
    this.#screen = screen;
    screen.shown();
  }

  #drop(): void {
    const screen = this.#screen;
    this.#screen = undefined;
    this.#watch = undefined;
    screen?.gone();
  }
}

function cameraIn(hash: string): string {
  const found = /^#camera=(.+)$/.exec(hash);
  return found ? decodeURIComponent(found[1] as string) : "";
}

/** Some browsers throw where storage is forbidden. */
function kept(storage: () => Storage): Storage | undefined {
  try {
    return storage();
  } catch {
    return undefined;
  }
}

/** This tab's view id, which keeps its place through reloads. */
function viewOf(tab: Storage | undefined): string {
  try {
    const known = tab?.getItem(viewKey);
    if (known) return known;
    const made = uuid();
    tab?.setItem(viewKey, made);
    return made;
  } catch {
    return uuid();
  }
}

function languagesOf(n: Navigator): readonly string[] {
  return n.languages ?? [n.language ?? "en"];
}

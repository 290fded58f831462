import { uuid } from "../base/uuid";

/** A camera as a layout remembers it: enough to name it when it may not be watched any more. */
export interface Remembered {
  id: string;
  number: number;
  name: string;
  location?: string;
}

export type Layout = (Remembered | null)[];

/** The part of the web storage that is used; it may be forbidden, so every call may throw. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface PlaceOptions {
  tab: Memory; // sessionStorage: this tab, through reloads
  browser: Memory; // localStorage: all tabs, for ever
  /** Whether another living tab goes by this name. A duplicated tab brings its twin's storage along. */
  taken: (tab: string) => Promise<boolean>;
}

interface TabRecord {
  tab: string;
  views: string[];
  layout: Layout | null;
}

const tabKey = "rtsp-viewer.tab";
const layoutKey = (user: string) => `rtsp-viewer.layout.${user}`;

/**
 * Place is where this tab stands: the view id of each tile, which keeps its place among the user's views through reloads, and the cameras that
 * were in the tiles. Two tabs never share view ids.
 */
export class Place {
  readonly views: string[];
  readonly #o: PlaceOptions;
  readonly #user: string;
  #record: TabRecord;

  private constructor(options: PlaceOptions, user: string, record: TabRecord) {
    this.#o = options;
    this.#user = user;
    this.#record = record;
    this.views = record.views;
  }

  static async find(options: PlaceOptions, user: string, tiles: number): Promise<Place> {
    const kept = read<TabRecord>(options.tab, tabKey);
    const good = kept !== undefined && Array.isArray(kept.views) && kept.views.length === tiles;
    const mine = good && !(await options.taken(kept.tab));
    const record = mine
      ? kept
      : { tab: uuid(), views: Array.from({ length: tiles }, uuid), layout: good ? kept.layout : null };
    const place = new Place(options, user, record);
    write(options.tab, tabKey, record);
    return place;
  }

  /** The name that this tab answers to when another asks whether it is taken. */
  get tab(): string {
    return this.#record.tab;
  }

  /** What was in the tiles: of this tab, else of this user in this browser; nothing for somebody who was never here. */
  layout(): Layout | undefined {
    const layout = this.#record.layout ?? read<Layout>(this.#o.browser, layoutKey(this.#user));
    return Array.isArray(layout) ? layout.slice(0, this.views.length) : undefined;
  }

  /** Keeps the layout. shared: for the next tab of this user too. */
  keep(layout: Layout, reach: "tab" | "shared"): void {
    this.#record = { ...this.#record, layout };
    write(this.#o.tab, tabKey, this.#record);
    if (reach === "shared") write(this.#o.browser, layoutKey(this.#user), layout);
  }
}

/** Forgets this tab's place: the next person at this screen gets their own. */
export function leave(tab: Memory): void {
  try {
    tab.removeItem(tabKey);
  } catch {
    // storage is forbidden: nothing was kept
  }
}

function read<T>(memory: Memory, key: string): T | undefined {
  try {
    const text = memory.getItem(key);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

function write(memory: Memory, key: string, value: unknown): void {
  try {
    memory.setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden: the wall works, it only forgets
  }
}

/** What is heard on the channel between this site's tabs. */
export interface Channel {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent) => void) | null;
}

const hearWithin = 120; // ms; a living tab answers in a few

/** Asks the other tabs whether one goes by a name, and answers for this one once it has a name. */
export class Roll {
  readonly #channel: Channel;
  readonly #self = uuid();
  #name = "";
  #heard: ((tab: string) => void) | undefined;

  constructor(channel: Channel) {
    this.#channel = channel;
    channel.onmessage = ({ data }) => {
      const m = data as { ask?: string; taken?: string; from?: string } | null;
      if (!m || m.from === this.#self) return;
      if (m.ask && m.ask === this.#name) channel.postMessage({ taken: m.ask, from: this.#self });
      if (m.taken) this.#heard?.(m.taken);
    };
  }

  /** This tab's name from now on. */
  answer(name: string): void {
    this.#name = name;
  }

  taken(name: string): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (is: boolean) => {
        clearTimeout(late);
        this.#heard = undefined;
        resolve(is);
      };
      const late = setTimeout(() => done(false), hearWithin);
      this.#heard = (tab) => tab === name && done(true);
      this.#channel.postMessage({ ask: name, from: this.#self });
    });
  }
}

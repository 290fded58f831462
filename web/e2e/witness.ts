/** A change of what a tile says about itself. Times are performance.now() of the page. */
export interface Said {
  at: number;
  tile: number;
  state: string;
  code: string;
}

/** What the barcode in a tile's picture says. */
export interface Pictured {
  number: number;
  frame: number;
}

/** A <video> stopped (the event "waiting"). ahead: how many seconds of media it still had; with some the machine was too slow to decode them. */
export interface Stall {
  at: number;
  ahead: number;
}

/** The least that a <video> had left to play within a second, in s. */
export interface Least {
  at: number; // the second's beginning
  ahead: number;
}

/** What the witness knows; window.witness in the page. */
export interface Witness {
  said: Said[];
  peers: number; // peer connections made so far
  now(): number;
  /** When the tile's frames were presented, oldest first; the last 2,000. */
  frames(tile: number): number[];
  /** When the tile's <video> stopped. */
  stalls(tile: number): Stall[];
  /** How much was left to play at the least, second by second. */
  least(tile: number): Least[];
  /** Whether there was nothing to play at some moment between two. */
  starved(tile: number, from: number, to: number): boolean;
  /** How long the page itself was held up at most between two moments, in ms: nothing of it says anything about a picture. */
  heldUp(from: number, to: number): number;
  /** Which of the <video> elements seen so far the tile has. */
  video(tile: number): number;
  /** Reads the picture that is to be seen in the tile. */
  picture(tile: number): Pictured | null;
  /** Reads the picture in an element. */
  look(at: HTMLVideoElement | HTMLCanvasElement | null): Pictured | null;
}

declare global {
  interface Window {
    witness: Witness;
    readBarcode(image: ImageData): Pictured | null;
  }
}

/**
 * Watches the page from within, from before its first script, so that nothing between two looks of a test goes unseen: every state of a tile,
 * every presented frame, every peer connection. It is sent to the page as text and uses nothing from outside.
 */
export function witness(): void {
  const said: Said[] = [];
  const frames = new WeakMap<HTMLVideoElement, number[]>();
  const stalls = new WeakMap<HTMLVideoElement, Stall[]>();
  const leasts = new WeakMap<HTMLVideoElement, Least[]>();
  const empty = new WeakMap<HTMLVideoElement, number[]>(); // beats with nothing to play
  const names = new Map<HTMLVideoElement, number>();
  const last = new Map<number, string>();

  function element(tile: number): HTMLElement | null {
    return document.querySelector(`[data-tile="${tile}"]`);
  }

  function follow(video: HTMLVideoElement): void {
    if (names.has(video)) return;
    names.set(video, names.size);
    const times: number[] = [];
    frames.set(video, times);
    const stopped: Stall[] = [];
    stalls.set(video, stopped);
    video.addEventListener("waiting", () => {
      if (!video.seeking) stopped.push({ at: performance.now(), ahead: ahead(video) });
    });
    leasts.set(video, []);
    empty.set(video, []);
    const presented = () => {
      times.push(performance.now());
      if (times.length > 2000) times.shift();
      video.requestVideoFrameCallback(presented);
    };
    video.requestVideoFrameCallback(presented);
  }

  function ahead({ buffered, currentTime }: HTMLVideoElement): number {
    const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime;
    return end - currentTime;
  }

  const beat = 50; // ms
  const late: { at: number; by: number }[] = []; // beats of the page that came late
  let beaten = performance.now();
  setInterval(() => {
    const now = performance.now();
    if (now - beaten > 2 * beat) late.push({ at: now, by: now - beaten - beat });
    beaten = now;
    for (const video of names.keys()) {
      const all = leasts.get(video);
      if (!all || video.buffered.length === 0 || !video.isConnected) continue;
      if (ahead(video) < 2 * (beat / 1000)) empty.get(video)?.push(now);
      const last = all.at(-1);
      if (last && now - last.at < 1000) last.ahead = Math.min(last.ahead, ahead(video));
      else all.push({ at: now, ahead: ahead(video) });
    }
  }, beat);

  function look(): void {
    for (const it of document.querySelectorAll<HTMLElement>("[data-tile]")) {
      const tile = Number(it.dataset.tile);
      const { state = "", code = "" } = it.dataset;
      if (last.get(tile) !== `${state} ${code}`) said.push({ at: performance.now(), tile, state, code });
      last.set(tile, `${state} ${code}`);
      const video = it.querySelector("video");
      if (video) follow(video);
    }
  }
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-state", "data-code"],
  });

  const easel = document.createElement("canvas");
  easel.width = 480;
  easel.height = 270;
  const brush = easel.getContext("2d", { willReadFrequently: true });

  const self: Witness = {
    said,
    peers: 0,
    now: () => performance.now(),
    frames: (tile) => {
      const video = element(tile)?.querySelector("video");
      return video ? [...(frames.get(video) ?? [])] : [];
    },
    stalls: (tile) => {
      const video = element(tile)?.querySelector("video");
      return video ? [...(stalls.get(video) ?? [])] : [];
    },
    least: (tile) => {
      const video = element(tile)?.querySelector("video");
      return video ? [...(leasts.get(video) ?? [])] : [];
    },
    starved: (tile, from, to) => {
      const video = element(tile)?.querySelector("video");
      return (video ? (empty.get(video) ?? []) : []).some((at) => at > from && at < to + 2 * beat);
    },
    heldUp: (from, to) => Math.max(0, ...late.filter(({ at, by }) => at - by < to && at > from).map(({ by }) => by)),
    video: (tile) => {
      const video = element(tile)?.querySelector("video");
      return video ? (names.get(video) ?? -1) : -1;
    },
    picture: (tile) => {
      const it = element(tile);
      const shown = [it?.querySelector("canvas[data-held]"), it?.querySelector("video")].find(
        (e) => e && getComputedStyle(e).visibility === "visible" && Number(getComputedStyle(e).opacity) > 0,
      ) as HTMLVideoElement | HTMLCanvasElement | undefined;
      return self.look(shown ?? null);
    },
    look: (at) => {
      if (!at || !brush) return null;
      brush.clearRect(0, 0, easel.width, easel.height);
      brush.drawImage(at, 0, 0, easel.width, easel.height);
      return window.readBarcode(brush.getImageData(0, 0, easel.width, easel.height));
    },
  };
  window.witness = self;

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(config?: RTCConfiguration) {
      super(config);
      self.peers++;
    }
  };
}

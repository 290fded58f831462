import type Hls from "hls.js";
import type { ErrorData, LevelDetails } from "hls.js";
import type { Engine, EngineTrouble } from "./engine";
import { Pace } from "./pace";
import { play } from "./player";

export type HlsClass = typeof Hls;

/** A segment this long holds a single picture: the gateway cuts them at half a second. */
const slow = 1; // s

const gone = 410; // HTTP: the view is over

const backBufferLength = 10; // s; the default keeps all that was ever played

/**
 * HlsjsEngine plays by hls.js. Against the gateway's lists it starts in one go, and asks for the next list so that it comes with the segment: none
 * of what is buffered is lost to asking at the wrong moment.
 */
export class HlsjsEngine implements Engine {
  onTrouble: (trouble: EngineTrouble) => void = () => {};
  readonly #class: HlsClass;
  readonly #url: string;
  readonly #pace = new Pace();
  #hls: Hls | undefined;
  #video: HTMLVideoElement | undefined;
  #details: LevelDetails | undefined;
  #loads = 0;
  #there = Number.POSITIVE_INFINITY; // number of the last segment that was there to begin with
  #audio = false;
  #interval = 0;

  constructor(hls: HlsClass, url: string) {
    this.#class = hls;
    this.#url = url;
  }

  load(video: HTMLVideoElement): void {
    const hls = new this.#class({ backBufferLength, lowLatencyMode: true });
    this.#hls = hls;
    this.#video = video;
    const { Events } = this.#class;
    hls.on(Events.LEVEL_LOADED, (_, data) => {
      this.#loads++;
      // In this mode hls.js asks for the next list at once, and has it as soon as there is a segment more; in the other it asks when that one is
      // due by the last, a little later each time. In turns they keep time and hold half of the browser's few connections.
      hls.lowLatencyMode = !hls.lowLatencyMode;
      const { startSN, endSN } = data.details;
      if (!this.#details || startSN > this.#details.endSN) this.#there = endSN;
      this.#details = data.details;
    });
    hls.on(Events.FRAG_BUFFERED, (_, { frag }) => {
      this.#loads++;
      this.#interval = frag.duration > slow ? frag.duration * 1000 : 0;
    });
    hls.on(Events.BUFFER_APPENDING, (_, { frag }) => {
      // Segments that it begins with are waited for by nobody: little is left before the second only because there was no more yet.
      const came = typeof frag.sn === "number" && frag.sn > this.#there;
      if (came && !video.paused && video.currentTime > 0)
        video.playbackRate = this.#pace.comes(performance.now(), ahead(video));
    });
    hls.on(Events.BUFFER_CODECS, (_, tracks) => {
      const codec = tracks.audiovideo?.codec ?? tracks.video?.codec ?? "";
      this.#audio = tracks.audio !== undefined || codec.indexOf("mp4a") >= 0;
    });
    hls.on(Events.ERROR, (_, data) => {
      // hls.js asks twice more, 3 s in all, for what is gone; the gateway means it when it says 410.
      if (data.fatal || data.response?.code === gone) this.onTrouble(troubleOf(this.#class, data));
    });
    video.addEventListener("waiting", this.#waiting);
    video.srcObject = null;
    hls.attachMedia(video);
    hls.loadSource(this.#url);
    void play(video);
  }

  destroy(): void {
    this.#video?.removeEventListener("waiting", this.#waiting);
    if (this.#video) this.#video.playbackRate = 1; // whoever has the element next
    this.#hls?.destroy();
    this.#hls = undefined;
    this.#video = undefined;
  }

  shown(): number | undefined {
    return this.#hls?.playingDate?.getTime();
  }

  newer(): number {
    if (!this.#details || !this.#video) return 0;
    return Math.max(0, this.#details.edge - this.#video.currentTime) * 1000;
  }

  slack(): undefined {}

  loads(): number {
    return this.#loads;
  }

  audio(): boolean {
    return this.#audio;
  }

  interval(): number {
    return this.#interval;
  }

  readonly #waiting = (): void => {
    const video = this.#video;
    // With pictures at hand it is the machine that was too slow, which more of them would not help.
    if (video && !video.seeking && this.#loads > 2 && ahead(video) < dry) this.#pace.stopped(performance.now());
  };
}

const dry = 0.1; // s; with less there may be no whole picture left

/** How much is left to be played, in s. */
function ahead({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
  }
  return 0;
}

function troubleOf({ ErrorTypes, ErrorDetails }: HlsClass, data: ErrorData): EngineTrouble {
  switch (data.details) {
    case ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR:
    case ErrorDetails.BUFFER_ADD_CODEC_ERROR:
    case ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR:
      return "codec";
  }
  return data.type === ErrorTypes.NETWORK_ERROR ? "network" : "media";
}

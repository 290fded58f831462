import type Hls from "hls.js";
import type { ErrorData, LevelDetails } from "hls.js";
import type { Engine, EngineTrouble } from "./engine";
import { play } from "./player";

export type HlsClass = typeof Hls;

/** A segment this long holds a single picture: the gateway cuts them at half a second. */
const slow = 1; // s

const gone = 410; // HTTP: the view is over

/**
 * HlsjsEngine plays by hls.js, with its own defaults: against the gateway's lists they start in one go and need nothing to catch up. Only what a
 * day of watching needs is set.
 */
export class HlsjsEngine implements Engine {
  onTrouble: (trouble: EngineTrouble) => void = () => {};
  readonly #class: HlsClass;
  readonly #url: string;
  #hls: Hls | undefined;
  #video: HTMLVideoElement | undefined;
  #details: LevelDetails | undefined;
  #loads = 0;
  #audio = false;
  #interval = 0;

  constructor(hls: HlsClass, url: string) {
    this.#class = hls;
    this.#url = url;
  }

  load(video: HTMLVideoElement): void {
    const hls = new this.#class({ backBufferLength: 10 }); // the default keeps all that was ever played
    this.#hls = hls;
    this.#video = video;
    const { Events } = this.#class;
    hls.on(Events.LEVEL_LOADED, (_, data) => {
      this.#loads++;
      this.#details = data.details;
    });
    hls.on(Events.FRAG_BUFFERED, (_, { frag }) => {
      this.#loads++;
      this.#interval = frag.duration > slow ? frag.duration * 1000 : 0;
    });
    hls.on(Events.BUFFER_CODECS, (_, tracks) => {
      const codec = tracks.audiovideo?.codec ?? tracks.video?.codec ?? "";
      this.#audio = tracks.audio !== undefined || codec.indexOf("mp4a") >= 0;
    });
    hls.on(Events.ERROR, (_, data) => {
      // hls.js asks twice more, 3 s in all, for what is gone; the gateway means it when it says 410.
      if (data.fatal || data.response?.code === gone) this.onTrouble(troubleOf(this.#class, data));
    });
    video.srcObject = null;
    hls.attachMedia(video);
    hls.loadSource(this.#url);
    void play(video);
  }

  destroy(): void {
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

  loads(): number {
    return this.#loads;
  }

  audio(): boolean {
    return this.#audio;
  }

  interval(): number {
    return this.#interval;
  }
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

import { type Engine, type EngineTrouble, nativeType } from "./engine";
import { play } from "./player";

interface AppleVideo extends HTMLVideoElement {
  getStartDate?: () => Date | number; // WebKit: the program date time at currentTime 0; a number in old ones
}

const nativeSlack = 15_000; // ms

/** NativeEngine lets the browser play HLS by itself: Safari on telephones, television sets. It can tell little of what it does. */
export class NativeEngine implements Engine {
  onTrouble: (trouble: EngineTrouble) => void = () => {};
  readonly #url: string;
  #video: AppleVideo | undefined;
  #loads = 0;

  constructor(url: string) {
    this.#url = url;
  }

  load(video: HTMLVideoElement): void {
    this.#video = video;
    video.srcObject = null;
    video.addEventListener("error", this.#error);
    video.addEventListener("ended", this.#error); // a live list that ends has been broken off
    video.addEventListener("progress", this.#progress);
    video.addEventListener("timeupdate", this.#progress);
    video.setAttribute("type", nativeType);
    video.src = this.#url;
    void play(video);
  }

  destroy(): void {
    const video = this.#video;
    this.#video = undefined;
    if (!video) return;
    video.removeEventListener("error", this.#error);
    video.removeEventListener("ended", this.#error);
    video.removeEventListener("progress", this.#progress);
    video.removeEventListener("timeupdate", this.#progress);
    video.removeAttribute("type");
    video.removeAttribute("src");
    video.load();
  }

  shown(): number | undefined {
    const start = Number(this.#video?.getStartDate?.());
    if (!(start > 0)) return undefined; // not told
    return start + (this.#video?.currentTime ?? 0) * 1000;
  }

  newer(): number {
    const video = this.#video;
    if (!video || video.seekable.length === 0) return 0;
    return Math.max(0, video.seekable.end(video.seekable.length - 1) - video.currentTime) * 1000;
  }

  /** It keeps three segments' time from the end of the list (RFC 8216, 6.3.3), which may be half a minute, and steps by whole segments. */
  slack(): number {
    return nativeSlack;
  }

  loads(): number {
    return this.#loads;
  }

  audio(): boolean {
    return true; // it can't be known before it is heard
  }

  interval(): number {
    return 0;
  }

  readonly #progress = (): void => {
    this.#loads++;
  };

  readonly #error = (): void => {
    const code = this.#video?.error?.code;
    // 3: could not be decoded, 4: not supported, which also stands for a list that is gone.
    this.onTrouble(code === 3 ? "media" : "network");
  };
}

/** What went wrong with an engine, as far as it can tell. */
export type EngineTrouble =
  | "network" // a list or segment could not be had; what the gateway says of the view tells more
  | "media" // the browser could not decode; opening anew may help
  | "codec"; // the browser can't play this kind of media at all

/** An Engine plays one playlist in one <video>. It is made for one opening of a view and thrown away after it. */
export interface Engine {
  /** The engine can't go on. */
  onTrouble: (trouble: EngineTrouble) => void;
  /** Starts to load and play; at once or when the browser is ready. */
  load(video: HTMLVideoElement): void;
  /** Lets go of the network and the <video>, which is empty afterwards. */
  destroy(): void;
  /** When the camera made what is shown, by the gateway's clock, in ms since 1970; nothing while unknown. */
  shown(): number | undefined;
  /** How much newer media the playlist lists, in ms. */
  newer(): number;
  /**
   * By how much further behind than at its best it may fall before it is given up for one at the edge, in ms; nothing: it begins as near to live as
   * the gateway's list lets it, and what counts is how far behind live it is.
   */
  slack(): number | undefined;
  /** How many lists and segments have arrived. Who stops counting has no way to the gateway. */
  loads(): number;
  /** Whether there is sound to be played. */
  audio(): boolean;
  /** The usual time between two pictures in ms where the media show that it is long; else 0. */
  interval(): number;
}

/** Playlists of an open view: for hls.js, and for players that follow RFC 8216 to the letter. */
export interface Playlists {
  playlist: string;
  native: string;
}

/** Makes an engine for a view; none: this browser has no way to play. It may have to load code first; a rejection means that it could not. */
export type EngineMaker = (lists: Playlists) => Promise<Engine | "none">;

/** Chooses the engine that suits this browser. hls.js where it runs: Chromium's own HLS refuses lists that others play. */
export async function chooseEngine(
  { playlist, native }: Playlists,
  withHls: (url: string) => Promise<Engine>,
  withoutHls: (url: string) => Engine,
): Promise<Engine | "none"> {
  if (hasMediaSource()) return withHls(playlist);
  return hasNative() ? withoutHls(native) : "none";
}

export const nativeType = "application/vnd.apple.mpegurl";

/** Whether this browser has what hls.js needs: Media Source Extensions with H.264. */
export function hasMediaSource(): boolean {
  const w = window as { ManagedMediaSource?: typeof MediaSource; MediaSource?: typeof MediaSource };
  const source = w.ManagedMediaSource ?? w.MediaSource;
  return Boolean(source?.isTypeSupported?.('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'));
}

/** Whether the browser itself plays HLS. */
function hasNative(): boolean {
  return document.createElement("video").canPlayType(nativeType) !== "";
}

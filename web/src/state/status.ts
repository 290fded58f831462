import type { PlayerEnd, PlayerState } from "../player/player";
import type { Admit, Params } from "../signal/messages";

/** What a tile says about itself, one word each; never told by colour alone. */
export type StatusName =
  | "empty" // no camera called
  | "connecting" // no picture yet, and no reason to worry
  | "live" // decoded frames of now
  | "stale" // no picture of now: the last one stands, or none ever came
  | "refused" // the camera lets nobody in, or this user may not watch
  | "unsupported" // the camera sends what this browser can't show
  | "limit" // all places are taken, and nobody has clicked here
  | "evicted" // another view of this user took the place
  | "ended"; // the view ended; only a person opens it again

export interface Status {
  name: StatusName;
  code?: string; // why, to be put into words
  params?: Params;
  since?: number; // ms since 1970 by the gateway: the last picture; evicted, ended: when
  retryAt?: number; // ms since 1970 by the gateway: when it is tried again without anybody's doing
}

export interface Evidence {
  camera: boolean; // a camera was called into this tile
  player: PlayerState | undefined; // nothing between two players
  /** The last player's end, while nobody plays. */
  end: PlayerEnd | undefined;
  retryAt: number | undefined; // ms since 1970 by the gateway: when the next player starts
  gateway: "there" | "away";
  picture: "never" | "fresh" | "stale";
  lastPicture: number | undefined; // ms since 1970 by the gateway
  waited: number; // ms since the camera was called
}

/** A person waits this long for a first picture before the tile stops calling it normal. */
export const normalWait = 8000; // ms

/** Whether an opening may close the user's oldest view. A click that could not be sent for long is no click any more. */
export const actLasts = 10_000; // ms

export function admitFor(act: "person" | "machine", age: number): Admit {
  return act === "person" && age < actLasts ? "evict_oldest" : "if_free";
}

/** judge says what a tile says. The picture is believed first: a fresh one is live whatever anybody reports of the connections. */
export function judge(e: Evidence): Status {
  if (!e.camera) return { name: "empty" };
  if (e.end?.code === "view.limit")
    return { ...finalStatus(e.end), ...(e.retryAt === undefined ? {} : { retryAt: e.retryAt }) };
  if (e.end && !mayRetry(e.end)) return finalStatus(e.end);
  const why = reason(e);
  const fresh = e.picture === "fresh";
  const seen = e.lastPicture === undefined || fresh ? {} : { since: e.lastPicture };
  const stream = e.player?.stream;
  // But pictures in the wrong order are decoded too: whether the format can be shown is the gateway's to say.
  if (stream?.status === "unsupported" && why.code === stream.code) return { name: "unsupported", ...why, ...seen };
  if (fresh) return { name: "live" };
  if (e.picture === "stale") return { name: "stale", ...why, ...seen };
  if (stream?.status === "refused" && why.code === stream.code) return { name: "refused", ...why };
  if (why.code === undefined && e.waited < normalWait) return { name: "connecting" };
  if (e.gateway === "away" && e.waited < normalWait) return { name: "connecting" };
  return { name: "stale", ...why, code: why.code ?? "picture.waiting" };
}

/** Whether a machine may open the view again. A place may get free at any time, and asking for it closes nobody's view. */
export function mayRetry(end: PlayerEnd): boolean {
  return end.retry || end.code === "view.limit";
}

function finalStatus(end: PlayerEnd): Status {
  const said = { code: end.code, params: end.params, ...(end.at === undefined ? {} : { since: end.at }) };
  switch (end.code) {
    case "view.evicted":
      return { name: "evicted", ...said };
    case "view.limit":
      return { name: "limit", ...said };
    case "camera.not_found":
    case "view.revoked":
    case "view.not_allowed":
      return { name: "refused", ...said };
    case "signaling.codecs":
    case "webrtc.missing":
    case "hls.codec":
    case "hls.no_engine":
    case "media.codec":
      return { name: "unsupported", ...said };
  }
  return { name: "ended", ...said };
}

/** The nearest cause that is known: this browser's way to the gateway first, for behind it nothing is known of the camera. */
function reason(e: Evidence): Pick<Status, "code" | "params" | "retryAt"> {
  if (e.end) return { ...told(e.end.code, e.end.params), ...(e.retryAt === undefined ? {} : { retryAt: e.retryAt }) };
  const player = e.player;
  if (player?.path === "lost")
    return { code: e.gateway === "away" ? "gateway.unreachable" : `${player.transport}.lost` };
  const stream = player?.stream;
  if (stream && stream.status !== "live") {
    const retryAt = Date.parse(stream.retry_at ?? "");
    const code = stream.code ?? (stream.status === "stalled" ? "camera.stalled" : undefined);
    return { ...told(code, stream.params), ...(Number.isNaN(retryAt) ? {} : { retryAt }) };
  }
  if (e.gateway === "away" && player?.path !== "connected") return { code: "gateway.unreachable" };
  if (player?.path === "connecting") return e.waited < normalWait ? {} : { code: `${player.transport}.connecting` };
  return {};
}

function told(code: string | undefined, params: Params | undefined): Pick<Status, "code" | "params"> {
  return { ...(code === undefined ? {} : { code }), ...(params === undefined ? {} : { params }) };
}

/** Whether two statuses say the same. */
export function sameStatus(a: Status, b: Status): boolean {
  return (
    a.name === b.name &&
    a.code === b.code &&
    a.since === b.since &&
    a.retryAt === b.retryAt &&
    JSON.stringify(a.params) === JSON.stringify(b.params)
  );
}

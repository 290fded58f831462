import type { Params } from "../signal/messages";
import { pluralEn } from "./plural";

const seconds = (n: number) => `${n} ${pluralEn(n, "second", "seconds")}`;

/** "Gate 2" (No. 5), or as much of it as is known. */
const cameraOf = (p: Params) => `“${p.camera ?? "another camera"}”${p.number ? ` (No. ${p.number})` : ""}`;

/** "UDP,TCP" as "UDP and TCP". */
const protocols = (list = "UDP,TCP") => list.split(",").join(" and ");

const placeOf = (p: Params) => {
  const { where = "", address = "" } = p;
  if (where === "") return address === "" ? "" : ` from ${address}`;
  return ` in ${where}${address === "" || where.includes(address) ? "" : ` (${address})`}`;
};

export const en = {
  title: "RTSP Viewer",
  language: "Language",
  seconds,
  close: "Close",

  signIn: {
    heading: "Sign in",
    login: "Login or e-mail",
    password: "Password",
    show: "Show password",
    hide: "Hide password",
    submit: "Sign in",
    busy: "Signing in…",
    ended: "Your session has ended. Sign in again.",
    left: "You are signed out.",
    screen: "This is a wall screen: enter its code",
    needLogin: "Enter your login.",
    needPassword: "Enter your password.",
    wait: (s: number) => `Too many attempts. Try again in ${seconds(s)}.`,
  },

  start: {
    starting: "Starting…",
    unreachable: "The gateway does not answer.",
    again: (s: number) => `Trying again in ${seconds(s)}.`,
  },

  bar: {
    cameras: "Cameras",
    keys: "Keys",
    signOut: "Sign out",
    fullscreen: "Full screen",
    views: (used: number, limit: number) => `Views: ${used} of ${limit}`,
    viewsTitle: "Your views on all devices. Opening one more closes the oldest.",
    clock: "Gateway time",
    online: "Connected",
    offline: "No connection",
    blocked: "Requests only",
    menu: "Menu",
  },

  nav: {
    heading: "Pages",
    open: "Menu",
    wall: "Wall",
    cameras: "Cameras",
    groups: "Groups",
    people: "Access",
    users: "Users",
    devices: "Wall devices",
    views: "Who watches",
    log: "Event log",
    settings: "Settings",
    account: "My account",
    failed: "The page could not be loaded: the gateway was updated, or the connection broke.",
    reload: "Reload",
  },

  banner: {
    lost: (since: string) =>
      `No connection to the gateway since ${since}. Playing cameras go on; new ones can’t be opened.`,
    blocked:
      "The network lets no WebSocket through. Pictures come by HLS, a few seconds late; news comes only when asked for.",
    retry: (s: number) => `Trying again in ${seconds(s)}.`,
    connecting: "Connecting…",
    now: "Try now",
    noViews: "Your account may not open views. Ask an administrator.",
    list: "The list of cameras could not be read.",
    reload: "Read again",
    noCameras: "There is no camera yet.",
    importCameras: "Import from a spreadsheet",
    addCamera: "Add a camera",
  },

  tile: {
    label: (n: number) => `Tile ${n}`,
    empty: "Free",
    emptyHint: "Click, press Enter or type a number",
    open: "Open a camera",
    noCameras: "No camera is open to you. Ask an administrator for access.",
    live: "Live",
    connecting: "Connecting",
    stale: "No picture",
    refused: "Refused",
    unsupported: "Unsupported",
    limit: "Limit reached",
    evicted: "Closed",
    ended: "Ended",
    noPicture: "NO PICTURE",
    noPictureSince: (time: string) => `NO PICTURE since ${time}`,
    opening: (name: string) => `Opening ${name}`,
    retryIn: (s: number) => `Next try in ${seconds(s)}`,
    retryNow: "Try now",
    again: "Open again here",
    openAnyway: "Open here, close the oldest",
    another: "Another camera",
    limitText: (limit: number) =>
      limit > 0 ? `Your views are all in use: ${limit} of ${limit}.` : "Your account may not open views.",
    evictedTitle: (limit: number) => `Closed: limit of ${limit} ${pluralEn(limit, "view", "views")}`,
    evictedText: (p: Params, time: string) => {
      if (p.reason === "limit") return "Your limit of views was lowered.";
      return `${cameraOf(p)} was opened${placeOf(p)}${time === "" ? "" : ` at ${time}`}.`;
    },
    change: "Another camera (Enter)",
    closeTile: "Close (Delete)",
    enlarge: "Enlarge (F)",
    shrink: "Back to the wall (Esc)",
    soundOn: "Turn sound on (M)",
    soundOff: "Turn sound off (M)",
    newWindow: "Open in a new window",
    secondsShort: "s",
    byHLS: "Picture by HLS",
    byHLSDelay: (s: string) => `Picture by HLS, ${s} s behind live`,
    tryWebRTC: "Try WebRTC again (W)",
    trying: "Trying WebRTC…",
    number: (n: string) => `Camera ${n}`,
    numberUnknown: "no such camera",
    numberEnter: "Enter opens it",
    since: (time: string) => `since ${time}`,
  },

  picker: {
    heading: (tile: number) => `Camera for tile ${tile}`,
    headingSingle: "Choose a camera",
    search: "Number, name or place",
    star: "Add to favourites",
    unstar: "Remove from favourites",
    favourites: "Favourites",
    onWall: (tile: number) => `in tile ${tile}`,
    newWindow: "Open in a new window",
    none: "Nothing matches.",
    empty: "No camera is open to you. Ask an administrator for access.",
    loading: "Reading the list…",
    found: (n: number) => `${n} ${pluralEn(n, "camera", "cameras")}`,
    more: (n: number) => `${n} more: refine the search`,
    hint: "↑ ↓ choose · Enter open · Ctrl+Enter new window · Esc back",
  },

  /** The page for television sets and old browsers. */
  tv: {
    soundOn: "Sound on",
    soundOff: "Sound off",
    listKeys: "↑ ↓ choose · OK open · digits: camera number",
    watchKeys: "↑ ↓ other cameras · OK sound · digits: camera number · Back: list",
  },

  help: {
    heading: "Keys",
    rows: {
      arrows: "choose a tile",
      enter: "choose a camera for the tile",
      digits: "call a camera by its number",
      search: "search a camera",
      enlarge: "enlarge the tile, and back",
      sound: "sound on or off",
      close: "close the tile’s view",
      again: "open again what was closed",
      webrtc: "try WebRTC again where the picture comes by HLS",
      esc: "back",
      help: "this list",
    },
    leaving: "Leaving the wall for another page closes its views; coming back opens the same cameras again.",
    names: { arrows: "Arrows", enter: "Enter", digits: "Digits, Enter", close: "Delete or Backspace", esc: "Esc" },
  },

  /** Said aloud by screen readers. */
  aloud: (tile: number, camera: string, state: string) => `Tile ${tile}, ${camera}: ${state}`,

  unknownCode: (code: string) => `Something went wrong (${code}).`,

  codes: {
    network: () => "The gateway does not answer.",
    internal: () => "The gateway failed. Its log says more.",
    "auth.credentials": () => "Login or password is wrong.",
    "auth.slow_down": () => "Too many attempts. Wait and try again.",
    "auth.origin": () => "The gateway refuses sign-in from this address of the page.",
    "auth.token": () => "The session has ended.",
    "camera.unknown_host": () => "The camera’s address is not known in the network.",
    "camera.unreachable": () => "The camera can’t be reached.",
    "camera.timeout": () => "The camera does not answer.",
    "camera.credentials": () => "The camera refuses the login or password.",
    "camera.not_rtsp": () => "What answers at the camera’s address is not RTSP.",
    "camera.busy": () => "The camera takes no more connections.",
    "camera.no_stream": () => "The camera has no stream at this address.",
    "camera.lost": () => "The connection to the camera broke.",
    "camera.stalled": () => "The camera sends nothing.",
    "camera.no_such": () => "The camera has no such stream.",
    "camera.records": () => "The gateway could not look the camera up. It tries again.",
    "camera.not_found": () => "There is no such camera, or you have no access to it.",
    "camera.deleted": () => "The camera was deleted.",
    "media.no_video": () => "The camera sends no video.",
    "media.codec": (p: Params) =>
      `The camera sends ${p.codec ?? "a format that browsers don’t show"}. Browsers are shown H.264: set the camera’s video to it.`,
    "media.no_keyframe": () =>
      "The camera sends no keyframes, so there is no picture to begin with. Set an interval between keyframes in the camera.",
    "media.bframes": () =>
      "The camera sends video with B-frames, which WebRTC can’t carry. Without B-frames it would be quicker.",
    "view.evicted": () => "Another of your views took this place.",
    "view.limit": () => "All your views are in use.",
    "view.revoked": () => "Your access to this camera was withdrawn.",
    "view.closed": (p: Params) => (p.by ? `The view was closed by ${p.by}.` : "The view was closed."),
    "view.expired": () => "The view lapsed.",
    "view.replaced": () => "This view goes on in another tab.",
    "view.not_allowed": () => "Your account may not open views.",
    "server.stopping": () => "The gateway is restarting.",
    "gateway.unreachable": () => "No connection to the gateway.",
    "camera.connecting": () => "The camera sends no picture yet.",
    "signaling.blocked": () => "The network lets no WebSocket through.",
    "signaling.lost": () => "The connection to the gateway broke.",
    "signaling.codecs": () => "This browser takes no H.264 by WebRTC.",
    "signaling.too_many": () => "Too many windows are open under this account.",
    "webrtc.missing": () => "This browser has no WebRTC.",
    "webrtc.connecting": () => "Looking for a way to the gateway for the video…",
    "webrtc.no_path": (p: Params) =>
      p.host && p.port
        ? `${p.port} ${protocols(p.protocols)} unreachable at ${p.host}.`
        : "The video finds no way from the gateway to this browser. Its WebRTC port may be blocked.",
    "webrtc.lost": () => "The video’s way from the gateway broke. Restoring it…",
    "webrtc.failed": () => "The browser refused the video connection.",
    "hls.connecting": () => "Waiting for the camera’s first picture…",
    "hls.lost": () => "The gateway stopped answering requests for the video. Restoring it…",
    "hls.media": () => "The browser could not play the video. Opening it anew…",
    "hls.codec": () => "This browser can’t play the video’s format.",
    "hls.no_engine": () => "This browser can play neither WebRTC nor HLS.",
    "hls.no_ffmpeg": () => "The gateway can make no HLS: FFmpeg is missing there. Ask an administrator.",
    "hls.ffmpeg_failed": () => "FFmpeg on the gateway gives no picture of this camera.",
    "picture.waiting": () => "Connected, waiting for the first picture…",
  },
};

export type Dict = typeof en;

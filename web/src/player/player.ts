import type { Admit, Params, StreamStatus } from "../signal/messages";

export type Transport = "webrtc" | "hls";

/** What is known of the camera's stream: told by the socket for WebRTC, asked for by the player for HLS. */
export interface StreamState {
  status: StreamStatus;
  code?: string;
  params?: Params;
  retry_at?: string;
  frame_interval_ms?: number; // the usual time between two pictures; 0 or missing while unknown
  audio: boolean; // there is sound that this browser can play
}

/** Why something is as it is, to be put into words. */
export interface Reason {
  code: string;
  params: Params;
}

/** How a player is doing; what a tile makes its words of. */
export interface PlayerState {
  /** asking: not admitted yet; open: the gateway has the view; over: done, see end. */
  phase: "asking" | "open" | "over";
  transport: Transport;
  /** The way of the media from the gateway to this browser. */
  path: "connecting" | "connected" | "lost";
  /** What is known about the camera's stream. */
  stream?: StreamState;
  /** Why it is HLS and not WebRTC. */
  fallback?: Reason;
  /** WebRTC is being tried while HLS still shows the picture. */
  trying?: boolean;
  /** Why it is over. */
  end?: PlayerEnd;
}

/** Why a player is done. */
export interface PlayerEnd {
  code: string;
  params: Params;
  at?: number; // ms since 1970 by the gateway's clock; an end of the view has one
  /** Whether a machine may open the view again by itself. */
  retry: boolean;
  retryAfter: number; // ms; 0: as the machine sees fit
}

/**
 * A Player brings one camera into one <video>, by whatever transport. It opens the view once and keeps it up as long as it can; when it
 * is over it stays over, and a new player is made for another try.
 */
export interface Player {
  onState: (state: PlayerState) => void;
  /** The picture is about to break off while the player goes on: the moment to keep the last one. */
  onBreak: () => void;
  start(): void;
  /** Says which element shows the picture, before or after start; nothing: none does. */
  show(video: HTMLVideoElement | undefined): void;
  /** Ends the player. gone: the view's place is given up too; kept: another player goes on in it. */
  close(place: "gone" | "kept"): void;
  /** Frames decoded so far, for times when the <video> can't tell, being hidden; nothing while unknown. */
  framesDecoded(): Promise<number | undefined>;
  /** How far the picture is behind the camera in ms, where that is worth telling and known. */
  behind(): number | undefined;
  /**
   * Shows another camera over the connection that there is. False: it can't, and goes on as it was. The former camera's picture goes at once.
   * refused is called if the gateway does not do it; the player is of no use then.
   */
  switchTo?(camera: string, admit: Admit, refused: () => void): boolean;
  /** Tries WebRTC once more while HLS goes on; nothing to do for whoever has WebRTC. */
  tryWebRTC(): void;
}

/** Plays an element that has its source. A browser that allows no sound yet would pause the picture: rather silent than still. */
export async function play(video: HTMLVideoElement): Promise<void> {
  try {
    await video.play();
  } catch {
    // A change of source interrupts a play that has not begun; what comes after it plays by itself.
    if (video.muted || (!video.srcObject && !video.src)) return;
    video.muted = true;
    try {
      await video.play();
    } catch {
      // the next source plays
    }
  }
}

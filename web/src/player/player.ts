import type { Params, StateMessage } from "../signal/messages";

/** How a player is doing; what a tile makes its words of. */
export interface PlayerState {
  /** asking: not admitted yet; open: the gateway has the view; over: done, see end. */
  phase: "asking" | "open" | "over";
  /** The way of the media from the gateway to this browser. */
  path: "connecting" | "connected" | "lost";
  /** What the gateway last said about the camera's stream. */
  stream?: StateMessage;
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
  readonly media: MediaStream;
  onState: (state: PlayerState) => void;
  start(): void;
  /** Ends the player. gone: the view's place is given up too; kept: another player goes on in it. */
  close(place: "gone" | "kept"): void;
  /** Frames decoded so far, for times when the <video> can't tell, being hidden; nothing while unknown. */
  framesDecoded(): Promise<number | undefined>;
}

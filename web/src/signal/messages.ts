// The wire of rtsp-viewer.v1, as signaling/message.go has it. Fields and types that are not known here are ignored.

export const protocol = "rtsp-viewer.v1";

/** Whether a watch may close the user's oldest view: only a person's act may. */
export type Admit = "evict_oldest" | "if_free";

export type Params = Record<string, string>;

export interface ResumeMessage {
  type: "resume";
  session: string;
}

export interface WatchMessage {
  type: "watch";
  view: string;
  camera: string;
  stream?: "main" | "sub";
  admit: Admit;
  replaces?: string;
  label?: string;
  offer: string;
}

/** Another camera over the connection that the view has. */
export interface SwitchMessage {
  type: "switch";
  view: string;
  camera: string;
  stream?: "main" | "sub";
  admit: Admit;
  label?: string;
}

export interface RestartMessage {
  type: "restart";
  view: string;
  offer: string;
}

export interface CloseMessage {
  type: "close";
  view: string;
}

/** All views that this page plays by HLS now: each answer to a ping of the socket renews them. An empty list ends that. */
export interface PlayingMessage {
  type: "playing";
  views: string[];
}

/** Both ways; the gateway's carry a generation. No candidate is the end of candidates. */
export interface CandidateMessage {
  type: "candidate";
  view: string;
  generation?: number;
  candidate: RTCIceCandidateInit | null;
}

export interface ViewState {
  view: string;
  camera: string;
  generation: number;
}

export interface HelloMessage {
  type: "hello";
  session: string;
  resumed: boolean;
  ice_servers: { urls: string[]; username?: string; credential?: string }[] | null;
  limit: number;
  server_time: string;
  resume_ms: number;
  views: ViewState[] | null;
}

export interface AnswerMessage {
  type: "answer";
  view: string;
  generation: number;
  camera: string;
  opened_at: string;
  sdp: string;
}

export interface SwitchedMessage {
  type: "switched";
  view: string;
  generation: number;
  camera: string;
  opened_at: string;
}

export type StreamStatus = "connecting" | "live" | "stalled" | "refused" | "unsupported";

export interface StateMessage {
  type: "state";
  view: string;
  generation: number;
  status: StreamStatus;
  since: string;
  code?: string;
  params?: Params;
  retry_at?: string;
  frame_interval_ms?: number;
  audio: boolean;
  width?: number;
  height?: number;
}

export interface EndMessage {
  type: "end";
  view: string;
  generation: number;
  code: string;
  params?: Params;
  at: string;
  retry: boolean;
}

export interface ErrorMessage {
  type: "error";
  view?: string;
  code: string;
  detail: string;
  params?: Params;
  retry: boolean;
  retry_after_ms?: number;
}

export interface ByeMessage {
  type: "bye";
  code: string;
  retry_after_ms: number;
}

export type ClientMessage =
  | ResumeMessage
  | WatchMessage
  | SwitchMessage
  | RestartMessage
  | CloseMessage
  | CandidateMessage
  | PlayingMessage;

export type ServerMessage =
  | HelloMessage
  | AnswerMessage
  | SwitchedMessage
  | CandidateMessage
  | StateMessage
  | EndMessage
  | ErrorMessage
  | ByeMessage;

const known = new Set(["hello", "answer", "switched", "candidate", "state", "end", "error", "bye"]);

/** Reads a frame of the socket; nothing for one that this page does not understand. */
export function parse(frame: unknown): ServerMessage | undefined {
  if (typeof frame !== "string") return undefined;
  try {
    const message: unknown = JSON.parse(frame);
    if (typeof message !== "object" || message === null || !("type" in message)) return undefined;
    return known.has(message.type as string) ? (message as ServerMessage) : undefined;
  } catch {
    return undefined;
  }
}

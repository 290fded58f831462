import type { Passport } from "../../api/probe";

/** What a test came to, the worst first: no picture, a picture that browsers are not shown, one that could be better, one that is right. */
export type Verdict = "failed" | "uncarried" | "advice" | "well";

export const verdicts: readonly Verdict[] = ["failed", "uncarried", "advice", "well"];

export function verdictOf(passport: Passport): Verdict {
  if (passport.code !== "") return "failed";
  if (!passport.webrtc.carried && !passport.hls.carried) return "uncarried";
  return passport.advice.length > 0 ? "advice" : "well";
}

/** Whether browsers can be shown it. */
export function isShown(passport: Passport): boolean {
  const verdict = verdictOf(passport);
  return verdict === "advice" || verdict === "well";
}

/** By what browsers get it, the quickest way. */
export function wayOf({ webrtc, hls }: Passport): "webrtc" | "hls" | "none" {
  if (webrtc.carried) return "webrtc";
  return hls.carried ? "hls" : "none";
}

/** A number as people read it: a tenth below ten, whole above. */
export function rounded(n: number): number {
  return n < 10 ? Math.round(n * 10) / 10 : Math.round(n);
}

/** Formats by the names of RTP, as cameras' settings call them. */
const codecs: Record<string, string> = {
  H264: "H.264",
  H265: "H.265",
  JPEG: "MJPEG",
  "MP4V-ES": "MPEG-4",
  PCMA: "G.711 A-law",
  PCMU: "G.711 µ-law",
  "MPEG4-GENERIC": "AAC",
  "MP4A-LATM": "AAC",
  OPUS: "Opus",
};

export function codecName(codec: string): string {
  return codecs[codec.toUpperCase()] ?? codec;
}

import { chooseEngine, type EngineMaker, hasMediaSource } from "./engine";
import { HlsjsEngine } from "./hlsjs";
import { NativeEngine } from "./native";

/** Makes the engine that suits this browser. hls.js comes with the first use. */
export const makeEngine: EngineMaker = (lists) =>
  chooseEngine(
    lists,
    async (url) => new HlsjsEngine(await hlsjs(), url),
    (url) => new NativeEngine(url),
  );

/** Loads hls.js before it is needed, where it soon may be. */
export function warm(): void {
  if (hasMediaSource()) void hlsjs().catch(() => {}); // whoever needs it asks again and learns why
}

const hlsjs = async () => (await import("hls.js/light")).default;

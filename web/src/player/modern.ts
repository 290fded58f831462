import { type Engine, hasMediaSource, hasNative, type Playlists } from "./engine";
import { HlsjsEngine } from "./hlsjs";
import { NativeEngine } from "./native";

/** Makes the engine that suits this browser. hls.js comes with the first use; browsers that can't run it play by themselves. */
export async function makeEngine({ playlist, native }: Playlists): Promise<Engine> {
  if (!hasMediaSource() && hasNative()) return new NativeEngine(native);
  return new HlsjsEngine(await hlsjs(), playlist);
}

/** Loads hls.js before it is needed, where it soon may be. */
export function warm(): void {
  if (hasMediaSource()) void hlsjs().catch(() => {}); // whoever needs it asks again and learns why
}

const hlsjs = async () => (await import("hls.js/light")).default;

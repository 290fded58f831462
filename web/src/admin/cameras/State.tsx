import type { CameraRecord } from "../../api/cameras";
import { Icon, type IconName } from "../../ui/Icon";
import { useMoments, useTelling, useWords } from "../context";
import { camerasWords } from "../words/cameras";

const icons: Record<string, IconName> = {
  unknown: "unknown",
  connecting: "connecting",
  live: "live",
  stalled: "stale",
  refused: "unlinked",
  unsupported: "unsupported",
  reachable: "done",
};

/** How a camera is doing: a shape, a word, since when, and why. */
export function State({ camera }: { camera: CameraRecord }) {
  const t = useWords(camerasWords);
  const { since } = useMoments();
  const { code } = useTelling();
  const words: Record<string, string> = t.states;
  const state = Object.hasOwn(words, camera.state) ? camera.state : "unknown";
  const when =
    camera.state_since !== null
      ? t.since(since(camera.state_since))
      : camera.seen_at
        ? t.seen(since(camera.seen_at))
        : "";
  const why = camera.state_code === "" ? "" : code(camera.state_code);
  return (
    <span data-state={state}>
      <span class={`state state-${state}`}>
        <Icon name={icons[state] ?? "unknown"} />
        {words[state]}
      </span>{" "}
      <span class="since">{when}</span>
      {why !== "" && <span class="under">{why}</span>}
    </span>
  );
}

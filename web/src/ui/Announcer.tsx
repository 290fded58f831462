import { useEffect, useState } from "preact/hooks";
import type { StatusName } from "../state/status";
import { useDict, useRoom } from "./context";

/** Changes worth saying aloud; connecting comes and goes. */
const said = new Set<StatusName>(["live", "stale", "refused", "unsupported", "limit", "evicted", "ended"]);

/** Tells screen readers when a tile's state changes. */
export function Announcer() {
  const { wall } = useRoom();
  const t = useDict();
  const [line, setLine] = useState("");
  useEffect(() => {
    const undo = wall.tiles.map((tile) => {
      let before: StatusName = tile.state.value.status.name;
      return tile.state.subscribe(({ status, camera }) => {
        if (status.name === before) return;
        before = status.name;
        if (said.has(status.name)) setLine(t.aloud(tile.index + 1, camera?.name ?? "", t.tile[status.name]));
      });
    });
    return () => {
      for (const f of undo) f();
    };
  }, [wall, t]);
  return (
    <p class="unseen" role="status">
      {line}
    </p>
  );
}

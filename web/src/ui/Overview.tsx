import type { Tile } from "../state/tile";
import { useDict, useRoom } from "./context";
import { useStore } from "./hooks";
import { StatusPill } from "./Status";

/** While one tile is enlarged, how the others are doing: enlarging hides pictures, never their states. */
export function Overview() {
  const { wall } = useRoom();
  const t = useDict();
  return (
    <nav class="overview" aria-label={t.title}>
      {wall.tiles.map((tile) => (
        <Entry key={tile.index} tile={tile} />
      ))}
    </nav>
  );
}

function Entry({ tile }: { tile: Tile }) {
  const { wall } = useRoom();
  const t = useDict();
  const { camera, status } = useStore(tile.state);
  const current = useStore(wall.enlarged) === tile.index;
  return (
    <button type="button" class="overview-tile" aria-current={current} onClick={() => wall.select(tile.index)}>
      <span class="number">{camera ? camera.number || "—" : tile.index + 1}</span>
      <span class="name">{camera?.name ?? t.tile.empty}</span>
      <StatusPill status={status} />
    </button>
  );
}

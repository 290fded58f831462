import { type Dict, words } from "../i18n";
import type { Tile, TileState } from "../state/tile";
import { useDict, useRoom } from "./context";
import { useStore } from "./hooks";

/** Names a transport that is not the best one, and how far behind live it is: a person who acts on the picture must know. */
export function Delay({ tile }: { tile: Tile }) {
  const t = useDict();
  const state = useStore(tile.state);
  if (state.transport !== "hls") return null;
  return (
    <span class="delay" title={title(t, state)}>
      {state.behind === undefined ? "HLS" : `HLS −${inSeconds(state.behind)} ${t.tile.secondsShort}`}
    </span>
  );
}

/** Over the picture, for whoever reaches for the tile: why it is not WebRTC, and a way to try that again. */
export function Fallback({ tile }: { tile: Tile }) {
  const { wall, socket } = useRoom();
  const t = useDict();
  const state = useStore(tile.state);
  // Without a socket or without WebRTC in the browser there is nothing to be tried.
  const possible = useStore(socket.state).phase === "online" && state.fallback?.code !== "webrtc.missing";
  if (state.transport !== "hls" || state.status.name !== "live") return null;
  return (
    <div class="fallback">
      <span class="fallback-why">{title(t, state)}</span>
      {possible && (
        <button
          type="button"
          class="button-quiet"
          data-act="webrtc"
          disabled={state.trying}
          onClick={(event) => {
            event.stopPropagation();
            wall.tryWebRTC(tile.index);
          }}
        >
          {state.trying ? t.tile.trying : t.tile.tryWebRTC}
        </button>
      )}
    </div>
  );
}

function title(t: Dict, { behind, fallback }: TileState): string {
  const what = behind === undefined ? t.tile.byHLS : t.tile.byHLSDelay(inSeconds(behind));
  return fallback ? `${what}. ${words(t, fallback.code, fallback.params)}` : `${what}.`;
}

function inSeconds(tenths: number): string {
  return (tenths / 10).toFixed(1);
}

import { headline, why } from "../i18n/telling";
import type { Status } from "../state/status";
import type { Tile } from "../state/tile";
import { useDict, useRoom } from "./context";
import { secondsUntil, useStore, useTicking } from "./hooks";
import { Icon } from "./Icon";

/** The state in a shape, a word and a colour. */
export function StatusPill({ status }: { status: Status }) {
  const t = useDict();
  return (
    <span class={`pill pill-${status.name}`}>
      <Icon name={status.name} />
      <span class="pill-word">{t.tile[status.name]}</span>
    </span>
  );
}

/** What lies over the picture while it is not of now: what is the matter, since when, why, and what happens next. */
export function Trouble({ tile }: { tile: Tile }) {
  const { socket, wall } = useRoom();
  const t = useDict();
  const { camera, status } = useStore(tile.state);
  const limit = useStore(socket.limit) ?? 0;
  if (status.name === "live" || status.name === "empty") return null;
  const now = socket.time();
  const over =
    status.name === "evicted" || status.name === "ended" || status.name === "limit" || status.name === "refused";
  // Nothing happens until somebody acts; a taken place may get free, and may be taken by a click before.
  const person = over && (status.retryAt === undefined || status.name === "limit");
  return (
    <div class="trouble-box">
      {status.name === "connecting" ? (
        <p class="opening">
          <Icon name="connecting" />
          <span>{t.tile.opening(camera?.name ?? "")}</span>
        </p>
      ) : (
        <p class="headline">{headline(t, status, limit, now)}</p>
      )}
      <p class="why">{why(t, status, limit, now)}</p>
      {status.retryAt !== undefined && <Countdown to={status.retryAt} />}
      {person && status.code !== "view.not_allowed" && status.code !== "camera.not_found" && (
        <button type="button" class="button-quiet" data-act="again" onClick={act(() => wall.again(tile.index))}>
          {status.name === "limit" ? t.tile.openAnyway : t.tile.again}
        </button>
      )}
    </div>
  );
}

/** A button in a tile that does one thing: neither the tile's click nor the wall's Enter follows. */
function act(fn: () => void): (event: Event) => void {
  return (event) => {
    event.stopPropagation();
    fn();
  };
}

function Countdown({ to }: { to: number }) {
  const { socket } = useRoom();
  const t = useDict();
  useTicking(500);
  const left = secondsUntil(to, socket.time());
  return left === 0 ? null : <p class="countdown">{t.tile.retryIn(left)}</p>;
}

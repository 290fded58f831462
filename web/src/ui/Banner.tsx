import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { browserClock } from "../base/clock";
import { type Dict, timeOfDay, words } from "../i18n";
import { may } from "../route/places";
import type { SocketState } from "../signal/socket";
import { useDesk, useDict, useRoom } from "./context";
import { secondsUntil, useStore, useTicking } from "./hooks";
import { Icon } from "./Icon";

const grace = 1500; // ms: the first connection is no loss

/** What is wrong with the whole wall rather than one tile. */
export function Banner() {
  const { socket, catalogue } = useRoom();
  const t = useDict();
  const state = useStore(socket.state);
  const limit = useStore(socket.limit);
  const listing = useStore(catalogue.state);
  const away = state.phase === "waiting" || state.phase === "connecting";
  useTicking(500, away ? "on" : "off");
  if (away && state.blocked) {
    return (
      <div class="banner banner-note" role="status">
        <Icon name="unlinked" />
        <span>{t.banner.blocked}</span>
        <button type="button" class="button-quiet" onClick={() => socket.hurry()} disabled={state.phase !== "waiting"}>
          {t.banner.now}
        </button>
      </div>
    );
  }
  if (away && browserClock.now() - state.since > grace) {
    const since = timeOfDay(socket.time() - (browserClock.now() - state.since), socket.time());
    return (
      <div class="banner" role="alert">
        <Icon name="unlinked" />
        <span>
          {t.banner.lost(since)} {reason(t, state)}
        </span>
        <span class="banner-next">{next(t, state)}</span>
        <button type="button" class="button-quiet" onClick={() => socket.hurry()} disabled={state.phase !== "waiting"}>
          {t.banner.now}
        </button>
      </div>
    );
  }
  if (limit === 0) return <Note text={t.banner.noViews} />;
  if (listing.phase === "failed") {
    return (
      <div class="banner" role="alert">
        <Icon name="stale" />
        <span>
          {t.banner.list} {listing.problem ? words(t, listing.problem.code, listing.problem.params) : ""}
        </span>
        <button type="button" class="button-quiet" onClick={() => void catalogue.load()}>
          {t.banner.reload}
        </button>
      </div>
    );
  }
  if (listing.phase === "there" && listing.cameras.length === 0) return <NoCameras />;
  return null;
}

/** Says that there is nothing to watch: to whoever may add cameras, on the wall, how to. */
function NoCameras() {
  const { router, session } = useDesk();
  const { catalogue } = useRoom();
  const t = useDict();
  const user = useStore(session.user);
  const { path } = useStore(router.where);
  // They may have been added on the page that was left.
  useEffect(() => void catalogue.load(), [catalogue, path]);
  if (!user || !may(user, "moderator", "/cameras")) return <Note text={t.tile.noCameras} />;
  if (path !== "/") return null;
  return (
    <Note text={t.banner.noCameras}>
      <a href="#/cameras/import">{t.banner.importCameras}</a>
      <a href="#/cameras/new">{t.banner.addCamera}</a>
    </Note>
  );
}

function Note({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="banner banner-note" role="status">
      <Icon name="refused" />
      <span>{text}</span>
      {children}
    </div>
  );
}

function next(t: Dict, state: SocketState): string {
  if (state.phase !== "waiting" || state.retryAt === undefined) return t.banner.connecting;
  return t.banner.retry(secondsUntil(state.retryAt, browserClock.now()));
}

/** Worth saying only where it is not the loss itself. */
function reason(t: Dict, state: SocketState): string {
  return state.code === "server.stopping" || state.code === "signaling.too_many" ? words(t, state.code) : "";
}

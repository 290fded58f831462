import { timeOfDay } from "../i18n";
import { useDesk, useDict, useRoom } from "./context";
import { useStore, useTicking } from "./hooks";
import { Icon } from "./Icon";
import { LanguageSwitch } from "./LanguageSwitch";
import { Logo } from "./Logo";
import { Menu } from "./Menu";

interface BarProps {
  onCameras: () => void;
  onHelp: () => void;
}

/** The line above the wall: the list of cameras, how many views are used, the gateway's clock, who sits here. A screen on a wall has no account to show. */
export function Bar({ onCameras, onHelp }: BarProps) {
  const { session } = useDesk();
  const { user } = useRoom();
  const t = useDict();
  const screen = user.kind === "device";
  const name = screen ? user.name : [user.last_name, user.first_name].filter(Boolean).join(" ") || user.login;
  return (
    <header class="bar">
      {!screen && <Menu />}
      <span class="brand">
        <Logo />
        <span class="brand-name">{t.title}</span>
      </span>
      <button type="button" class="button-bar" data-act="cameras" onClick={onCameras}>
        <Icon name="cameras" />
        <span>{t.bar.cameras}</span>
      </button>
      <ViewCount />
      <span class="space" />
      <GatewayClock />
      <button
        type="button"
        class="button-icon"
        title={`${t.bar.keys} (?)`}
        aria-label={t.bar.keys}
        data-act="help"
        onClick={onHelp}
      >
        <Icon name="keys" />
      </button>
      <LanguageSwitch />
      <span class="user" title={screen ? undefined : user.login}>
        {name}
      </span>
      {!screen && (
        <button
          type="button"
          class="button-icon"
          title={t.bar.signOut}
          aria-label={t.bar.signOut}
          data-act="sign-out"
          onClick={() => void session.signOut()}
        >
          <Icon name="out" />
        </button>
      )}
    </header>
  );
}

function ViewCount() {
  const { budget, socket } = useRoom();
  const t = useDict();
  const used = useStore(budget.used);
  const limit = useStore(socket.limit);
  if (used === undefined || limit === undefined) return null;
  return (
    <span class={used >= limit ? "views views-full" : "views"} title={t.bar.viewsTitle}>
      <span class="views-long">{t.bar.views(used, limit)}</span>
      <span class="views-short" aria-hidden="true">{`${used}/${limit}`}</span>
    </span>
  );
}

function GatewayClock() {
  const { socket } = useRoom();
  const t = useDict();
  const { phase, blocked } = useStore(socket.state);
  const away = blocked ? t.bar.blocked : t.bar.offline;
  useTicking(500);
  const now = socket.time();
  return (
    <span class="clock" title={t.bar.clock}>
      <span class={phase === "online" ? "link link-there" : "link link-away"}>
        <Icon name={phase === "online" ? "live" : "unlinked"} />
        <span class="link-word">{phase === "online" ? t.bar.online : away}</span>
      </span>
      <time>{timeOfDay(now, now)}</time>
    </span>
  );
}

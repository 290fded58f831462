import { useEffect, useId, useRef } from "preact/hooks";
import type { LoggedEvent } from "../../api/events";
import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import { useWords } from "../context";
import type { Rows } from "../state/rows";
import { Filter } from "../ui/Filter";
import { logWords } from "../words/log";
import { cameraName, nameOf } from "./columns";

/** Narrows the log by what happened, when, to whom and at which camera. */
export function Filters({ rows }: { rows: Rows<LoggedEvent> }) {
  const t = useWords(logWords);
  const families = Object.entries(t.families);
  const kinds = Object.entries(t.kinds);
  const choices = families.flatMap(([family, name]) => [
    { value: family, name },
    ...kinds.filter(([kind]) => kind.startsWith(family)).map(([value, text]) => ({ value, name: `\u2003${text}` })),
  ]);
  return (
    <>
      <Filter rows={rows} name="kind" label={t.kind} any={t.anyKind} choices={choices} />
      <Moment rows={rows} name="from" label={t.from} />
      <Moment rows={rows} name="to" label={t.to} />
      <Chosen rows={rows} name="user" />
      <Chosen rows={rows} name="camera" />
    </>
  );
}

/** A moment in this computer's time; the filter has it in UTC. */
function Moment({ rows, name, label }: { rows: Rows<LoggedEvent>; name: "from" | "to"; label: string }) {
  const id = useId();
  const { filters } = useStore(rows.query);
  const value = filters[name]?.[0] ?? "";
  const change = (text: string) => {
    const at = new Date(text);
    void rows.filter(name, text === "" || Number.isNaN(at.getTime()) ? [] : [at.toISOString()]);
  };
  return (
    <span class="moment">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="datetime-local"
        name={name}
        value={local(value)}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </span>
  );
}

/** 2026-11-22T14:05 here, of a moment in UTC. */
function local(at: string): string {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return "";
  const t = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}T${two(t.getHours())}:${two(t.getMinutes())}`;
}

/** The person or camera that the list is narrowed to, by the name that its events have. */
function Chosen({ rows, name }: { rows: Rows<LoggedEvent>; name: "user" | "camera" }) {
  const t = useWords(logWords);
  const { filters } = useStore(rows.query);
  const { items } = useStore(rows.state);
  const id = filters[name]?.[0];
  const last = useRef({ id: "", called: "" });
  const found = id === undefined ? "" : called(items, name, id);
  if (id !== undefined && found !== "") last.current = { id, called: found };
  useEffect(() => {
    if (id === undefined) last.current = { id: "", called: "" };
  }, [id]);
  if (id === undefined) return null;
  const text = last.current.id === id ? last.current.called : "…";
  return (
    <span class="tag" data-filter={name}>
      {name === "user" ? t.person(text) : t.cameraIs(text)}
      <button
        type="button"
        class="tag-remove"
        aria-label={`${t.drop}: ${text}`}
        title={t.drop}
        onClick={() => void rows.filter(name, [])}
      >
        <Icon name="close" />
      </button>
    </span>
  );
}

function called(items: readonly LoggedEvent[], name: "user" | "camera", id: string): string {
  for (const e of items) {
    if (name === "camera" && e.camera.id === id) return cameraName(e.camera);
    if (name === "user" && e.actor.id === id) return nameOf(e.actor);
    if (name === "user" && e.user.id === id) return nameOf(e.user);
  }
  return "";
}

import type { LoggedEvent } from "../../api/events";
import { useMoments, useTelling, useWords } from "../context";
import type { Rows } from "../state/rows";
import type { Column } from "../ui/Table";
import { logWords } from "../words/log";

type Person = LoggedEvent["actor"];

/** Somebody's name as the log keeps it; empty for nobody. */
export const nameOf = ({ name, login }: Person) => name || login;

export const cameraName = ({ number, name }: LoggedEvent["camera"]) =>
  [number > 0 ? String(number) : "", name].filter(Boolean).join(" ");

/** The log's columns. Persons and cameras in it narrow the list to themselves. */
export function useColumns(rows: Rows<LoggedEvent>): Column<LoggedEvent>[] {
  const t = useWords(logWords);
  const { exact } = useMoments();
  const whom = (p: Person) => (
    <button
      type="button"
      class="button-link"
      title={t.onlyPerson(nameOf(p))}
      onClick={() => void rows.filter("user", [p.id])}
    >
      {nameOf(p)}
    </button>
  );
  const shown = (p: Person) => (p.id === "" ? nameOf(p) : whom(p));
  return [
    { id: "at", name: t.when, sort: "id", looks: "tight", keep: "narrow", cell: (e) => exact(e.at) },
    {
      id: "what",
      name: t.what,
      looks: "grow",
      keep: "narrow",
      cell: (e) => (
        <>
          <What event={e} />
          <span class="under only-narrow">
            {[nameOf(e.actor), nameOf(e.user), cameraName(e.camera)].filter(Boolean).join(" · ")}
          </span>
        </>
      ),
    },
    {
      id: "who",
      name: t.who,
      cell: (e) => (
        <>
          {nameOf(e.actor) === "" ? (
            nameOf(e.user) === "" ? (
              <span class="soft">{t.server}</span>
            ) : null
          ) : (
            shown(e.actor)
          )}
          {nameOf(e.user) !== "" && (
            <span class={nameOf(e.actor) === "" ? "" : "under"}>
              {nameOf(e.actor) === "" ? shown(e.user) : <>→ {shown(e.user)}</>}
            </span>
          )}
        </>
      ),
    },
    {
      id: "camera",
      name: t.camera,
      cell: (e) =>
        e.camera.id !== "" && (
          <button
            type="button"
            class="button-link"
            title={t.onlyCamera(cameraName(e.camera))}
            onClick={() => void rows.filter("camera", [e.camera.id])}
          >
            {cameraName(e.camera) || e.camera.id}
          </button>
        ),
    },
    {
      id: "remote",
      name: t.remote,
      looks: "tight",
      cell: (e) => [e.remote, e.transport.toUpperCase()].filter(Boolean).join(" · "),
    },
  ];
}

/** What happened, with why, how long and which fields. */
function What({ event }: { event: LoggedEvent }) {
  const t = useWords(logWords);
  const tell = useTelling();
  const more: string[] = [];
  const [, state = ""] = event.kind === "camera.state" ? event.note.split(" ") : [];
  if (state !== "") more.push(t.states[state] ?? state);
  if (event.code !== "")
    more.push(t.reasons[event.code] ?? (event.kind === "server.failed" ? event.code : tell.code(event.code)));
  if (event.fields.length > 0) more.push(event.fields.map((f) => t.fields[f] ?? f).join(", "));
  if (event.note !== "" && state === "") more.push(event.note);
  if (event.lasted_ms > 0) more.push(t.lasted(event.lasted_ms));
  if (event.times > 1) more.push(t.times(event.times));
  return (
    <span class="happened" data-kind={event.kind}>
      <span class="happened-kind">{t.kinds[event.kind] ?? event.kind}</span>
      {more.length > 0 && <span class="happened-more"> · {more.join(" · ")}</span>}
    </span>
  );
}

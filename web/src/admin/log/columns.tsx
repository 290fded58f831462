import type { LoggedEvent } from "../../api/events";
import { useMoments, useWords } from "../context";
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
  const { exact, since } = useMoments();
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
    {
      id: "at",
      name: t.when,
      sort: "id",
      looks: "tight",
      keep: "narrow",
      cell: (e) => (
        <>
          <span class="not-narrow">{exact(e.at)}</span>
          <span class="only-narrow">{since(e.at)}</span>
        </>
      ),
    },
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
            <span class={nameOf(e.actor) === "" ? "" : "under whom"}>
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
      cell: (e) => [e.remote, spelled[e.transport] ?? e.transport].filter(Boolean).join(" · "),
    },
  ];
}

const spelled: Readonly<Record<string, string>> = { webrtc: "WebRTC", hls: "HLS" };

/** What happened, with why, how long and which fields. */
function What({ event }: { event: LoggedEvent }) {
  const t = useWords(logWords);
  const more = [why(t, event), event.fields.map((f) => t.fields[f] ?? f).join(", "), note(t, event)];
  if (event.lasted_ms > 0) more.push(t.lasted(event.lasted_ms));
  if (event.times > 1) more.push(t.times(event.times));
  const told = more.filter(Boolean);
  return (
    <span class="happened" data-kind={event.kind}>
      <span class="happened-kind">{t.kinds[event.kind] ?? event.kind}</span>
      {told.length > 0 && <span class="happened-more"> · {told.join(" · ")}</span>}
    </span>
  );
}

type Words = typeof logWords.en;

function why(t: Words, { code }: LoggedEvent): string {
  if (code === "") return "";
  return t.reasons[code] ?? t.codes(code);
}

/** A note of the gateway's, in the reader's language where it is of a form that is known. */
function note(t: Words, { kind, note: text }: LoggedEvent): string {
  if (kind === "camera.state") {
    const state = text.split(" ").pop() ?? "";
    return t.states[state] ?? text;
  }
  if (kind === "probe.started") return t.toTest(Number(text));
  const shown = /^(\d+) \/ (\d+)$/.exec(kind === "probe.ended" ? text : "");
  if (shown) return t.shown(shown[1] ?? "", shown[2] ?? "");
  const group = /^group (".*")$/.exec(text)?.[1];
  if (group !== undefined) return t.group(unquoted(group));
  const token = /^token (.*)$/.exec(text)?.[1];
  if (token !== undefined) return t.token(token);
  const opened = /^camera (\S+) was opened at (.*)$/.exec(text);
  if (opened) return t.opened(opened[1] ?? "", opened[2] ?? "");
  return t.notes[text] ?? text;
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

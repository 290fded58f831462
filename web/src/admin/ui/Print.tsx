import { useEffect, useState } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { useMoments, useShell, useTelling, useUser, useWords } from "../context";
import type { Rows } from "../state/rows";
import { common } from "../words/common";
import type { Column } from "./Table";

interface PrintProps<T> {
  rows: Rows<T>;
  title: string;
  columns: readonly Column<T>[];
  id: (row: T) => string;
}

/** A button that prints the whole list as it is searched, filtered and sorted: every page of it, not the one on the screen. */
export function Print<T>({ rows, title, columns, id }: PrintProps<T>) {
  const t = useWords(common);
  const shell = useShell();
  const tell = useTelling();
  const user = useUser();
  const { full } = useMoments();
  const [busy, setBusy] = useState(false);
  const print = async () => {
    setBusy(true);
    const all = await rows.all();
    setBusy(false);
    if (!all.ok) return shell.say(tell.problem(all), "failed");
    shell.paper.set(
      <>
        <h1>{title}</h1>
        <p>{t.printed(full(new Date().toISOString()), user.name || user.login)}</p>
        <table class="table">
          <thead>
            <tr>
              {columns.map((c) => (
                <th key={c.id} scope="col">
                  {c.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {all.value.map((row) => (
              <tr key={id(row)}>
                {columns.map((c) => (
                  <td key={c.id}>{c.cell(row)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </>,
    );
  };
  return (
    <button type="button" class="button-quiet" data-act="print" disabled={busy} onClick={() => void print()}>
      {busy ? t.loading : t.print}
    </button>
  );
}

/** What goes to the printer, beside the app, which is left out then. */
export function Paper() {
  const { paper } = useShell();
  const sheet = useStore(paper);
  useEffect(() => {
    if (!sheet) return;
    const done = () => paper.set(undefined);
    document.body.classList.add("printing");
    addEventListener("afterprint", done);
    window.print();
    return () => {
      removeEventListener("afterprint", done);
      document.body.classList.remove("printing");
    };
  }, [sheet]);
  return sheet ? <div class="paper">{sheet}</div> : null;
}

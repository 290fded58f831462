import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { useMoments, useShell, useTelling, useWords } from "../context";
import type { Rows } from "../state/rows";
import type { Selection } from "../state/selection";
import { common } from "../words/common";

interface ChosenProps<T> {
  rows: Rows<T>;
  selection: Selection;
  id: (row: T) => string;
  /** Which rows may be selected; all, if it is not said. */
  selectable?: (row: T) => boolean;
  /** What can be done with the selected rows. */
  children: ComponentChildren;
}

/** The line over a table while rows are selected: how many, what can be done with them, and the way to take all that match. */
export function Chosen<T>({ rows, selection, id, selectable, children }: ChosenProps<T>) {
  const t = useWords(common);
  const shell = useShell();
  const tell = useTelling();
  const { number } = useMoments();
  const ids = useStore(selection.ids);
  const { total } = useStore(rows.state);
  const [busy, setBusy] = useState(false);
  if (ids.size === 0) return null;
  const all = async () => {
    setBusy(true);
    const found = await rows.all();
    setBusy(false);
    if (found.ok) selection.mark((selectable ? found.value.filter(selectable) : found.value).map(id), "in");
    else shell.say(tell.problem(found), "failed");
  };
  return (
    <div class="chosen">
      <strong role="status">{t.table.selected(number(ids.size))}</strong>
      {ids.size < total && (
        <button type="button" class="button-link" data-act="select-all" disabled={busy} onClick={() => void all()}>
          {t.table.selectAll(number(total))}
        </button>
      )}
      <button type="button" class="button-link" onClick={() => selection.clear()}>
        {t.table.clearSelection}
      </button>
      <span class="space" />
      {children}
    </div>
  );
}

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import { useMoments, useTelling, useWords } from "../context";
import { useRows } from "../hooks";
import { common } from "../words/common";
import { Search } from "./Search";

interface ChooseProps<T> {
  /** The list to choose from, in the API. */
  path: string;
  sort?: string;
  label: string;
  search: string;
  id: (row: T) => string;
  name: (row: T) => string;
  /** Said beside the name. */
  more?: (row: T) => ComponentChildren;
  chosen: readonly T[];
  onChange: (chosen: T[]) => void;
}

const shown = 50; // rows; of a longer list the search finds the rest

/** Chooses some of a long list: a search, boxes to tick, and what was ticked so far. */
export function Choose<T>({ path, sort = "", label, search, id, name, more, chosen, onChange }: ChooseProps<T>) {
  const t = useWords(common);
  const tell = useTelling();
  const { number } = useMoments();
  const key = useId();
  const rows = useRows<T>(path, { sort, limit: shown });
  const { items, total, phase, problem } = useStore(rows.state);
  const has = (row: T) => chosen.some((c) => id(c) === id(row));
  const drop = (row: T) => onChange(chosen.filter((c) => id(c) !== id(row)));
  return (
    <fieldset class="choose">
      <legend>{label}</legend>
      {chosen.length > 0 && (
        <div class="choose-chosen">
          {chosen.map((row) => (
            <span key={id(row)} class="tag">
              {name(row)}
              <button
                type="button"
                class="tag-remove"
                aria-label={`${t.remove}: ${name(row)}`}
                title={t.remove}
                onClick={() => drop(row)}
              >
                <Icon name="close" />
              </button>
            </span>
          ))}
        </div>
      )}
      <Search rows={rows} label={search} />
      <ul class="choose-rows" aria-busy={phase === "loading"}>
        {items.map((row) => (
          <li key={id(row)}>
            <input
              type="checkbox"
              id={`${key}-${id(row)}`}
              checked={has(row)}
              onChange={(event) => (event.currentTarget.checked ? onChange([...chosen, row]) : drop(row))}
            />
            <label for={`${key}-${id(row)}`}>
              {name(row)}
              {more && <span class="choose-more">{more(row)}</span>}
            </label>
          </li>
        ))}
        {phase === "there" && items.length === 0 && <li class="hint">{t.table.nothing}</li>}
        {phase === "failed" && problem && <li class="fault">{tell.problem(problem)}</li>}
        {total > items.length && <li class="hint">{t.table.range("1", number(items.length), number(total))}</li>}
      </ul>
    </fieldset>
  );
}

import { useStore } from "../../ui/hooks";
import type { Rows } from "../state/rows";
import type { Choice } from "./Fields";

interface FilterProps<T> {
  rows: Rows<T>;
  /** The filter's name in the API. */
  name: string;
  label: string;
  /** What stands there while it narrows nothing. */
  any: string;
  choices: readonly Choice[];
}

/** Narrows a list to one value. */
export function Filter<T>({ rows, name, label, any, choices }: FilterProps<T>) {
  const { filters } = useStore(rows.query);
  const value = filters[name]?.[0] ?? "";
  // What the address asks for may not be among what is known yet.
  const unlisted = value !== "" && !choices.some((c) => c.value === value);
  return (
    <span class="filter" data-filter={name} data-on={value !== ""}>
      <select
        aria-label={label}
        value={value}
        onChange={(event) =>
          void rows.filter(name, event.currentTarget.value === "" ? [] : [event.currentTarget.value])
        }
      >
        <option value="">{any}</option>
        {unlisted && <option value={value}>{value}</option>}
        {choices.map((c) => (
          <option key={c.value} value={c.value}>
            {c.name}
          </option>
        ))}
      </select>
    </span>
  );
}

import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import type { Rows } from "../state/rows";

/** The search field above a list. */
export function Search<T>({ rows, label }: { rows: Rows<T>; label: string }) {
  const { q } = useStore(rows.query);
  return (
    <div class="find">
      <Icon name="search" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        autocomplete="off"
        spellcheck={false}
        maxLength={200}
        value={q}
        onInput={(event) => rows.search(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") void rows.load();
        }}
      />
    </div>
  );
}

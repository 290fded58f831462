import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { useMoments, useTelling, useWords } from "../context";
import type { Rows } from "../state/rows";
import type { Selection } from "../state/selection";
import { common } from "../words/common";

export interface Column<T> {
  id: string;
  name: string;
  /** The field that the gateway sorts by; none: not sortable. */
  sort?: string;
  cell: (row: T) => ComponentChildren;
  /** Extra looks: "number" sets figures right, "grow" takes the room that is left, "tight" never wraps. */
  looks?: "number" | "grow" | "tight";
  /** On a narrow screen: hidden unless it says "narrow". */
  keep?: "narrow";
  /** "unseen": the name is for those alone who hear the page. */
  head?: "unseen";
}

interface TableProps<T extends object> {
  label: string;
  rows: Rows<T>;
  columns: readonly Column<T>[];
  id: (row: T) => string;
  /** What a row is called, for the box that selects it. */
  called?: (row: T) => string;
  selection?: Selection;
  /** Which rows may be selected; all, if it is not said. */
  selectable?: (row: T) => boolean;
  /** Said when the list is empty though nothing narrows it. */
  empty?: ComponentChildren;
}

/** A list as a table: the gateway sorts and pages, the header sorts by mouse and keyboard, rows may be selected across pages. */
export function Table<T extends object>({
  label,
  rows,
  columns,
  id,
  called,
  selection,
  selectable,
  empty,
}: TableProps<T>) {
  const t = useWords(common);
  const { items, phase, problem } = useStore(rows.state);
  const { sort, q, filters } = useStore(rows.query);
  const { problem: tell } = useTelling();
  const narrowed = q.trim() !== "" || Object.keys(filters).length > 0;
  return (
    <div class="table-box" data-phase={phase}>
      <table class="table" aria-label={label} aria-busy={phase === "loading"}>
        <thead>
          <tr>
            {selection && (
              <th class="cell-box" scope="col">
                <PageBox items={selectable ? items.filter(selectable) : items} id={id} selection={selection} />
              </th>
            )}
            {columns.map((column) => (
              <Header key={column.id} column={column} sort={sort} onSort={(field) => void rows.sortBy(field)} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.map((row) => (
            <Row
              key={id(row)}
              row={row}
              id={id(row)}
              columns={columns}
              selection={selection}
              fixed={selectable !== undefined && !selectable(row)}
              name={called?.(row) ?? id(row)}
            />
          ))}
        </tbody>
      </table>
      {phase === "failed" && problem && (
        <div class="table-note" role="alert">
          <p>
            {t.table.failed} {tell(problem)}
          </p>
          <button type="button" class="button-quiet" onClick={() => void rows.again()}>
            {t.reload}
          </button>
        </div>
      )}
      {phase === "loading" && items.length === 0 && (
        <p class="table-note" role="status">
          {t.loading}
        </p>
      )}
      {phase === "there" && items.length === 0 && (
        <div class="table-note" role="status">
          {narrowed ? <p>{t.table.nothing}</p> : (empty ?? <p>{t.table.empty}</p>)}
          {narrowed && (
            <button type="button" class="button-quiet" onClick={() => void rows.clear()}>
              {t.table.clear}
            </button>
          )}
        </div>
      )}
      <Pager rows={rows} />
    </div>
  );
}

function classOf<T>(column: Column<T>): string {
  return [column.looks && `cell-${column.looks}`, column.keep ? "" : "cell-wide"].filter(Boolean).join(" ");
}

interface HeaderProps<T> {
  column: Column<T>;
  sort: string;
  onSort: (field: string) => void;
}

function Header<T>({ column, sort, onSort }: HeaderProps<T>) {
  const field = column.sort;
  // A column of buttons has no name; a cell that heads nothing is no header.
  if (column.name === "") return <td class={classOf(column)} />;
  if (field === undefined) {
    return (
      <th scope="col" class={classOf(column)}>
        {column.head ? <span class="unseen">{column.name}</span> : column.name}
      </th>
    );
  }
  const order = sort === field ? "ascending" : sort === `-${field}` ? "descending" : "none";
  return (
    <th scope="col" class={classOf(column)} aria-sort={order}>
      <button type="button" class="sorter" data-sort={field} onClick={() => onSort(field)}>
        {column.name}
        <span class="sorter-mark" aria-hidden="true">
          {order === "ascending" ? "▲" : order === "descending" ? "▼" : ""}
        </span>
      </button>
    </th>
  );
}

interface RowProps<T> {
  row: T;
  id: string;
  name: string;
  columns: readonly Column<T>[];
  selection: Selection | undefined;
  /** It can't be selected. */
  fixed: boolean;
}

function Row<T>({ row, id, name, columns, selection, fixed }: RowProps<T>) {
  return (
    <tr data-row={id}>
      {selection && (fixed ? <td class="cell-box" /> : <RowBox id={id} name={name} selection={selection} />)}
      {columns.map((column) => (
        <td key={column.id} class={classOf(column)} data-column={column.id}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function RowBox({ id, name, selection }: { id: string; name: string; selection: Selection }) {
  const t = useWords(common);
  const chosen = useStore(selection.ids).has(id);
  return (
    <td class="cell-box">
      <input
        type="checkbox"
        aria-label={t.table.select(name)}
        checked={chosen}
        onChange={(event) => selection.mark([id], event.currentTarget.checked ? "in" : "out")}
      />
    </td>
  );
}

interface PageBoxProps<T> {
  items: readonly T[];
  id: (row: T) => string;
  selection: Selection;
}

function PageBox<T>({ items, id, selection }: PageBoxProps<T>) {
  const t = useWords(common);
  useStore(selection.ids);
  const ids = items.map(id);
  const how = selection.of(ids);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = how === "some";
  }, [how]);
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={t.table.selectPage}
      checked={how === "all"}
      disabled={ids.length === 0}
      onChange={() => selection.mark(ids, how === "all" ? "out" : "in")}
    />
  );
}

/** Which rows are shown, of how many, and the way to the others. */
function Pager<T>({ rows }: { rows: Rows<T> }) {
  const t = useWords(common);
  const { number } = useMoments();
  const { items, total, page, more, phase } = useStore(rows.state);
  if (items.length === 0) return null;
  const from = page * rows.limit + 1;
  const one = page === 0 && more === "last";
  return (
    <div class="pager">
      <span role="status">
        {one
          ? t.table.total(number(total), total)
          : t.table.range(number(from), number(from + items.length - 1), number(total))}
      </span>
      {!one && (
        <span class="pager-buttons">
          <button
            type="button"
            class="button-quiet"
            data-act="previous"
            disabled={page === 0 || phase === "loading"}
            onClick={() => void rows.previous()}
          >
            <span aria-hidden="true">‹</span> {t.table.previous}
          </button>
          <button
            type="button"
            class="button-quiet"
            data-act="next"
            disabled={more === "last" || phase === "loading"}
            onClick={() => void rows.next()}
          >
            {t.table.next} <span aria-hidden="true">›</span>
          </button>
        </span>
      )}
    </div>
  );
}

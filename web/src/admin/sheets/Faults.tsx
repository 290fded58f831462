import type { JudgedRow } from "../../api/sheets";
import { useTelling, useWords } from "../context";
import { sheetsWords } from "../words/sheets";

/** Puts what a row comes to into words. */
export function useOutcomes(): {
  /** What is wrong with its cells, one by one. */
  faults: (row: JudgedRow) => { cell: string; field: string; text: string }[];
  /** Everything that is said of it, in one text, for searching and for paper. */
  text: (row: JudgedRow) => string;
} {
  const t = useWords(sheetsWords);
  const tell = useTelling();
  const titles: Record<string, string> = t.fields;
  const cells: Record<string, string> = t.cells;
  const title = (field: string) => titles[field] ?? field;
  const faults = ({ errors }: JudgedRow) =>
    errors.map(({ field, cell, code, item }) => ({
      cell,
      field: item > 0 ? `${title(field)}, ${t.item(item)}` : title(field),
      text: Object.hasOwn(cells, code) ? (cells[code] ?? "") : tell.fault(code),
    }));
  const text = (row: JudgedRow) => {
    const said = faults(row).map((f) => `${f.cell} ${f.field}: ${f.text}`);
    if (row.verdict === "changed") said.push(t.changes(row.fields.map(title).join(", ")));
    if (row.verdict === "duplicate") said.push(t.repeats(row.of));
    return said.join("; ");
  };
  return { faults, text };
}

/** What a row changes, or why it can't be taken. */
export function Why({ row }: { row: JudgedRow }) {
  const t = useWords(sheetsWords);
  const { faults, text } = useOutcomes();
  if (row.verdict !== "wrong") return <>{text(row)}</>;
  return (
    <ul class="faults">
      {faults(row).map(({ cell, field, text: what }) => (
        <li key={`${cell}${field}${what}`}>
          {cell !== "" && <b class="cell-name">{cell}</b>} {field}: {what}
          {cell === "" && <span class="hint"> ({t.noColumn})</span>}
        </li>
      ))}
    </ul>
  );
}

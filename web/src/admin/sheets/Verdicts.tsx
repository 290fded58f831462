import { useEffect, useMemo } from "preact/hooks";
import type { ImportReport, JudgedRow, Verdict } from "../../api/sheets";
import { browserClock } from "../../base/clock";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { Icon, type IconName } from "../../ui/Icon";
import { useMoments, useWords } from "../context";
import { noQuery, Rows } from "../state/rows";
import { Print } from "../ui/Print";
import { Search } from "../ui/Search";
import { type Column, Table } from "../ui/Table";
import { sheetsWords } from "../words/sheets";
import { Addresses, Legend } from "./Address";
import { useOutcomes, Why } from "./Faults";
import { doubtful, first, VerdictList, verdicts } from "./judged";

const icons: Record<Verdict, IconName> = {
  wrong: "stale",
  duplicate: "swap",
  new: "empty",
  changed: "connecting",
  unchanged: "done",
};

/** Every row of a sheet with what it comes to: narrowed by verdict and by text, page by page. */
export function Verdicts({ report, title }: { report: ImportReport; title: string }) {
  const t = useWords(sheetsWords);
  const { text } = useOutcomes();
  const rows = useMemo(() => {
    const list = new VerdictList(report.rows, (row) => wordsOf(row, text(row)));
    const begin = report.applied ? undefined : first(report);
    return new Rows<JudgedRow>({
      client: list,
      clock: browserClock,
      path: "/rows",
      query: { ...noQuery, sort: "row", filters: begin ? { verdict: [begin] } : {} },
    });
  }, [report, t]);
  useEffect(() => {
    void rows.load();
    return () => rows.stop();
  }, [rows]);
  const all = useColumns(report);
  const { filters } = useStore(rows.query);
  // There is nothing to say of rows that are new or as they were.
  const plain = ["new", "unchanged"].includes(filters.verdict?.[0] ?? "");
  const columns = plain ? all.filter((column) => column.id !== "why") : all;
  const id = (row: JudgedRow) => String(row.row);
  return (
    <section class="verdicts">
      <Tabs report={report} rows={rows} />
      <Doubts report={report} rows={rows} />
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Print rows={rows} title={title} columns={columns} id={id} />
      </div>
      <Legend />
      <Table label={title} rows={rows} columns={columns} id={id} />
    </section>
  );
}

/** What somebody may look for in a row. */
function wordsOf(row: JudgedRow, outcome: string): string {
  const addresses = [row.address, row.sub_address].flatMap((a) =>
    a ? [`${a.scheme}://${a.username}@${a.host}:${a.port}${a.path}`] : [],
  );
  return [row.number || "", row.name, ...addresses, outcome].join(" ");
}

/** How many rows have each verdict, big enough to be read across the desk; each narrows the list to them. */
function Tabs({ report, rows }: { report: ImportReport; rows: Rows<JudgedRow> }) {
  const t = useWords(sheetsWords);
  const { number } = useMoments();
  const { filters } = useStore(rows.query);
  const chosen = filters.verdict?.[0];
  const names = report.applied ? { ...t.verdicts, ...t.taken } : t.verdicts;
  const tab = (verdict: Verdict | undefined, count: number) => (
    <button
      key={verdict ?? "all"}
      type="button"
      class="verdict-tab"
      data-verdict={verdict ?? "all"}
      data-none={count === 0}
      aria-pressed={chosen === verdict}
      onClick={() => void rows.filter("verdict", verdict ? [verdict] : [])}
    >
      <b class="verdict-count">{number(count)}</b>
      <span class="verdict-name">
        {verdict && <Icon name={icons[verdict]} />}
        {names[verdict ?? "all"]}
      </span>
    </button>
  );
  return (
    <fieldset class="verdict-tabs">
      <legend class="unseen">{t.tabs}</legend>
      {verdicts.map((verdict) => tab(verdict, report[verdict]))}
      {tab(undefined, report.rows.length)}
    </fieldset>
  );
}

/** Says that some addresses should be looked at twice, and shows them. */
function Doubts({ report, rows }: { report: ImportReport; rows: Rows<JudgedRow> }) {
  const t = useWords(sheetsWords);
  const { filters } = useStore(rows.query);
  const count = useMemo(() => report.rows.filter(doubtful).length, [report]);
  if (count === 0 || report.applied) return null;
  const only = filters.doubt !== undefined;
  return (
    <p class="advice doubts">
      <Icon name="stale" /> <span>{t.doubtful(count)}</span>{" "}
      <button
        type="button"
        class="button-link"
        data-act="doubts"
        aria-pressed={only}
        onClick={() => void rows.ask({ ...noQuery, sort: "row", filters: only ? {} : { doubt: ["1"] } })}
      >
        {only ? t.verdicts.all : t.doubtfulOnly}
      </button>
    </p>
  );
}

function useColumns(report: ImportReport): Column<JudgedRow>[] {
  const t = useWords(sheetsWords);
  const verdictNames: Record<Verdict, string> = report.applied ? { ...t.verdict, ...t.did } : t.verdict;
  const outcome = (row: JudgedRow) => (
    <span class={`state verdict-${row.verdict}`}>
      <Icon name={icons[row.verdict]} />
      {verdictNames[row.verdict]}
    </span>
  );
  return [
    { id: "row", name: t.row, sort: "row", looks: "number", keep: "narrow", cell: (row) => row.row },
    { id: "number", name: t.number, sort: "number", looks: "number", cell: (row) => row.number || "" },
    {
      id: "name",
      name: t.name,
      sort: "name",
      keep: "narrow",
      cell: (row) => (
        <>
          <Name row={row} applied={report.applied} />
          <div class="only-narrow">
            {outcome(row)} <Why row={row} />
            <Addresses row={row} />
          </div>
        </>
      ),
    },
    { id: "outcome", name: t.outcome, looks: "tight", cell: outcome },
    { id: "why", name: t.why, cell: (row) => <Why row={row} /> },
    { id: "read", name: t.read, looks: "grow", cell: (row) => <Addresses row={row} /> },
  ];
}

/** A camera's name; that of one which is there leads to it, beside the import while that is going on. */
function Name({ row, applied }: { row: JudgedRow; applied: boolean }) {
  const t = useWords(sheetsWords);
  if (row.name === "" && row.id === "") return <span class="hint">{t.noName}</span>;
  const name = row.name || t.noName;
  if (row.id === "") return <>{name}</>;
  const href = `#${to("cameras", row.id)}`;
  return applied ? (
    <a href={href}>{name}</a>
  ) : (
    <a href={href} target="_blank" rel="noopener">
      {name}
    </a>
  );
}

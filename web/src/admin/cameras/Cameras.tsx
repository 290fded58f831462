import { useState } from "preact/hooks";
import type { CameraRecord, GroupRecord, TagCount } from "../../api/cameras";
import type { Page as PageOf } from "../../api/types";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useWords } from "../context";
import { useEvery, useRead, useRows } from "../hooks";
import { Export } from "../sheets/Export";
import { verdicts } from "../state/passport";
import type { Rows } from "../state/rows";
import { Selection } from "../state/selection";
import { Filter } from "../ui/Filter";
import { Page } from "../ui/Page";
import { Print } from "../ui/Print";
import { Search } from "../ui/Search";
import { type Column, Table } from "../ui/Table";
import { camerasWords } from "../words/cameras";
import { probeWords } from "../words/probe";
import { sheetsWords } from "../words/sheets";
import { Bulk } from "./Bulk";
import { Mark } from "./Mark";
import { State } from "./State";

const filters = ["state", "tag", "group", "transport", "passport"];
const lookEvery = 10_000; // ms: states change by themselves

/** All cameras of the gateway. */
export default function Cameras() {
  const t = useWords(camerasWords);
  const tests = useWords(probeWords);
  const s = useWords(sheetsWords);
  const rows = useRows<CameraRecord>("/cameras", { filters, sort: "number", address: "kept" });
  const [selection] = useState(() => new Selection());
  const [changes, setChanges] = useState(0);
  useEvery(lookEvery, () => void rows.again("quietly"));
  const columns = useColumns();
  const id = (c: CameraRecord) => c.id;
  return (
    <Page
      title={t.title}
      tools={
        <>
          <Print rows={rows} title={t.printed} columns={columns.filter((c) => c.id !== "views")} id={id} />
          <a class="button-quiet" href="#/cameras/import" data-act="import">
            {s.entry}
          </a>
          <Export />
          <a class="button-quiet" href="#/probes" data-act="probes">
            {tests.jobs.link}
          </a>
          <a class="button-main" href="#/cameras/new" data-act="add">
            {t.add}
          </a>
        </>
      }
    >
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Filters rows={rows} changes={changes} />
      </div>
      <Bulk
        rows={rows}
        selection={selection}
        onChanged={() => {
          setChanges(changes + 1);
          void rows.again();
        }}
      />
      <Table
        label={t.title}
        rows={rows}
        columns={columns}
        id={id}
        called={(c) => `${c.number} ${c.name}`}
        selection={selection}
        empty={
          <p>
            {t.empty} <a href="#/cameras/import">{s.title}</a>
          </p>
        }
      />
    </Page>
  );
}

function useColumns(): Column<CameraRecord>[] {
  const t = useWords(camerasWords);
  const tests = useWords(probeWords);
  const transports: Record<string, string> = t.transports;
  return [
    { id: "number", name: t.number, sort: "number", looks: "number", keep: "narrow", cell: (c) => c.number },
    {
      id: "name",
      name: t.name,
      sort: "name",
      looks: "grow",
      keep: "narrow",
      cell: (c) => (
        <>
          <a href={`#${to("cameras", c.id)}`}>{c.name}</a>
          {c.location !== "" && <span class="under only-narrow">{c.location}</span>}
        </>
      ),
    },
    { id: "location", name: t.location, sort: "location", cell: (c) => c.location },
    {
      id: "tags",
      name: t.tags,
      cell: (c) =>
        c.tags.map((tag) => (
          <span key={tag} class="tag">
            {tag}
          </span>
        )),
    },
    { id: "state", name: t.state, sort: "state", keep: "narrow", cell: (c) => <State camera={c} /> },
    { id: "test", name: tests.column, looks: "tight", cell: (c) => c.passport && <Mark passport={c.passport} /> },
    { id: "views", name: t.views, looks: "number", cell: (c) => c.views || "" },
    { id: "transport", name: t.transport, looks: "tight", cell: (c) => transports[c.transport] ?? c.transport },
  ];
}

/** changes: how often cameras were changed here; the tags in use are read again then. */
function Filters({ rows, changes }: { rows: Rows<CameraRecord>; changes: number }) {
  const t = useWords(camerasWords);
  const tests = useWords(probeWords);
  const tags = useRead<PageOf<TagCount>>("/tags?limit=1000", changes);
  const groups = useRead<PageOf<GroupRecord>>("/groups?limit=1000&sort=name");
  useStore(rows.query);
  return (
    <>
      <Filter
        rows={rows}
        name="state"
        label={t.state}
        any={t.anyState}
        choices={Object.entries(t.states).map(([value, name]) => ({ value, name }))}
      />
      <Filter
        rows={rows}
        name="tag"
        label={t.tags}
        any={t.anyTag}
        choices={(tags?.items ?? []).map(({ tag, cameras }) => ({ value: tag, name: `${tag} (${cameras})` }))}
      />
      <Filter
        rows={rows}
        name="group"
        label={t.group}
        any={t.anyGroup}
        choices={(groups?.items ?? []).map((g) => ({ value: g.id, name: g.name }))}
      />
      <Filter
        rows={rows}
        name="transport"
        label={t.transport}
        any={t.anyTransport}
        choices={Object.entries(t.transports).map(([value, name]) => ({ value, name }))}
      />
      <Filter
        rows={rows}
        name="passport"
        label={tests.column}
        any={tests.anyMark}
        choices={[
          ...verdicts.map((value) => ({ value, name: tests.marks[value] })),
          { value: "none", name: tests.untested },
        ]}
      />
    </>
  );
}

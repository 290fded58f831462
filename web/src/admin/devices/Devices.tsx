import type { DeviceRecord } from "../../api/people";
import { deviceLabel } from "../../base/device";
import { to } from "../../route/where";
import { useMoments, useWords } from "../context";
import { useEvery, useRows } from "../hooks";
import { Page } from "../ui/Page";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { useLimits } from "../users/limit";
import { common } from "../words/common";
import { devicesWords } from "../words/devices";
import { Standing } from "./Standing";

const lookEvery = 10_000; // ms: screens sign in by themselves

/** All screens on walls. */
export default function Devices() {
  const t = useWords(devicesWords);
  const c = useWords(common);
  const { since } = useMoments();
  const limits = useLimits();
  const rows = useRows<DeviceRecord>("/devices", { sort: "name", address: "kept" });
  useEvery(lookEvery, () => void rows.again("quietly"));
  return (
    <Page
      title={t.title}
      tools={
        <a class="button-main" href="#/devices/new" data-act="add">
          {t.add}
        </a>
      }
    >
      <p class="hint page-hint">{t.text}</p>
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
      </div>
      <Table
        label={t.title}
        rows={rows}
        id={(d) => d.id}
        empty={<p>{t.empty}</p>}
        columns={[
          {
            id: "name",
            name: t.name,
            sort: "name",
            looks: "grow",
            keep: "narrow",
            cell: (d) => (
              <>
                <a href={`#${to("devices", d.id)}`}>{d.name}</a>
                {d.notes !== "" && <span class="under">{d.notes}</span>}
              </>
            ),
          },
          { id: "state", name: t.state, looks: "tight", keep: "narrow", cell: (d) => <Standing device={d} /> },
          {
            id: "seen",
            name: t.seen,
            sort: "seen_at",
            looks: "tight",
            cell: (d) => (d.seen_at ? since(d.seen_at) : c.never),
          },
          {
            id: "where",
            name: t.where,
            cell: (d) => [d.user_agent && deviceLabel(d.user_agent), d.remote].filter(Boolean).join(", "),
          },
          { id: "limit", name: t.limit, looks: "tight", cell: (d) => limits.say(d.views_limit) },
          {
            id: "sees",
            name: t.sees,
            looks: "tight",
            cell: (d) => (
              <a href={`#${to("people", d.id)}`} aria-label={`${t.sees}: ${d.name}`}>
                {t.sees}
              </a>
            ),
          },
        ]}
      />
    </Page>
  );
}

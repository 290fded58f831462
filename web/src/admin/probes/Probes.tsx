import { useState } from "preact/hooks";
import type { GroupRecord, TagCount } from "../../api/cameras";
import type { ProbesRecord } from "../../api/probe";
import type { Page as PageOf } from "../../api/types";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useMoments, useWords } from "../context";
import { useEvery, useRead, useRows } from "../hooks";
import { Form } from "../state/form";
import { Buttons, ChoiceField, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { Table } from "../ui/Table";
import { camerasWords } from "../words/cameras";
import { probeWords } from "../words/probe";
import { useStartProbes } from "./start";

const lookEvery = 3000; // ms: a test may run

/** Tests of many cameras: a new one, and those before. */
export default function Probes() {
  const { jobs: t } = useWords(probeWords);
  const cameras = useWords(camerasWords);
  return (
    <Page title={t.title} up={{ path: "/cameras", name: cameras.title }} narrow="narrow">
      <p class="lead">{t.lead}</p>
      <Start />
      <Recent />
    </Page>
  );
}

const nothing = { scope: "all", group: "", tag: "" };

function Start() {
  const { jobs: t } = useWords(probeWords);
  const tags = useRead<PageOf<TagCount>>("/tags?limit=1000");
  const groups = useRead<PageOf<GroupRecord>>("/groups?limit=1000&sort=name");
  const start = useStartProbes();
  const [form] = useState(() => new Form(nothing));
  const [busy, setBusy] = useState(false);
  const { scope, group, tag } = useStore(form.state).values;
  const send = async () => {
    if (busy) return;
    if (scope === "group" && group === "") return form.complain({ group: "required" });
    if (scope === "tag" && tag === "") return form.complain({ tag: "required" });
    setBusy(true);
    await start(scope === "group" ? { group } : scope === "tag" ? { tag } : {});
    setBusy(false);
  };
  const choices = Object.entries(t.scopes).map(([value, name]) => ({ value, name }));
  const none = { value: "", name: "—" };
  return (
    <FormBox form={form} label={t.start} onSubmit={() => void send()}>
      <section class="panel">
        <div class="fields">
          <ChoiceField form={form} name="scope" label={t.what} choices={choices} />
          {scope === "group" && (
            <ChoiceField
              form={form}
              name="group"
              label={t.group}
              choices={[none, ...(groups?.items ?? []).map((g) => ({ value: g.id, name: g.name }))]}
            />
          )}
          {scope === "tag" && (
            <ChoiceField
              form={form}
              name="tag"
              label={t.tag}
              choices={[none, ...(tags?.items ?? []).map((x) => ({ value: x.tag, name: `${x.tag} (${x.cameras})` }))]}
            />
          )}
        </div>
        <div class="panel-buttons">
          <Buttons form={form} save={t.start} />
        </div>
      </section>
    </FormBox>
  );
}

function Recent() {
  const { jobs: t } = useWords(probeWords);
  const { full, number } = useMoments();
  const rows = useRows<ProbesRecord>("/probes");
  useEvery(lookEvery, () => void rows.again("quietly"));
  return (
    <section data-part="recent">
      <h2>{t.recent}</h2>
      <p class="hint">{t.recentHint}</p>
      <Table
        label={t.recent}
        rows={rows}
        id={(job) => job.id}
        empty={<p>{t.none}</p>}
        columns={[
          {
            id: "began",
            name: t.began,
            keep: "narrow",
            cell: (job) => <a href={`#${to("probes", job.id)}`}>{full(job.began_at)}</a>,
          },
          {
            id: "state",
            name: t.state,
            keep: "narrow",
            cell: (job) =>
              job.state === "running"
                ? `${t.states.running}: ${number(job.done)}/${number(job.of)}`
                : t.states[job.state],
          },
          { id: "of", name: t.of, looks: "number", cell: (job) => number(job.of) },
          { id: "well", name: t.wellOf, looks: "number", cell: (job) => number(job.well) },
          { id: "failed", name: t.failedOf, looks: "number", keep: "narrow", cell: (job) => number(job.failed) },
          { id: "by", name: t.by, cell: (job) => job.by },
        ]}
      />
    </section>
  );
}

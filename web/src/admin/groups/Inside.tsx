import { useState } from "preact/hooks";
import type { BulkOutcome, CameraRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { State } from "../cameras/State";
import { useShell, useTelling, useWords } from "../context";
import { useRows } from "../hooks";
import { Selection } from "../state/selection";
import { Box } from "../ui/Box";
import { Choose } from "../ui/Choose";
import { Chosen } from "../ui/Chosen";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { camerasWords } from "../words/cameras";
import { common } from "../words/common";
import { groupsWords } from "../words/groups";

/** The cameras in a group; they are put in and taken out here. */
export function Inside({ group }: { group: string }) {
  const t = useWords(groupsWords);
  const c = useWords(camerasWords);
  const shell = useShell();
  const tell = useTelling();
  const rows = useRows<CameraRecord>(`/cameras?group=${encodeURIComponent(group)}`, { sort: "number" });
  const [selection] = useState(() => new Selection());
  const [putting, setPutting] = useState(false);
  const { total } = useStore(rows.state);
  const { q } = useStore(rows.query);
  const change = async (body: { ids: string[]; add_groups?: string[]; remove_groups?: string[] }) => {
    const done = await shell.client.request<BulkOutcome>("POST", "/cameras/bulk", body);
    if (!done.ok) {
      shell.say(tell.problem(done), "failed");
      return undefined;
    }
    for (const { code } of done.value.failed ?? []) shell.say(tell.code(code), "failed");
    void rows.again();
    return done.value.changed;
  };
  const take = async () => {
    const ids = [...selection.ids.value];
    const question = { title: t.takeTitle(ids.length), text: t.takeText, act: t.take };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const taken = await change({ ids, remove_groups: [group] });
    if (taken === undefined) return;
    selection.clear();
    shell.say(t.takeDone(taken));
  };
  const put = async (cameras: CameraRecord[]) => {
    const added = await change({ ids: cameras.map((camera) => camera.id), add_groups: [group] });
    if (added === undefined) return;
    setPutting(false);
    shell.say(t.putDone(added));
  };
  return (
    <section data-part="inside">
      <div class="part-head">
        <h2>{t.inside}</h2>
        <button type="button" class="button-quiet" data-act="put" onClick={() => setPutting(true)}>
          {t.put}
        </button>
      </div>
      {(total > 20 || q !== "") && (
        <div class="tools-line">
          <Search rows={rows} label={t.putSearch} />
        </div>
      )}
      <Chosen rows={rows} selection={selection} id={(camera) => camera.id}>
        <button type="button" class="button-danger" data-act="take" onClick={() => void take()}>
          {t.take}
        </button>
      </Chosen>
      <Table
        label={t.inside}
        rows={rows}
        id={(camera) => camera.id}
        called={(camera) => `${camera.number} ${camera.name}`}
        selection={selection}
        empty={<p>{t.insideEmpty}</p>}
        columns={[
          { id: "number", name: c.number, sort: "number", looks: "number", keep: "narrow", cell: (x) => x.number },
          {
            id: "name",
            name: c.name,
            sort: "name",
            looks: "grow",
            keep: "narrow",
            cell: (x) => <a href={`#${to("cameras", x.id)}`}>{x.name}</a>,
          },
          { id: "location", name: c.location, sort: "location", cell: (x) => x.location },
          { id: "state", name: c.state, keep: "narrow", cell: (x) => <State camera={x} /> },
        ]}
      />
      {putting && <Put onClose={() => setPutting(false)} onPut={put} />}
    </section>
  );
}

function Put({ onClose, onPut }: { onClose: () => void; onPut: (cameras: CameraRecord[]) => Promise<void> }) {
  const t = useWords(groupsWords);
  const c = useWords(common);
  const [cameras, setCameras] = useState<CameraRecord[]>([]);
  const [busy, setBusy] = useState(false);
  return (
    <Box title={t.putTitle} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (cameras.length === 0 || busy) return;
          setBusy(true);
          void onPut(cameras).then(() => setBusy(false));
        }}
      >
        <Choose<CameraRecord>
          path="/cameras"
          sort="number"
          label={t.cameras}
          search={t.putSearch}
          id={(x) => x.id}
          name={(x) => `${x.number} ${x.name}`}
          more={(x) => x.location}
          chosen={cameras}
          onChange={setCameras}
        />
        <div class="form-buttons">
          <button type="submit" class="button-main" disabled={busy || cameras.length === 0}>
            {t.put}
          </button>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </div>
      </form>
    </Box>
  );
}

import { useState } from "preact/hooks";
import type { BulkOutcome, CameraRecord, GroupRecord, TagCount } from "../../api/cameras";
import type { Page as PageOf } from "../../api/types";
import { useStore } from "../../ui/hooks";
import { useShell, useTelling, useWords } from "../context";
import { useRead } from "../hooks";
import { useStartProbes } from "../probes/start";
import { Form } from "../state/form";
import type { Rows } from "../state/rows";
import type { Selection } from "../state/selection";
import { Box } from "../ui/Box";
import { Chosen } from "../ui/Chosen";
import { Buttons, ChoiceField, Form as FormBox, Frame } from "../ui/Fields";
import { Tags } from "../ui/Tags";
import { camerasWords } from "../words/cameras";
import { common } from "../words/common";
import { probeWords } from "../words/probe";
import { useDelete } from "./remove";

interface BulkProps {
  rows: Rows<CameraRecord>;
  selection: Selection;
  /** Some cameras are other than they were, or gone. */
  onChanged: () => void;
}

const most = 1000; // ids in a request

/** What can be done with many cameras at once. */
export function Bulk({ rows, selection, onChanged }: BulkProps) {
  const t = useWords(camerasWords);
  const shell = useShell();
  const tests = useWords(probeWords);
  const start = useStartProbes();
  const remove = useDelete();
  const [open, setOpen] = useState(false);
  const count = useStore(selection.ids).size;
  const act = (fn: () => void) => () => (count > most ? shell.say(t.bulk.tooMany, "failed") : fn());
  return (
    <>
      <Chosen rows={rows} selection={selection} id={(c) => c.id}>
        <button type="button" class="button-quiet" data-act="change-many" onClick={act(() => setOpen(true))}>
          {t.bulk.change}
        </button>
        <button
          type="button"
          class="button-quiet"
          data-act="test-many"
          onClick={() => void start({ ids: [...selection.ids.value] })}
        >
          {tests.jobs.chosen}
        </button>
        <button
          type="button"
          class="button-danger"
          data-act="delete-many"
          onClick={act(() => {
            void remove.many([...selection.ids.value]).then((gone) => {
              selection.mark(gone, "out");
              if (gone.length > 0) onChanged();
            });
          })}
        >
          {t.bulk.delete}
        </button>
      </Chosen>
      {open && (
        <Change
          ids={[...selection.ids.value]}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            onChanged();
          }}
        />
      )}
    </>
  );
}

interface Changes {
  add_tags: string[];
  remove_tags: string[];
  add_group: string;
  remove_group: string;
  transport: string;
  sweep: string;
}

const nothing: Changes = { add_tags: [], remove_tags: [], add_group: "", remove_group: "", transport: "", sweep: "" };

interface ChangeProps {
  ids: string[];
  onClose: () => void;
  onDone: () => void;
}

/** Tags, groups, transport and sweep of many cameras. What is left empty stays as it is. */
function Change({ ids, onClose, onDone }: ChangeProps) {
  const t = useWords(camerasWords);
  const c = useWords(common);
  const shell = useShell();
  const [form] = useState(() => new Form<Changes>(nothing));
  const { values } = useStore(form.state);
  const tags = useRead<PageOf<TagCount>>("/tags?limit=1000");
  const groups = useRead<PageOf<GroupRecord>>("/groups?limit=1000&sort=name");
  const keep = { value: "", name: t.bulk.keep };
  const known = (tags?.items ?? []).map(({ tag }) => tag);
  const groupChoices = [keep, ...(groups?.items ?? []).map((g) => ({ value: g.id, name: g.name }))];
  const transports = Object.entries(t.transports).map(([value, name]) => ({ value, name }));
  const tellOutcome = useOutcome();
  const send = async () => {
    if (!form.dirty) return form.complain({ add_tags: "nothing_chosen" });
    const result = await form.submit((v) => {
      const set = {
        ...(v.transport === "" ? {} : { transport: v.transport }),
        ...(v.sweep === "" ? {} : { sweep: v.sweep === "on" }),
      };
      return shell.client.request<BulkOutcome>("POST", "/cameras/bulk", {
        ids,
        ...(Object.keys(set).length > 0 ? { set } : {}),
        ...(v.add_tags.length > 0 ? { add_tags: v.add_tags } : {}),
        ...(v.remove_tags.length > 0 ? { remove_tags: v.remove_tags } : {}),
        ...(v.add_group === "" ? {} : { add_groups: [v.add_group] }),
        ...(v.remove_group === "" ? {} : { remove_groups: [v.remove_group] }),
      });
    });
    if (!result?.ok) return;
    tellOutcome(result.value);
    onDone();
  };
  return (
    <Box title={t.bulk.title(ids.length)} onClose={onClose}>
      <FormBox form={form} onSubmit={() => void send()}>
        <Frame form={form} name="add_tags" label={t.bulk.addTags} hint={t.form.tagsHint}>
          {(wiring) => (
            <Tags {...wiring} tags={values.add_tags} known={known} onChange={(to) => form.set("add_tags", to)} />
          )}
        </Frame>
        <Frame form={form} name="remove_tags" label={t.bulk.removeTags}>
          {(wiring) => (
            <Tags {...wiring} tags={values.remove_tags} known={known} onChange={(to) => form.set("remove_tags", to)} />
          )}
        </Frame>
        <div class="fields">
          <ChoiceField form={form} name="add_group" label={t.bulk.addGroup} choices={groupChoices} />
          <ChoiceField form={form} name="remove_group" label={t.bulk.removeGroup} choices={groupChoices} />
          <ChoiceField form={form} name="transport" label={t.form.transport} choices={[keep, ...transports]} />
          <ChoiceField
            form={form}
            name="sweep"
            label={t.bulk.sweep}
            choices={[keep, { value: "on", name: c.yes }, { value: "off", name: c.no }]}
          />
        </div>
        <Buttons form={form} save={t.bulk.apply}>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </Buttons>
      </FormBox>
    </Box>
  );
}

/** Tells what a change of many came to, and why some could not be changed. */
export function useOutcome(): (outcome: BulkOutcome) => void {
  const c = useWords(common);
  const shell = useShell();
  const tell = useTelling();
  return ({ changed, unchanged, failed }) => {
    const parts = [c.bulk.done(changed)];
    if (unchanged > 0) parts.push(c.bulk.same(unchanged));
    const codes = [...new Set(failed.map((f) => f.code))].map((code) => tell.code(code));
    if (failed.length > 0) parts.push(c.bulk.failed(failed.length), ...codes);
    shell.say(parts.join(" "), failed.length > 0 ? "failed" : "done");
  };
}

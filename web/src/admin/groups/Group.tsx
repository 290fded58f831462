import { useEffect, useState } from "preact/hooks";
import type { GroupRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { WhoSees } from "../access/WhoSees";
import { usePart, useShell, useTelling, useWords } from "../context";
import { useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { Conflict } from "../ui/Conflict";
import { AreaField, Buttons, Form as FormBox, TextField } from "../ui/Fields";
import { Page } from "../ui/Page";
import { Unread } from "../ui/Unread";
import { groupsWords } from "../words/groups";
import { Inside } from "./Inside";
import { belongs, check, empty, type Values, valuesOf } from "./values";

/** One group: its name, the cameras in it, who has it. */
export default function Group() {
  const id = usePart("id");
  const t = useWords(groupsWords);
  const shell = useShell();
  const tell = useTelling();
  const [edit] = useState(() => {
    const path = to("groups", id);
    const body = (changes: Partial<Values>) => changes;
    return new Edit<GroupRecord, Values>({ client: shell.client, path, values: valuesOf, body, empty, belongs });
  });
  const { phase, thing, problem } = useStore(edit.state);
  useGuard(edit.form);
  useEffect(() => void edit.load(), [edit]);
  const up = { path: "/groups", name: t.short };
  if (!thing || phase !== "there") {
    return <Unread title={t.title} up={up} problem={problem} onAgain={() => void edit.load()} />;
  }
  const saved = () => shell.say(t.saved);
  const save = async () => {
    const faults = check(edit.form.values);
    if (Object.keys(faults).length > 0) return edit.form.complain(faults);
    if (await edit.save()) saved();
  };
  const drop = async () => {
    const { name, users } = thing;
    const consequences = users > 0 ? [t.remove.users(users)] : [];
    const question = { title: t.remove.title(name), text: t.remove.text, consequences, act: t.remove.act };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request("DELETE", to("groups", id));
    if (!done.ok) return shell.say(tell.problem(done), "failed");
    edit.form.reset(edit.form.values);
    shell.say(t.remove.done);
    shell.router.go("/groups");
  };
  return (
    <Page
      title={thing.name}
      up={up}
      narrow="narrow"
      tools={
        <button type="button" class="button-danger" data-act="delete" onClick={() => void drop()}>
          {t.remove.act}
        </button>
      }
    >
      <Conflict edit={edit} names={{ name: t.name, notes: t.notes }} onSaved={saved} />
      <FormBox form={edit.form} label={thing.name} onSubmit={() => void save()}>
        <section class="panel form">
          <TextField form={edit.form} name="name" label={t.name} required="required" most={200} />
          <AreaField form={edit.form} name="notes" label={t.notes} rows={2} most={4000} />
          <Buttons form={edit.form} />
        </section>
      </FormBox>
      <Inside group={id} />
      <WhoSees kind="group" id={id} title={t.who} empty={t.whoEmpty} />
    </Page>
  );
}

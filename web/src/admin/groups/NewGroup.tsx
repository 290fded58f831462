import { useState } from "preact/hooks";
import type { GroupRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Form } from "../state/form";
import { AreaField, Buttons, Form as FormBox, TextField } from "../ui/Fields";
import { Page } from "../ui/Page";
import { common } from "../words/common";
import { groupsWords } from "../words/groups";
import { belongs, check, empty } from "./values";

/** Makes a group. */
export default function NewGroup() {
  const t = useWords(groupsWords);
  const c = useWords(common);
  const shell = useShell();
  const [form] = useState(() => new Form(empty, belongs));
  useGuard(form);
  const add = async () => {
    const faults = check(form.values);
    if (Object.keys(faults).length > 0) return form.complain(faults);
    const made = await form.submit((values) => shell.client.request<GroupRecord>("POST", "/groups", values));
    if (!made?.ok) return;
    form.reset(form.values);
    shell.say(t.created);
    shell.router.go(to("groups", made.value.id));
  };
  return (
    <Page title={t.add} up={{ path: "/groups", name: t.short }} narrow="narrow">
      <FormBox form={form} label={t.add} onSubmit={() => void add()}>
        <section class="panel form">
          <TextField form={form} name="name" label={t.name} required="required" most={200} />
          <AreaField form={form} name="notes" label={t.notes} most={4000} />
        </section>
        <Buttons form={form} save={t.add}>
          <a href="#/groups">{c.cancel}</a>
        </Buttons>
      </FormBox>
    </Page>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { components } from "../../api/schema";
import { useStore } from "../../ui/hooks";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { Conflict } from "../ui/Conflict";
import { Buttons, Form, TextField } from "../ui/Fields";
import { Page } from "../ui/Page";
import { Unread } from "../ui/Unread";
import { settingsWords } from "../words/settings";

type Kept = components["schemas"]["Settings"];

interface Values {
  events_keep_days: string;
  sweep_every_s: string;
}

const bounds: Record<keyof Values, [number, number]> = { events_keep_days: [30, 3650], sweep_every_s: [60, 86400] };

const valuesOf = (s: Kept): Values => ({
  events_keep_days: String(s.events_keep_days),
  sweep_every_s: String(s.sweep_every_s),
});

/** What is wrong with what was typed; the gateway judges the same. */
function check(values: Values): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const name of ["events_keep_days", "sweep_every_s"] as const) {
    const [least, most] = bounds[name];
    const text = values[name].trim();
    if (text === "") faults[name] = "required";
    else if (!/^\d+$/.test(text)) faults[name] = "type";
    else if (Number(text) > most) faults[name] = "too_big";
    else if (Number(text) < least && !(name === "sweep_every_s" && Number(text) === 0)) faults[name] = "too_small";
  }
  return faults;
}

/** What may be changed of the gateway while it runs. */
export default function Settings() {
  const t = useWords(settingsWords);
  const shell = useShell();
  const [edit] = useState(() => {
    const body = (changes: Partial<Values>) =>
      Object.fromEntries(Object.entries(changes).map(([name, text]) => [name, Number(text)]));
    const empty = { events_keep_days: "", sweep_every_s: "" };
    return new Edit<Kept, Values>({ client: shell.client, path: "/settings", values: valuesOf, body, empty });
  });
  const { phase, thing, problem } = useStore(edit.state);
  useGuard(edit.form);
  useEffect(() => void edit.load(), [edit]);
  if (!thing || phase !== "there") {
    return (
      <Unread title={t.title} up={{ path: "/", name: t.title }} problem={problem} onAgain={() => void edit.load()} />
    );
  }
  const saved = () => shell.say(t.saved);
  const save = async () => {
    const faults = check(edit.form.values);
    if (Object.keys(faults).length > 0) return edit.form.complain(faults);
    const days = Number(edit.form.values.events_keep_days);
    if (days < thing.events_keep_days) {
      const question = { title: t.shorter.title, text: t.shorter.text(days), act: t.shorter.act };
      if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    }
    if (await edit.save()) saved();
  };
  return (
    <Page title={t.title} narrow="narrow">
      <p class="hint lead">{t.effect}</p>
      <Conflict edit={edit} names={{ events_keep_days: t.keep, sweep_every_s: t.sweep }} onSaved={saved} />
      <Form form={edit.form} label={t.title} onSubmit={() => void save()}>
        <section class="panel form">
          <h2>{t.log}</h2>
          <TextField
            form={edit.form}
            name="events_keep_days"
            label={t.keep}
            hint={t.keepHint}
            kind="number"
            required="required"
            most={4}
          />
          <h2>{t.cameras}</h2>
          <TextField
            form={edit.form}
            name="sweep_every_s"
            label={t.sweep}
            hint={t.sweepHint}
            kind="number"
            required="required"
            most={5}
          />
          <Buttons form={edit.form} />
        </section>
      </Form>
    </Page>
  );
}

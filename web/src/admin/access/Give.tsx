import { useState } from "preact/hooks";
import type { GrantsGiven, PersonRecord } from "../../api/cameras";
import { useShell, useWords } from "../context";
import { Form } from "../state/form";
import { Box } from "../ui/Box";
import { Choose } from "../ui/Choose";
import { Buttons, Form as FormBox, TextField } from "../ui/Fields";
import { common } from "../words/common";
import { sharingWords } from "../words/sharing";
import { endOfDay, today } from "./day";

interface GiveProps {
  /** What is given: ids of cameras or of groups. */
  what: { cameras: string[] } | { groups: string[] };
  onClose: () => void;
  onDone: () => void;
}

interface Terms {
  until: string; // a day, or nothing
  reason: string;
}

/** Gives people access to cameras or groups, with an end and a reason. */
export function Give({ what, onClose, onDone }: GiveProps) {
  const t = useWords(sharingWords);
  const c = useWords(common);
  const shell = useShell();
  const [people, setPeople] = useState<PersonRecord[]>([]);
  const [form] = useState(() => new Form<Terms>({ until: "", reason: "" }, {}));
  const [none, setNone] = useState(false);
  const send = async () => {
    setNone(people.length === 0);
    if (people.length === 0) return;
    const result = await form.submit((v) =>
      shell.client.request<GrantsGiven>("POST", "/grants", {
        users: people.map((p) => p.id),
        ...what,
        ...(v.until === "" ? {} : { expires_at: endOfDay(v.until) }),
        ...(v.reason.trim() === "" ? {} : { reason: v.reason.trim() }),
      }),
    );
    if (!result) return;
    if (!result.ok) {
      const late = result.fields.find((f) => f.path.endsWith("expires_at"));
      if (late) form.complain({ until: late.code });
      return;
    }
    shell.say(t.done(result.value.given, result.value.unchanged));
    onDone();
  };
  return (
    <Box title={t.giveTitle} onClose={onClose}>
      <FormBox form={form} onSubmit={() => void send()}>
        <People chosen={people} onChange={setPeople} />
        {none && (
          <p class="fault" role="alert">
            {t.nobody}
          </p>
        )}
        <div class="fields">
          <TextField form={form} name="until" label={t.untilField} hint={t.untilHint} kind="date" least={today()} />
          <TextField form={form} name="reason" label={t.reason} hint={t.reasonHint} most={500} />
        </div>
        <Buttons form={form} save={t.give}>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </Buttons>
      </FormBox>
    </Box>
  );
}

interface PeopleProps {
  chosen: PersonRecord[];
  onChange: (people: PersonRecord[]) => void;
}

function People({ chosen, onChange }: PeopleProps) {
  const t = useWords(sharingWords);
  const { roles } = useWords(common);
  const words: Record<string, string> = roles;
  return (
    <Choose<PersonRecord>
      path="/people"
      label={t.people}
      search={t.search}
      id={(p) => p.id}
      name={(p) => p.name || p.login}
      more={(p) => (p.kind === "device" ? t.device : `${p.login} · ${words[p.role] ?? p.role}`)}
      chosen={chosen}
      onChange={onChange}
    />
  );
}

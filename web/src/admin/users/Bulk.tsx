import { useState } from "preact/hooks";
import type { BulkOutcome } from "../../api/cameras";
import type { UserRecord } from "../../api/people";
import { useStore } from "../../ui/hooks";
import { useOutcome } from "../cameras/Bulk";
import { useShell, useWords } from "../context";
import { Form } from "../state/form";
import { limitOf } from "../state/limit";
import type { Rows } from "../state/rows";
import type { Selection } from "../state/selection";
import { Box } from "../ui/Box";
import { Chosen } from "../ui/Chosen";
import { Buttons, ChoiceField, Form as FormBox } from "../ui/Fields";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { useLimits, useTongues } from "./limit";

interface BulkProps {
  rows: Rows<UserRecord>;
  selection: Selection;
}

const most = 1000; // ids in a request

/** What can be done with many accounts at once. */
export function Bulk({ rows, selection }: BulkProps) {
  const t = useWords(usersWords);
  const shell = useShell();
  const [open, setOpen] = useState(false);
  const count = useStore(selection.ids).size;
  return (
    <>
      <Chosen rows={rows} selection={selection} id={(u) => u.id}>
        <button
          type="button"
          class="button-quiet"
          data-act="change-many"
          onClick={() => (count > most ? shell.say(t.bulk.tooMany, "failed") : setOpen(true))}
        >
          {t.bulk.change}
        </button>
      </Chosen>
      {open && (
        <Change
          ids={[...selection.ids.value]}
          onClose={() => setOpen(false)}
          onDone={() => {
            setOpen(false);
            void rows.again();
          }}
        />
      )}
    </>
  );
}

/** keep stands for "leave as it is": in the others "" is a choice of its own. */
const keep = "keep";

interface Changes {
  views_limit: string;
  banned: string;
  role: string;
  language: string;
}

interface ChangeProps {
  ids: string[];
  onClose: () => void;
  onDone: () => void;
}

/** Limit, ban, role and language of many accounts. */
function Change({ ids, onClose, onDone }: ChangeProps) {
  const t = useWords(usersWords);
  const c = useWords(common);
  const shell = useShell();
  const limits = useLimits();
  const tongues = useTongues();
  const [form] = useState(() => new Form<Changes>({ views_limit: keep, banned: keep, role: keep, language: keep }));
  const tellOutcome = useOutcome();
  const stay = { value: keep, name: t.bulk.keep };
  const send = async () => {
    if (!form.dirty) return form.complain({ views_limit: "nothing_chosen" });
    const result = await form.submit(async (_, { views_limit, banned, role, language }) => {
      const set = {
        ...(views_limit === undefined ? {} : { views_limit: limitOf(views_limit) }),
        ...(banned === undefined ? {} : { banned: banned === "yes" }),
        ...(role === undefined ? {} : { role }),
        ...(language === undefined ? {} : { language }),
      };
      const done = await shell.client.request<BulkOutcome>("POST", "/users/bulk", { ids, set });
      if (done.ok) return done;
      // The form has no "set" around its fields.
      return { ...done, fields: done.fields.map((f) => ({ ...f, path: f.path.replace(/^(body\.)?set\./, "") })) };
    });
    if (!result?.ok) return;
    tellOutcome(result.value);
    onDone();
  };
  return (
    <Box title={t.bulk.title(ids.length)} onClose={onClose}>
      <FormBox form={form} onSubmit={() => void send()}>
        <div class="fields">
          <ChoiceField form={form} name="views_limit" label={t.limit} choices={[stay, ...limits.choices]} />
          <ChoiceField
            form={form}
            name="banned"
            label={t.bulk.ban}
            choices={[stay, { value: "yes", name: t.bulk.banYes }, { value: "no", name: t.bulk.banNo }]}
          />
          <ChoiceField
            form={form}
            name="role"
            label={t.role}
            choices={[stay, ...Object.entries(c.roles).map(([value, name]) => ({ value, name }))]}
          />
          <ChoiceField form={form} name="language" label={t.language} choices={[stay, ...tongues]} />
        </div>
        <p class="hint">{t.bulk.warning}</p>
        <Buttons form={form} save={t.bulk.apply}>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </Buttons>
      </FormBox>
    </Box>
  );
}

import { useState } from "preact/hooks";
import type { MadeToken, TokenRecord } from "../../api/people";
import type { Role } from "../../api/types";
import { may } from "../../route/places";
import { to } from "../../route/where";
import { endOfDay, today } from "../access/day";
import { useMoments, useShell, useTelling, useUser, useWords } from "../context";
import { useRows } from "../hooks";
import { Form } from "../state/form";
import { Box } from "../ui/Box";
import { Copy } from "../ui/Copy";
import { Buttons, ChoiceField, Form as FormBox, TextField } from "../ui/Fields";
import { type Column, Table } from "../ui/Table";
import { accountWords } from "../words/account";
import { common } from "../words/common";

interface TokensProps {
  /** Of the list in the API. */
  path: string;
  whose: "mine" | "theirs";
}

/** Keys for programs. One's own can be made; anybody's can be deleted. */
export function TokensPanel({ path, whose }: TokensProps) {
  const t = useWords(accountWords).tokens;
  const c = useWords(common);
  const shell = useShell();
  const tell = useTelling();
  const { since, day } = useMoments();
  const rows = useRows<TokenRecord>(path, { limit: 20 });
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<MadeToken>();
  const drop = async (token: TokenRecord) => {
    const question = { title: t.sure(token.name), text: t.sureText, act: t.delete };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request("DELETE", `${path}${to(token.id)}`);
    if (done.ok || done.status === 404) shell.say(t.deleted);
    else shell.say(tell.problem(done), "failed");
    void rows.again();
  };
  const ends = ({ expires_at }: TokenRecord) => {
    if (!expires_at) return t.never;
    return Date.parse(expires_at) < Date.now() ? t.ended(day(expires_at)) : day(expires_at);
  };
  const columns: Column<TokenRecord>[] = [
    { id: "name", name: t.name, looks: "grow", keep: "narrow", cell: (x) => x.name },
    { id: "role", name: t.role, looks: "tight", cell: (x) => c.roles[x.role] },
    { id: "made", name: t.made, looks: "tight", cell: (x) => day(x.created_at) },
    { id: "ends", name: t.ends, looks: "tight", keep: "narrow", cell: ends },
    {
      id: "seen",
      name: t.seen,
      cell: (x) => (x.seen_at ? [since(x.seen_at), x.remote].filter(Boolean).join(", ") : t.neverUsed),
    },
    {
      id: "delete",
      name: t.delete,
      head: "unseen",
      looks: "tight",
      keep: "narrow",
      cell: (x) => (
        <button
          type="button"
          class="button-link"
          data-act="delete-token"
          aria-label={t.deleteOf(x.name)}
          onClick={() => void drop(x)}
        >
          {t.delete}
        </button>
      ),
    },
  ];
  return (
    <section data-part="tokens">
      <div class="part-head">
        <h2>{t.title}</h2>
        {whose === "mine" && (
          <button type="button" class="button-quiet" data-act="make-token" onClick={() => setOpen(true)}>
            {t.add}
          </button>
        )}
      </div>
      <p class="hint">{whose === "mine" ? t.text : t.textOther}</p>
      <Table label={t.title} rows={rows} columns={columns} id={(x) => x.id} empty={<p>{t.empty}</p>} />
      {open && (
        <Make
          path={path}
          onClose={() => setOpen(false)}
          onMade={(token) => {
            setOpen(false);
            setMade(token);
            void rows.again();
          }}
        />
      )}
      {made && <Once token={made} onClose={() => setMade(undefined)} />}
    </section>
  );
}

interface MakeProps {
  path: string;
  onClose: () => void;
  onMade: (token: MadeToken) => void;
}

const roles: readonly Role[] = ["user", "moderator", "admin"];

function Make({ path, onClose, onMade }: MakeProps) {
  const t = useWords(accountWords).tokens;
  const c = useWords(common);
  const shell = useShell();
  const user = useUser();
  // The field of the last day has the API's name, so that complaints find it.
  const [form] = useState(() => new Form({ name: "", role: user.role as string, expires_at: "" }));
  const send = async () => {
    const result = await form.submit(({ name, role, expires_at }) =>
      shell.client.request<MadeToken>("POST", path, {
        name,
        role,
        ...(expires_at === "" ? {} : { expires_at: endOfDay(expires_at) }),
      }),
    );
    if (result?.ok) onMade(result.value);
  };
  return (
    <Box title={t.add} onClose={onClose}>
      <FormBox form={form} onSubmit={() => void send()}>
        <TextField form={form} name="name" label={t.name} hint={t.nameHint} required="required" most={100} />
        <div class="fields">
          <ChoiceField
            form={form}
            name="role"
            label={t.role}
            choices={roles.filter((r) => may(user, r)).map((value) => ({ value, name: c.roles[value] }))}
          />
          <TextField form={form} name="expires_at" label={t.expires} hint={t.expiresHint} kind="date" least={today()} />
        </div>
        <Buttons form={form} save={t.act}>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </Buttons>
      </FormBox>
    </Box>
  );
}

/** The key itself, once. */
function Once({ token, onClose }: { token: MadeToken; onClose: () => void }) {
  const t = useWords(accountWords).tokens;
  return (
    <Box title={t.ready(token.name)} onClose={onClose}>
      <p class="advice">{t.once}</p>
      <span class="with-buttons">
        <input
          class="secret"
          readOnly
          aria-label={t.token}
          value={token.token}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Copy text={token.token} />
      </span>
      <div class="box-buttons">
        <button type="button" class="button-main" data-act="done" onClick={onClose}>
          {t.done}
        </button>
      </div>
    </Box>
  );
}

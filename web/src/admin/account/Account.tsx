import { useEffect, useState } from "preact/hooks";
import type { UserRecord } from "../../api/people";
import { useDesk } from "../../ui/context";
import { useStore } from "../../ui/hooks";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { Form } from "../state/form";
import { Conflict } from "../ui/Conflict";
import { Buttons, ChoiceField, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { PasswordField } from "../ui/Password";
import { Unread } from "../ui/Unread";
import { NameFields } from "../users/Fields";
import { useLimits, useTongues } from "../users/limit";
import { accountWords } from "../words/account";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { SessionsPanel } from "./Sessions";
import { TokensPanel } from "./Tokens";

interface Values {
  last_name: string;
  first_name: string;
  middle_name: string;
  phone: string;
  language: string;
}

const empty: Values = { last_name: "", first_name: "", middle_name: "", phone: "", language: "" };

/** One's own account: name and language, password, sign-ins, tokens. */
export default function Account() {
  const t = useWords(accountWords);
  const { client } = useShell();
  const [edit] = useState(
    () =>
      new Edit<UserRecord, Values>({
        client,
        path: "/me",
        empty,
        values: ({ last_name, first_name, middle_name, phone, language }) => ({
          last_name,
          first_name,
          middle_name,
          phone,
          language,
        }),
        body: (changes) => changes,
      }),
  );
  useEffect(() => void edit.load(), [edit]);
  useGuard(edit.form);
  const { thing, problem } = useStore(edit.state);
  if (!thing) {
    return <Unread title={t.title} up={{ path: "/", name: "" }} problem={problem} onAgain={() => void edit.load()} />;
  }
  return (
    <Page title={t.title} narrow="narrow">
      <Profile edit={edit} user={thing} />
      <Password onChanged={() => void edit.refresh()} />
      <SessionsPanel path="/me/sessions" whose="mine" />
      <TokensPanel path="/me/tokens" whose="mine" />
    </Page>
  );
}

function Profile({ edit, user }: { edit: Edit<UserRecord, Values>; user: UserRecord }) {
  const t = useWords(accountWords);
  const u = useWords(usersWords);
  const c = useWords(common);
  const shell = useShell();
  const { session, text } = useDesk();
  const limits = useLimits();
  const tongues = useTongues();
  const saved = (account: UserRecord) => {
    session.know(account);
    text.adopt(account.language);
    shell.say(t.saved);
  };
  const names = {
    last_name: u.form.lastName,
    first_name: u.form.firstName,
    middle_name: u.form.middleName,
    phone: u.form.phone,
    language: u.language,
  };
  return (
    <>
      <Conflict edit={edit} names={names} onSaved={saved} />
      <section class="panel">
        <h2>{t.profile}</h2>
        <FormBox
          form={edit.form}
          label={t.profile}
          onSubmit={() => void edit.save().then((account) => account && saved(account))}
        >
          <dl class="facts">
            <dt>{t.facts.login}</dt>
            <dd>{user.login}</dd>
            {user.email !== "" && (
              <>
                <dt>{t.facts.email}</dt>
                <dd>{user.email}</dd>
              </>
            )}
            <dt>{t.facts.role}</dt>
            <dd>{c.roles[user.role]}</dd>
            <dt>{t.facts.limit}</dt>
            <dd>{limits.say(user.views_limit)}</dd>
          </dl>
          <NameFields form={edit.form} />
          <div class="fields">
            <ChoiceField form={edit.form} name="language" label={u.language} choices={tongues} />
          </div>
          <Buttons form={edit.form}>{user.role !== "admin" && <span class="hint">{t.byAdmin}</span>}</Buttons>
        </FormBox>
      </section>
    </>
  );
}

const noPasswords = { old_password: "", new_password: "", again: "" };

function Password({ onChanged }: { onChanged: () => void }) {
  const t = useWords(accountWords).password;
  const shell = useShell();
  const [form] = useState(
    () => new Form(noPasswords, { "user.old_password": "old_password", "user.password": "new_password" }),
  );
  useGuard(form);
  const send = async () => {
    const { old_password, new_password, again } = form.values;
    const faults: Record<string, string> = {};
    if (old_password === "") faults.old_password = "required";
    if (new_password === "") faults.new_password = "required";
    else if (again !== new_password) faults.again = "user.password_again";
    if (Object.keys(faults).length > 0) return form.complain(faults);
    const result = await form.submit(() =>
      shell.client.request("POST", "/me/password", { old_password, new_password }),
    );
    if (!result?.ok) return;
    form.reset(noPasswords);
    shell.say(t.done);
    onChanged();
  };
  return (
    <section class="panel">
      <h2>{t.title}</h2>
      <FormBox form={form} label={t.title} onSubmit={() => void send()}>
        <div class="fields">
          <PasswordField form={form} name="old_password" label={t.old} autocomplete="current-password" />
          <PasswordField form={form} name="new_password" label={t.new} hint={t.hint} autocomplete="new-password" />
          <PasswordField form={form} name="again" label={t.again} autocomplete="new-password" />
        </div>
        <Buttons form={form} save={t.act}>
          <span class="hint">{t.consequence}</span>
        </Buttons>
      </FormBox>
    </section>
  );
}

import { useEffect, useState } from "preact/hooks";
import type { UserRecord } from "../../api/people";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { SessionsPanel } from "../account/Sessions";
import { TokensPanel } from "../account/Tokens";
import { usePart, useShell, useTelling, useWords } from "../context";
import { useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { Form } from "../state/form";
import { limitOf, limitText } from "../state/limit";
import { Conflict } from "../ui/Conflict";
import { Buttons, Form as FormBox, TickField } from "../ui/Fields";
import { Page } from "../ui/Page";
import { PasswordField } from "../ui/Password";
import { Unread } from "../ui/Unread";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { type AccountValues, accountFaults, emptyAccount, LoginFields, NameFields, RightsFields } from "./Fields";

interface Values extends AccountValues {
  banned: boolean;
}

type UserEdit = Edit<UserRecord, Values>;

/** One account: who it is, what it may do, its password, its sign-ins and its end. */
export default function User() {
  const t = useWords(usersWords);
  const { client } = useShell();
  const path = to("users", usePart("id"));
  const [edit] = useState(
    () =>
      new Edit<UserRecord, Values>({
        client,
        path,
        empty: { ...emptyAccount, banned: false },
        values: ({ views_limit, ...u }) => ({
          login: u.login,
          email: u.email,
          last_name: u.last_name,
          first_name: u.first_name,
          middle_name: u.middle_name,
          phone: u.phone,
          role: u.role,
          views_limit: limitText(views_limit),
          language: u.language,
          banned: u.banned,
        }),
        body: ({ views_limit, ...changes }) => ({
          ...changes,
          ...(views_limit === undefined ? {} : { views_limit: limitOf(views_limit) }),
        }),
        belongs: accountFaults,
      }),
  );
  useEffect(() => void edit.load(), [edit]);
  useGuard(edit.form);
  const { thing, problem } = useStore(edit.state);
  const up = { path: "/users", name: t.title };
  if (!thing) {
    return <Unread title={t.title} up={up} problem={problem} onAgain={() => void edit.load()} />;
  }
  return (
    <Page
      key={thing.id}
      title={thing.name}
      up={up}
      narrow="narrow"
      tools={
        <a class="button-quiet" href={`#${to("people", thing.id)}`} data-act="sees">
          {t.sees}
        </a>
      }
    >
      {!thing.has_password && <NewPassword edit={edit} user={thing} />}
      <AccountForm edit={edit} />
      {thing.has_password && <NewPassword edit={edit} user={thing} />}
      <SessionsPanel path={`${path}/sessions`} whose="theirs" />
      <TokensPanel path={`${path}/tokens`} whose="theirs" />
      <Remove edit={edit} user={thing} />
    </Page>
  );
}

function AccountForm({ edit }: { edit: UserEdit }) {
  const t = useWords(usersWords);
  const c = useWords(common);
  const shell = useShell();
  const { form } = edit;
  const saved = () => shell.say(t.saved);
  const names = {
    login: t.login,
    email: t.email,
    last_name: t.form.lastName,
    first_name: t.form.firstName,
    middle_name: t.form.middleName,
    phone: t.form.phone,
    role: t.role,
    views_limit: t.limit,
    language: t.language,
    banned: t.form.ban,
  };
  const show = (name: keyof Values, value: unknown) => {
    if (name === "role") return c.roles[value as keyof typeof c.roles];
    return typeof value === "boolean" ? (value ? c.yes : c.no) : String(value ?? "");
  };
  return (
    <>
      <Conflict edit={edit} names={names} show={show} onSaved={saved} />
      <FormBox form={form} label={t.form.who} onSubmit={() => void edit.save().then((done) => done && saved())}>
        <fieldset class="panel">
          <legend>{t.form.who}</legend>
          <NameFields form={form} />
        </fieldset>
        <fieldset class="panel">
          <legend>{t.form.signIn}</legend>
          <LoginFields form={form} />
        </fieldset>
        <fieldset class="panel">
          <legend>{t.form.rights}</legend>
          <div class="form">
            <RightsFields form={form} />
            <TickField form={form} name="banned" label={t.form.ban} hint={t.form.banHint} />
          </div>
        </fieldset>
        <Buttons form={form} />
      </FormBox>
    </>
  );
}

/** An administrator's new password for somebody who forgot theirs. */
function NewPassword({ edit, user }: { edit: UserEdit; user: UserRecord }) {
  const t = useWords(usersWords);
  const shell = useShell();
  const [form] = useState(() => new Form({ password: "" }, accountFaults));
  const send = async () => {
    if (form.values.password === "") return form.complain({ password: "required" });
    // Who has none is signed in nowhere: there is nothing to warn of.
    const sure =
      !user.has_password ||
      (await shell.confirm({
        title: t.reset.sure(user.name),
        consequences: [t.reset.consequence, t.reset.tell],
        act: t.reset.act,
      }));
    if (!sure) return;
    const result = await form.submit((values) => shell.client.request("PATCH", to("users", user.id), values));
    if (!result?.ok) return;
    form.reset({ password: "" });
    shell.say(user.has_password ? t.reset.done : t.noPassword.done);
    void edit.refresh();
  };
  return (
    <section class="panel">
      <h2>{t.reset.title}</h2>
      {!user.has_password && (
        <p class="panel-says state-stalled" data-password="none">
          {t.noPassword.text}
        </p>
      )}
      <FormBox form={form} label={t.reset.title} onSubmit={() => void send()}>
        <PasswordField
          form={form}
          name="password"
          label={t.form.password}
          hint={user.has_password ? t.reset.text : t.form.passwordHint}
          autocomplete="new-password"
          making="offered"
        />
        <Buttons form={form} save={t.reset.act} />
      </FormBox>
    </section>
  );
}

function Remove({ edit, user }: { edit: UserEdit; user: UserRecord }) {
  const t = useWords(usersWords);
  const shell = useShell();
  const tell = useTelling();
  const remove = async () => {
    const w = t.remove;
    const sure = await shell.confirm({
      title: w.title(user.name),
      text: w.text,
      consequences: w.consequences,
      act: w.act,
      kind: "danger",
    });
    if (!sure) return;
    const done = await shell.client.request("DELETE", to("users", user.id));
    if (!done.ok) return shell.say(tell.problem(done), "failed");
    shell.say(w.done(user.name));
    edit.form.reset(edit.form.values); // nothing is left to be saved
    shell.router.go("/users");
  };
  return (
    <div class="form-buttons page-buttons">
      <button type="button" class="button-danger" data-act="delete" onClick={() => void remove()}>
        {t.remove.act}
      </button>
    </div>
  );
}

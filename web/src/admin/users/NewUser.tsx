import { useState } from "preact/hooks";
import type { UserRecord } from "../../api/people";
import { to } from "../../route/where";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Form } from "../state/form";
import { limitOf } from "../state/limit";
import { Copy } from "../ui/Copy";
import { Buttons, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { PasswordField } from "../ui/Password";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { type AccountValues, accountFaults, emptyAccount, LoginFields, NameFields, RightsFields } from "./Fields";

interface NewValues extends AccountValues {
  password: string;
}

interface Made {
  user: UserRecord;
  password: string;
}

/** Registers somebody, and then shows once what has to be handed over. */
export default function NewUser() {
  const [made, setMade] = useState<Made>();
  if (made) return <HandOver key={made.user.id} {...made} onAnother={() => setMade(undefined)} />;
  return <Register onMade={setMade} />;
}

function Register({ onMade }: { onMade: (made: Made) => void }) {
  const t = useWords(usersWords);
  const c = useWords(common);
  const shell = useShell();
  const [form] = useState(() => new Form<NewValues>({ ...emptyAccount, password: "" }, accountFaults));
  useGuard(form);
  const send = async () => {
    const result = await form.submit(({ views_limit, ...values }) =>
      shell.client.request<UserRecord>("POST", "/users", { ...values, views_limit: limitOf(views_limit) }),
    );
    if (!result?.ok) return;
    const { password } = form.values;
    form.reset(form.values);
    onMade({ user: result.value, password });
  };
  return (
    <Page title={t.add} up={{ path: "/users", name: t.title }} narrow="narrow">
      <FormBox form={form} onSubmit={() => void send()}>
        <fieldset class="panel">
          <legend>{t.form.who}</legend>
          <NameFields form={form} />
        </fieldset>
        <fieldset class="panel">
          <legend>{t.form.signIn}</legend>
          <div class="form">
            <LoginFields form={form} />
            <PasswordField
              form={form}
              name="password"
              label={t.form.password}
              hint={t.form.passwordHint}
              autocomplete="new-password"
              making="offered"
            />
          </div>
        </fieldset>
        <fieldset class="panel">
          <legend>{t.form.rights}</legend>
          <RightsFields form={form} />
        </fieldset>
        <Buttons form={form} save={t.add}>
          <a class="button-quiet" href="#/users">
            {c.cancel}
          </a>
        </Buttons>
      </FormBox>
    </Page>
  );
}

function HandOver({ user, password, onAnother }: Made & { onAnother: () => void }) {
  const t = useWords(usersWords);
  return (
    <Page title={t.created.title(user.name)} up={{ path: "/users", name: t.title }} narrow="narrow">
      <section class="panel hand-over" data-made={user.id}>
        <p>{t.created.text}</p>
        <dl class="facts">
          <dt>{t.login}</dt>
          <dd class="secret">{user.login}</dd>
          <dt>{t.form.password}</dt>
          <dd class="secret">{password}</dd>
        </dl>
        <div class="form-buttons">
          <Copy text={`${user.login}\n${password}`} />
        </div>
      </section>
      <div class="form-buttons page-buttons">
        <a class="button-main" href={`#${to("people", user.id)}`} data-act="grant">
          {t.created.grant}
        </a>
        <a class="button-quiet" href={`#${to("users", user.id)}`}>
          {t.created.open}
        </a>
        <button type="button" class="button-quiet" data-act="another" onClick={onAnother}>
          {t.created.another}
        </button>
      </div>
    </Page>
  );
}

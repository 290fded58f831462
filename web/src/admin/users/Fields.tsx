import type { Role } from "../../api/types";
import { useStore } from "../../ui/hooks";
import { useWords } from "../context";
import type { Form } from "../state/form";
import { ChoiceField, TextField } from "../ui/Fields";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { useLimits, useTongues } from "./limit";

/** What an account is, as a form holds it; the names are the API's. */
export interface AccountValues {
  login: string;
  email: string;
  last_name: string;
  first_name: string;
  middle_name: string;
  phone: string;
  role: Role;
  views_limit: string;
  language: string;
}

export const emptyAccount: AccountValues = {
  login: "",
  email: "",
  last_name: "",
  first_name: "",
  middle_name: "",
  phone: "",
  role: "user",
  views_limit: "",
  language: "",
};

/** Where complaints about the whole account belong. */
export const accountFaults = {
  "user.login_taken": "login",
  "user.email_taken": "email",
  "user.password": "password",
};

/** Names and phone. */
export function NameFields<V extends Pick<AccountValues, "last_name" | "first_name" | "middle_name" | "phone">>({
  form,
}: {
  form: Form<V>;
}) {
  const t = useWords(usersWords).form;
  const named = form as unknown as Form<AccountValues>;
  return (
    <div class="fields">
      <TextField form={named} name="last_name" label={t.lastName} />
      <TextField form={named} name="first_name" label={t.firstName} />
      <TextField form={named} name="middle_name" label={t.middleName} />
      <TextField form={named} name="phone" label={t.phone} kind="tel" />
    </div>
  );
}

/** Login and e-mail. */
export function LoginFields<V extends AccountValues>({ form }: { form: Form<V> }) {
  const t = useWords(usersWords);
  const named = form as unknown as Form<AccountValues>;
  return (
    <div class="fields">
      <TextField form={named} name="login" label={t.login} hint={t.form.loginHint} required="required" />
      <TextField form={named} name="email" label={t.email} hint={t.form.emailHint} kind="email" />
    </div>
  );
}

/** Role, limit and language. */
export function RightsFields<V extends AccountValues>({ form }: { form: Form<V> }) {
  const t = useWords(usersWords);
  const c = useWords(common);
  const limits = useLimits();
  const tongues = useTongues();
  const named = form as unknown as Form<AccountValues>;
  const { values } = useStore(named.state);
  return (
    <div class="fields">
      <ChoiceField
        form={named}
        name="role"
        label={t.role}
        hint={t.form.roleHint[values.role]}
        choices={Object.entries(c.roles).map(([value, name]) => ({ value, name }))}
      />
      <ChoiceField form={named} name="views_limit" label={t.limit} hint={t.form.limitHint} choices={limits.choices} />
      <ChoiceField form={named} name="language" label={t.language} choices={tongues} />
    </div>
  );
}

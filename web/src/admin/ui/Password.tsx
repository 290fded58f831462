import { useState } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { Icon } from "../../ui/Icon";
import { useWords } from "../context";
import type { Form } from "../state/form";
import { browserRandom, makePassword } from "../state/password";
import { accountWords } from "../words/account";
import { Frame } from "./Fields";

type Texts<V> = { [K in keyof V]: V[K] extends string ? K : never }[keyof V] & string;

interface PasswordProps<V extends object> {
  form: Form<V>;
  name: Texts<V>;
  label: string;
  hint?: string;
  autocomplete: "current-password" | "new-password";
  /** "offered": a button makes a good one, and shows it. */
  making?: "offered";
}

/** A password: hidden until somebody wants to see it. */
export function PasswordField<V extends object>(props: PasswordProps<V>) {
  const { form, name, autocomplete, making } = props;
  const t = useWords(accountWords).password;
  const { values } = useStore(form.state);
  const [shown, setShown] = useState(false);
  const look = shown ? t.hide : t.show;
  return (
    <Frame {...props}>
      {(wiring) => (
        <span class="with-buttons">
          <input
            {...wiring}
            type={(shown ? "text" : "password") as "password"}
            class={shown ? "password-shown" : undefined}
            name={name}
            autocomplete={autocomplete}
            autocapitalize="none"
            spellcheck={false}
            value={values[name] as string}
            onInput={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
          />
          <button
            type="button"
            class="button-icon"
            aria-label={look}
            title={look}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            <Icon name={shown ? "eyeOff" : "eye"} />
          </button>
          {making && (
            <button
              type="button"
              class="button-quiet"
              data-act="make-password"
              onClick={() => {
                form.set(name, makePassword(browserRandom) as V[typeof name]);
                setShown(true);
              }}
            >
              {t.make}
            </button>
          )}
        </span>
      )}
    </Frame>
  );
}

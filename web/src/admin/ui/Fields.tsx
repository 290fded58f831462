import type { ComponentChildren, InputHTMLAttributes } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useStore } from "../../ui/hooks";
import { useTelling, useWords } from "../context";
import type { Form as Model } from "../state/form";
import { common } from "../words/common";
import { Trouble } from "./Trouble";

interface FormProps<V extends object> {
  form: Model<V>;
  label?: string;
  onSubmit: () => void;
  children: ComponentChildren;
}

/** A form around fields: Enter sends it, a complaint takes the focus to its first field. */
export function Form<V extends object>({ form, label, onSubmit, children }: FormProps<V>) {
  const { faults, problem } = useStore(form.state);
  const box = useRef<HTMLFormElement>(null);
  const seen = useRef(faults);
  useEffect(() => {
    // Only a new complaint moves the focus; one that goes while its field is typed in does not.
    const grown = Object.keys(faults).some((name) => !(name in seen.current));
    seen.current = faults;
    if (grown) box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [faults]);
  return (
    <form
      ref={box}
      class="form"
      method="post"
      noValidate
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      <Trouble problem={problem} />
    </form>
  );
}

interface FieldProps<V extends object> {
  form: Model<V>;
  name: keyof V & string;
  label: string;
  hint?: ComponentChildren;
}

interface Wiring {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

interface FrameProps<V extends object> extends FieldProps<V> {
  children: (wiring: Wiring) => ComponentChildren;
}

/** Label, hint and complaint around a control. */
export function Frame<V extends object>({ form, name, label, hint, children }: FrameProps<V>) {
  const id = useId();
  const { faults } = useStore(form.state);
  const { fault } = useTelling();
  const code = faults[name];
  const told = [hint ? `${id}-hint` : "", code ? `${id}-fault` : ""].filter(Boolean).join(" ");
  return (
    <div class={code ? "field field-wrong" : "field"} data-field={name}>
      <label for={id}>{label}</label>
      {children({ id, "aria-invalid": code !== undefined, "aria-describedby": told || undefined })}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {code && (
        <p class="fault" id={`${id}-fault`} role="alert">
          {fault(code)}
        </p>
      )}
    </div>
  );
}

/** Fields hold text; what they hold is made of it when it is sent. */
type Texts<V> = { [K in keyof V]: V[K] extends string ? K : never }[keyof V] & string;

interface TextProps<V extends object> extends FieldProps<V> {
  name: Texts<V>;
  kind?: "text" | "password" | "number" | "date" | "datetime-local" | "email" | "tel" | "url";
  autocomplete?: InputHTMLAttributes["autocomplete"];
  required?: "required";
  most?: number;
  /** The earliest day. */
  least?: string;
  placeholder?: string;
  disabled?: boolean;
}

export function TextField<V extends object>(props: TextProps<V>) {
  const { form, name, kind = "text", autocomplete = "off", required, most, least, placeholder, disabled } = props;
  const { values } = useStore(form.state);
  return (
    <Frame {...props}>
      {(wiring) => (
        <input
          {...wiring}
          {...(most === undefined ? {} : { maxLength: most })}
          {...(least === undefined ? {} : { min: least })}
          {...(kind === "number" ? { inputMode: "numeric" } : {})}
          type={(kind === "number" ? "text" : kind) as "text"}
          name={name}
          aria-required={required !== undefined}
          autocomplete={autocomplete}
          autocapitalize={kind === "text" ? undefined : "none"}
          spellcheck={false}
          placeholder={placeholder}
          disabled={disabled}
          value={values[name] as string}
          onInput={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
        />
      )}
    </Frame>
  );
}

export function AreaField<V extends object>(props: FieldProps<V> & { name: Texts<V>; rows?: number; most?: number }) {
  const { form, name, rows = 3, most } = props;
  const { values } = useStore(form.state);
  return (
    <Frame {...props}>
      {(wiring) => (
        <textarea
          {...wiring}
          {...(most === undefined ? {} : { maxLength: most })}
          name={name}
          rows={rows}
          value={values[name] as string}
          onInput={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
        />
      )}
    </Frame>
  );
}

export interface Choice {
  value: string;
  name: string;
}

export function ChoiceField<V extends object>(props: FieldProps<V> & { name: Texts<V>; choices: readonly Choice[] }) {
  const { form, name, choices } = props;
  const { values } = useStore(form.state);
  return (
    <Frame {...props}>
      {(wiring) => (
        <select
          {...wiring}
          name={name}
          value={values[name] as string}
          onChange={(event) => form.set(name, event.currentTarget.value as V[typeof name])}
        >
          {choices.map((c) => (
            <option key={c.value} value={c.value}>
              {c.name}
            </option>
          ))}
        </select>
      )}
    </Frame>
  );
}

type Flags<V> = { [K in keyof V]: V[K] extends boolean ? K : never }[keyof V] & string;

/** A box to tick; its label stands beside it. */
export function TickField<V extends object>(props: FieldProps<V> & { name: Flags<V> }) {
  const { form, name, label, hint } = props;
  const id = useId();
  const { values } = useStore(form.state);
  return (
    <div class="field field-tick" data-field={name}>
      <input
        id={id}
        type="checkbox"
        name={name}
        aria-describedby={hint ? `${id}-hint` : undefined}
        checked={values[name] as boolean}
        onChange={(event) => form.set(name, event.currentTarget.checked as V[typeof name])}
      />
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** Save, and what to do instead. */
export function Buttons<V extends object>({
  form,
  save,
  children,
}: {
  form: Model<V>;
  save?: string;
  children?: ComponentChildren;
}) {
  const t = useWords(common);
  const { busy } = useStore(form.state);
  return (
    <div class="form-buttons">
      <button type="submit" class="button-main" disabled={busy}>
        {busy ? t.saving : (save ?? t.save)}
      </button>
      {children}
    </div>
  );
}

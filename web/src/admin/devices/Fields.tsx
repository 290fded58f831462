import { useWords } from "../context";
import type { Form } from "../state/form";
import { AreaField, ChoiceField, TextField } from "../ui/Fields";
import { useLimits, useTongues } from "../users/limit";
import { devicesWords } from "../words/devices";
import { usersWords } from "../words/users";

/** What a screen is, as a form holds it; the names are the API's. */
export interface DeviceValues {
  name: string;
  notes: string;
  views_limit: string;
  language: string;
}

export const emptyDevice: DeviceValues = { name: "", notes: "", views_limit: "", language: "" };

export function DeviceFields<V extends DeviceValues>({ form }: { form: Form<V> }) {
  const t = useWords(devicesWords);
  const u = useWords(usersWords);
  const limits = useLimits();
  const tongues = useTongues();
  const named = form as unknown as Form<DeviceValues>;
  return (
    <>
      <TextField form={named} name="name" label={t.name} hint={t.nameHint} required="required" most={100} />
      <AreaField form={named} name="notes" label={t.notes} rows={2} most={1000} />
      <div class="fields">
        <ChoiceField form={named} name="views_limit" label={t.limit} choices={limits.choices} />
        <ChoiceField form={named} name="language" label={u.language} choices={tongues} />
      </div>
    </>
  );
}

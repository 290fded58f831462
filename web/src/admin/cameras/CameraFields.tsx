import type { CameraRecord, TagCount } from "../../api/cameras";
import type { Page as PageOf } from "../../api/types";
import { useStore } from "../../ui/hooks";
import { useWords } from "../context";
import { useRead } from "../hooks";
import type { Form } from "../state/form";
import { AreaField, ChoiceField, Frame, TextField, TickField } from "../ui/Fields";
import { Tags } from "../ui/Tags";
import { camerasWords } from "../words/cameras";
import { leadsElsewhere, type Values } from "./values";

/** The fields of a camera. camera: the one that is edited; none: a new one. */
export function CameraFields({ form, camera }: { form: Form<Values>; camera?: CameraRecord }) {
  const { form: t, transports } = useWords(camerasWords);
  const { values } = useStore(form.state);
  const tags = useRead<PageOf<TagCount>>("/tags?limit=1000");
  const kept = camera?.has_password === true;
  const elsewhere =
    kept &&
    values.password === "" &&
    !values.forget &&
    (leadsElsewhere(camera.address, values.address) || leadsElsewhere(camera.sub_address, values.sub_address));
  return (
    <>
      <section class="panel">
        <h2>{t.what}</h2>
        <div class="fields">
          <TextField form={form} name="name" label={t.name} required="required" most={200} />
          <TextField form={form} name="location" label={t.location} hint={t.locationHint} most={200} />
          <TextField
            form={form}
            name="number"
            label={t.number}
            hint={camera ? t.numberKept : t.numberHint}
            kind="number"
            most={7}
          />
          <Frame form={form} name="tags" label={t.tags} hint={t.tagsHint}>
            {(wiring) => (
              <Tags
                {...wiring}
                tags={values.tags}
                known={(tags?.items ?? []).map(({ tag }) => tag)}
                onChange={(to) => form.set("tags", to)}
              />
            )}
          </Frame>
          <div class="field-whole">
            <AreaField form={form} name="notes" label={t.notes} most={4000} />
          </div>
        </div>
      </section>
      <section class="panel">
        <h2>{t.where}</h2>
        <div class="fields">
          <div class="field-whole">
            <TextField
              form={form}
              name="address"
              label={t.address}
              hint={t.addressHint}
              kind="url"
              required="required"
            />
          </div>
          <div class="field-whole">
            <TextField form={form} name="sub_address" label={t.subAddress} hint={t.subAddressHint} kind="url" />
          </div>
          {elsewhere && (
            <div class="field-whole advice" role="status" data-advice="password">
              <strong>{t.hostTitle}</strong>
              <p>{t.hostText}</p>
            </div>
          )}
          <TextField form={form} name="username" label={t.username} most={256} />
          <TextField
            form={form}
            name="password"
            label={t.password}
            hint={kept ? (elsewhere ? t.passwordAnew : t.passwordKept) : t.passwordNone}
            kind="password"
            autocomplete="new-password"
            most={256}
            disabled={values.forget}
          />
          {kept && (
            <div class="field-whole">
              <TickField form={form} name="forget" label={t.passwordForget} />
            </div>
          )}
          <ChoiceField
            form={form}
            name="transport"
            label={t.transport}
            hint={t.transportHint}
            choices={Object.entries(transports).map(([value, name]) => ({ value, name }))}
          />
          <TickField form={form} name="sweep" label={t.sweep} hint={t.sweepHint} />
        </div>
      </section>
    </>
  );
}

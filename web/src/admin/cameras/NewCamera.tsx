import { useRef, useState } from "preact/hooks";
import type { CameraRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Form } from "../state/form";
import { Buttons, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { camerasWords } from "../words/cameras";
import { common } from "../words/common";
import { CameraFields } from "./CameraFields";
import { Test } from "./Test";
import { belongs, bodyOf, check, empty } from "./values";

/** Adds a camera. */
export default function NewCamera() {
  const t = useWords(camerasWords);
  const c = useWords(common);
  const shell = useShell();
  const [form] = useState(() => new Form(empty, belongs));
  useGuard(form);
  const pictured = useRef(false);
  const add = async () => {
    const faults = check(form.values, "new");
    if (Object.keys(faults).length > 0) return form.complain(faults);
    const made = await form.submit((values) => shell.client.request<CameraRecord>("POST", "/cameras", bodyOf(values)));
    if (!made?.ok) return;
    // It gave a picture before it was there: another look, so that the answer stays with it.
    if (pictured.current) void shell.client.request("POST", "/cameras/probe", { camera_id: made.value.id });
    form.reset(form.values);
    shell.say(t.created(made.value.number));
    shell.router.go(to("cameras", made.value.id));
  };
  return (
    <Page title={t.add} up={{ path: "/cameras", name: t.title }} narrow="narrow">
      <FormBox form={form} label={t.add} onSubmit={() => void add()}>
        <CameraFields form={form} />
        <Test form={form} onTested={(passport) => (pictured.current = passport.code === "")} />
        <Buttons form={form} save={t.add}>
          <a href="#/cameras">{c.cancel}</a>
        </Buttons>
      </FormBox>
    </Page>
  );
}

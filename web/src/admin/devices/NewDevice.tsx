import { useState } from "preact/hooks";
import type { CodedDevice } from "../../api/people";
import { to } from "../../route/where";
import { useShell, useWords } from "../context";
import { useGuard } from "../hooks";
import { Form } from "../state/form";
import { limitOf } from "../state/limit";
import { Buttons, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { common } from "../words/common";
import { devicesWords } from "../words/devices";
import { Code } from "./Code";
import { DeviceFields, type DeviceValues, emptyDevice } from "./Fields";

/** Makes a screen known, and then shows the code that signs it in. */
export default function NewDevice() {
  const [made, setMade] = useState<CodedDevice>();
  if (made) return <Made device={made} onRenewed={setMade} />;
  return <Make onMade={setMade} />;
}

function Make({ onMade }: { onMade: (device: CodedDevice) => void }) {
  const t = useWords(devicesWords);
  const c = useWords(common);
  const shell = useShell();
  const [form] = useState(() => new Form<DeviceValues>(emptyDevice));
  useGuard(form);
  const send = async () => {
    const result = await form.submit(({ views_limit, ...values }) =>
      shell.client.request<CodedDevice>("POST", "/devices", { ...values, views_limit: limitOf(views_limit) }),
    );
    if (!result?.ok) return;
    form.reset(form.values);
    onMade(result.value);
  };
  return (
    <Page title={t.add} up={{ path: "/devices", name: t.title }} narrow="narrow">
      <FormBox form={form} onSubmit={() => void send()}>
        <section class="panel form">
          <DeviceFields form={form} />
        </section>
        <Buttons form={form} save={t.add}>
          <a class="button-quiet" href="#/devices">
            {c.cancel}
          </a>
        </Buttons>
      </FormBox>
    </Page>
  );
}

function Made({ device, onRenewed }: { device: CodedDevice; onRenewed: (device: CodedDevice) => void }) {
  const t = useWords(devicesWords);
  return (
    <Page title={device.name} up={{ path: "/devices", name: t.title }} narrow="narrow">
      <Code key={device.code} device={device} onRenewed={onRenewed} />
      <div class="form-buttons page-buttons">
        <a class="button-main" href={`#${to("people", device.id)}`} data-act="grant">
          {t.grant}
        </a>
        <a class="button-quiet" href={`#${to("devices", device.id)}`}>
          {t.settings}
        </a>
      </div>
    </Page>
  );
}

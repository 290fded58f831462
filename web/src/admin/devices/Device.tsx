import { useEffect, useState } from "preact/hooks";
import type { CodedDevice, DeviceRecord } from "../../api/people";
import { deviceLabel } from "../../base/device";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useMoments, usePart, useShell, useTelling, useWords } from "../context";
import { useEvery, useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { limitOf, limitText } from "../state/limit";
import { Conflict } from "../ui/Conflict";
import { Buttons, Form as FormBox, TickField } from "../ui/Fields";
import { Page } from "../ui/Page";
import { Unread } from "../ui/Unread";
import { common } from "../words/common";
import { devicesWords } from "../words/devices";
import { usersWords } from "../words/users";
import { Code, useRenew } from "./Code";
import { DeviceFields, type DeviceValues, emptyDevice } from "./Fields";
import { Standing } from "./Standing";

interface Values extends DeviceValues {
  banned: boolean;
}

type DeviceEdit = Edit<DeviceRecord, Values>;

const lookEvery = 5000; // ms: the screen signs in by itself

/** One screen: whether it is signed in, its code, its settings, its end. */
export default function Device() {
  const t = useWords(devicesWords);
  const { client } = useShell();
  const path = to("devices", usePart("id"));
  const [edit] = useState(
    () =>
      new Edit<DeviceRecord, Values>({
        client,
        path,
        empty: { ...emptyDevice, banned: false },
        values: ({ name, notes, views_limit, language, banned }) => ({
          name,
          notes,
          views_limit: limitText(views_limit),
          language,
          banned,
        }),
        body: ({ views_limit, ...changes }) => ({
          ...changes,
          ...(views_limit === undefined ? {} : { views_limit: limitOf(views_limit) }),
        }),
      }),
  );
  useEffect(() => void edit.load(), [edit]);
  useEvery(lookEvery, () => void edit.refresh());
  useGuard(edit.form);
  const { thing, problem } = useStore(edit.state);
  const up = { path: "/devices", name: t.title };
  if (!thing) return <Unread title={t.title} up={up} problem={problem} onAgain={() => void edit.load()} />;
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
      <SignedIn edit={edit} device={thing} />
      <Settings edit={edit} />
      <Remove edit={edit} device={thing} />
    </Page>
  );
}

/** Whether the screen is there, and the ways to bring it in and put it out. */
function SignedIn({ edit, device }: { edit: DeviceEdit; device: DeviceRecord }) {
  const t = useWords(devicesWords);
  const c = useWords(common);
  const shell = useShell();
  const tell = useTelling();
  const { since, full } = useMoments();
  const [coded, setCoded] = useState<CodedDevice>();
  const again = () => void edit.refresh();
  const renew = useRenew((d) => {
    setCoded(d);
    again();
  });
  const end = async () => {
    const question = { title: t.end.sure(device.name), text: t.end.text, act: t.end.act };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request("DELETE", `${to("devices", device.id)}/session`);
    if (done.ok) shell.say(t.end.done);
    else shell.say(tell.problem(done), "failed");
    setCoded(undefined);
    again();
  };
  const where = [device.user_agent && deviceLabel(device.user_agent), device.remote].filter(Boolean).join(", ");
  const pending = !coded && device.code_expires_at !== null && Date.parse(device.code_expires_at) > Date.now();
  return (
    <>
      <section class="panel" data-part="sign-in">
        <h2>{t.signIn}</h2>
        <dl class="facts">
          <dt>{t.state}</dt>
          <dd>
            <Standing device={device} />
          </dd>
          <dt>{t.seen}</dt>
          <dd>{device.seen_at ? since(device.seen_at) : c.never}</dd>
          {where !== "" && (
            <>
              <dt>{t.where}</dt>
              <dd>{where}</dd>
            </>
          )}
        </dl>
        {pending && <p class="hint">{t.code.pending(full(device.code_expires_at ?? ""))}</p>}
        <div class="form-buttons panel-buttons">
          {!coded && (
            <button
              type="button"
              class={device.signed_in ? "button-quiet" : "button-main"}
              data-act="renew"
              disabled={device.banned}
              onClick={() => void renew(device.id)}
            >
              {device.signed_in || pending ? t.code.renew : t.code.make}
            </button>
          )}
          {device.signed_in && (
            <button type="button" class="button-danger" data-act="end" onClick={() => void end()}>
              {t.end.act}
            </button>
          )}
        </div>
        {device.signed_in && !coded && <p class="hint">{t.code.renewHint}</p>}
      </section>
      {coded && <Code key={coded.code} device={coded} onUsed={again} onRenewed={setCoded} />}
    </>
  );
}

function Settings({ edit }: { edit: DeviceEdit }) {
  const t = useWords(devicesWords);
  const u = useWords(usersWords);
  const c = useWords(common);
  const shell = useShell();
  const saved = () => shell.say(t.saved);
  const names = { name: t.name, notes: t.notes, views_limit: t.limit, language: u.language, banned: t.ban };
  const show = (_: keyof Values, value: unknown) =>
    typeof value === "boolean" ? (value ? c.yes : c.no) : String(value ?? "");
  return (
    <>
      <Conflict edit={edit} names={names} show={show} onSaved={saved} />
      <section class="panel">
        <h2>{t.settings}</h2>
        <FormBox
          form={edit.form}
          label={t.settings}
          onSubmit={() => void edit.save().then((device) => device && saved())}
        >
          <DeviceFields form={edit.form} />
          <TickField form={edit.form} name="banned" label={t.ban} hint={t.banHint} />
          <Buttons form={edit.form} />
        </FormBox>
      </section>
    </>
  );
}

function Remove({ edit, device }: { edit: DeviceEdit; device: DeviceRecord }) {
  const t = useWords(devicesWords).remove;
  const shell = useShell();
  const tell = useTelling();
  const remove = async () => {
    const question = { title: t.sure(device.name), consequences: t.consequences, act: t.act };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request("DELETE", to("devices", device.id));
    if (!done.ok) return shell.say(tell.problem(done), "failed");
    edit.form.reset(edit.form.values); // nothing is left to be saved
    shell.say(t.done(device.name));
    shell.router.go("/devices");
  };
  return (
    <div class="form-buttons page-buttons">
      <button type="button" class="button-danger" data-act="delete" onClick={() => void remove()}>
        {t.act}
      </button>
    </div>
  );
}

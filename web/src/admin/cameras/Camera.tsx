import { useEffect, useState } from "preact/hooks";
import type { CameraRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { newWindowAddress } from "../../state/room";
import { useStore } from "../../ui/hooks";
import { WhoSees } from "../access/WhoSees";
import { useMoments, usePart, useShell, useWords } from "../context";
import { useEvery, useGuard } from "../hooks";
import { Edit } from "../state/edit";
import { Conflict } from "../ui/Conflict";
import { Buttons, Form as FormBox } from "../ui/Fields";
import { Page } from "../ui/Page";
import { Unread } from "../ui/Unread";
import { camerasWords } from "../words/cameras";
import { common } from "../words/common";
import { CameraFields } from "./CameraFields";
import { useDelete } from "./remove";
import { State } from "./State";
import { Test } from "./Test";
import { belongs, bodyOf, check, empty, type Values, valuesOf } from "./values";

const lookEvery = 10_000; // ms: its state changes by itself

/** One camera: how it is doing, its settings, who sees it. */
export default function Camera() {
  const id = usePart("id");
  const t = useWords(camerasWords);
  const shell = useShell();
  const remove = useDelete();
  const [edit] = useState(() => {
    const path = to("cameras", id);
    const body = (changes: Partial<Values>) => bodyOf(changes);
    return new Edit<CameraRecord, Values>({ client: shell.client, path, values: valuesOf, body, empty, belongs });
  });
  const { phase, thing, problem } = useStore(edit.state);
  useGuard(edit.form);
  useEffect(() => void edit.load(), [edit]);
  useEvery(lookEvery, () => void edit.refresh());
  const up = { path: "/cameras", name: t.title };
  if (!thing || phase !== "there") {
    return <Unread title={t.title} up={up} problem={problem} onAgain={() => void edit.load()} />;
  }
  const saved = () => shell.say(t.saved);
  const save = async () => {
    const faults = check(edit.form.values, "numbered");
    if (Object.keys(faults).length > 0) return edit.form.complain(faults);
    if (await edit.save()) saved();
  };
  const drop = async () => {
    if (!(await remove.one(thing))) return;
    edit.form.reset(edit.form.values);
    shell.router.go("/cameras");
  };
  const watch = () => window.open(newWindowAddress(thing.id), "_blank", "noopener");
  return (
    <Page
      title={t.edit(thing.number, thing.name)}
      up={up}
      narrow="narrow"
      tools={
        <>
          <button type="button" class="button-quiet" data-act="watch" onClick={watch}>
            {t.watch}
          </button>
          <button type="button" class="button-danger" data-act="delete" onClick={() => void drop()}>
            {t.remove.act}
          </button>
        </>
      }
    >
      <p class="camera-state">
        <State camera={thing} />
        {thing.views > 0 && (
          <>
            {" · "}
            {t.views}: {thing.views}
          </>
        )}
      </p>
      <Conflict edit={edit} names={t.form} show={useShow()} onSaved={saved} />
      <FormBox form={edit.form} label={thing.name} onSubmit={() => void save()}>
        <CameraFields form={edit.form} camera={thing} />
        <Test form={edit.form} camera={thing} onTested={() => void edit.refresh()} />
        <Save edit={edit} />
      </FormBox>
      <WhoSees kind="camera" id={id} title={t.who.title} text={t.who.text} empty={t.who.empty} />
    </Page>
  );
}

/** Saves, or gives up what was typed. */
function Save({ edit }: { edit: Edit<CameraRecord, Values> }) {
  const c = useWords(common);
  const { full } = useMoments();
  useStore(edit.form.state);
  const { thing } = useStore(edit.state);
  return (
    <Buttons form={edit.form}>
      {edit.form.dirty && (
        <button type="button" class="button-quiet" data-act="undo" onClick={() => edit.form.reset(edit.form.base)}>
          {c.undo}
        </button>
      )}
      {thing && <span class="hint">{c.changed(full(thing.updated_at))}</span>}
    </Buttons>
  );
}

/** How the values that are no plain text read in a conflict. */
function useShow(): (name: keyof Values, value: unknown) => string {
  const t = useWords(camerasWords);
  const c = useWords(common);
  const transports: Record<string, string> = t.transports;
  return (name, value) => {
    if (typeof value === "boolean") return value ? c.yes : c.no;
    if (Array.isArray(value)) return value.join(", ");
    return name === "transport" ? (transports[String(value)] ?? "") : String(value ?? "");
  };
}

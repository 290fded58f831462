import { useEffect, useRef, useState } from "preact/hooks";
import type { CameraRecord } from "../../api/cameras";
import type { Passport } from "../../api/probe";
import { browserClock } from "../../base/clock";
import { useStore, useTicking } from "../../ui/hooks";
import { useMoments, useShell, useWords } from "../context";
import type { Form } from "../state/form";
import { longest, Probing, secondsSince } from "../state/probing";
import { Trouble } from "../ui/Trouble";
import { common } from "../words/common";
import { probeWords } from "../words/probe";
import { Answer, VerdictLine } from "./Answer";
import { requestFor, type Source, sameSource, sourceOf, type Which } from "./source";
import type { Values } from "./values";

interface TestProps {
  form: Form<Values>;
  /** The one that is edited; none: a new one. */
  camera?: CameraRecord;
  /** A test has ended; the camera may have its answer now. */
  onTested?: (passport: Passport) => void;
}

interface Asked {
  source: Source;
  which: Which;
}

/** The test of a camera with what stands in its form, and the answer: of now, or the one that was kept. */
export function Test({ form, camera, onTested }: TestProps) {
  const t = useWords(probeWords);
  const { client } = useShell();
  const { values } = useStore(form.state);
  const [probing] = useState(() => new Probing<Asked>({ client, clock: browserClock }));
  const state = useStore(probing.state);
  const running = state.phase === "running";
  useEffect(() => () => probing.cancel(), [probing]);
  useEscape(running, () => probing.cancel());
  const test = async (which: Which) => {
    const source = sourceOf(values, which);
    const field = which === "main" ? "address" : "sub_address";
    if (source.address.trim() === "") return form.complain({ [field]: "required" });
    form.complain({});
    const answer = await probing.test({ source, which }, requestFor(source, which, camera));
    if (!answer) return;
    if (answer.ok) onTested?.(answer.value);
    else if (form.blame(which === "main" ? answer : ofSub(answer))) probing.forget(); // told at its field
  };
  const kept = camera?.passport ?? undefined;
  useChanged(camera?.version, () => {
    if (state.phase !== "there") return;
    probing.forget();
    // What was saved gave a picture: another look, so that the answer stays with the camera.
    if (!kept && state.asked.which === "main" && state.passport.code === "" && !form.dirty) void test("main");
  });
  const shown = state.phase === "there" ? state.passport : state.phase === "failed" ? undefined : kept;
  return (
    <section class="panel test" data-part="test">
      <h2>{t.title}</h2>
      <p class="hint">{t.hint}</p>
      <div class="form-buttons">
        {/* It keeps the focus while the test runs. */}
        <button
          type="button"
          class="button-quiet"
          data-act="test"
          aria-disabled={running}
          onClick={() => void test("main")}
        >
          {shown || state.phase === "failed" ? t.again : t.act}
        </button>
        {values.sub_address.trim() !== "" && (
          <button
            type="button"
            class="button-quiet"
            data-act="test-sub"
            aria-disabled={running}
            onClick={() => void test("sub")}
          >
            {t.actSub}
          </button>
        )}
        {running && <Running began={state.began} onCancel={() => probing.cancel()} />}
      </div>
      <div class="test-said" role="status" aria-live="polite">
        {running && <p>{state.asked.which === "sub" ? t.runningSub : t.running}</p>}
        {state.phase === "cancelled" && <p>{t.cancelled}</p>}
        {state.phase === "there" && state.asked.which === "sub" && <p>{t.sub}</p>}
        {!running && shown && <VerdictLine passport={shown} />}
      </div>
      {state.phase === "there" && !sameSource(state.asked.source, sourceOf(values, state.asked.which)) && (
        <p class="advice" data-advice="others">
          {t.others}
        </p>
      )}
      {state.phase === "failed" && <Trouble problem={state.problem} />}
      {!running && shown && (
        <>
          <Answer passport={shown} name={values.name} />
          <Made at={shown.at} />
        </>
      )}
    </section>
  );
}

function Made({ at }: { at: string }) {
  const t = useWords(probeWords);
  const { ago, full } = useMoments();
  useTicking(10_000);
  return (
    <p class="hint" title={full(at)} data-tested={at}>
      {t.when(ago(at))}
    </p>
  );
}

/** How long it takes already, and the way out. The seconds are not said aloud one by one. */
function Running({ began, onCancel }: { began: number; onCancel: () => void }) {
  const t = useWords(probeWords);
  const c = useWords(common);
  useTicking(250);
  const seconds = secondsSince(began, browserClock.now());
  const most = longest / 1000;
  return (
    <>
      <button type="button" class="button-quiet" data-act="cancel-test" title={t.escape} onClick={onCancel}>
        {c.cancel}
      </button>
      <span class="test-time" aria-hidden="true">
        <progress max={most} value={seconds} />
        {t.seconds(seconds, most)}
      </span>
    </>
  );
}

/** Does something when the camera was saved, here or by somebody else: an answer from before is not of it. */
function useChanged(version: number | undefined, fn: () => void): void {
  const before = useRef(version);
  useEffect(() => {
    if (before.current === version) return;
    before.current = version;
    fn();
  }, [version]);
}

/** Escape gives the test up, unless it closes something that stands over the page. */
function useEscape(on: boolean, fn: () => void): void {
  useEffect(() => {
    if (!on) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      fn();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [on]);
}

/** What is wrong with the address is wrong with the sub stream's, where that was tested. */
function ofSub<P extends { fields: { path: string; code: string }[] }>(problem: P): P {
  const fields = problem.fields.map((f) => ({ ...f, path: f.path.replace(/(^|\.)address$/, "$1sub_address") }));
  return { ...problem, fields };
}

import { useEffect, useMemo } from "preact/hooks";
import { useDesk } from "../../ui/context";
import { useStore } from "../../ui/hooks";
import { useShell, useUser, useWords } from "../context";
import { Page } from "../ui/Page";
import { camerasWords } from "../words/cameras";
import { sheetsWords } from "../words/sheets";
import { Checked } from "./Checked";
import { Choose, useDrop } from "./Choose";
import { Importing } from "./importing";
import { Refused } from "./Refused";
import { Steps } from "./Steps";
import { Taken } from "./Taken";
import { Unclear } from "./Unclear";
import { Working } from "./Working";

/** Many cameras at once by a spreadsheet: chosen, checked without changing anything, taken. */
export default function Import() {
  const t = useWords(sheetsWords);
  const c = useWords(camerasWords);
  const importing = useImporting();
  const { phase, name, step, problem } = useStore(importing.state);
  const choose = (file: File) => void importing.choose(file);
  const over = useDrop(choose);
  const begun = phase === "checked" || phase === "taken";
  return (
    <Page title={t.title} up={{ path: "/cameras", name: c.title }} narrow={begun ? "wide" : "narrow"}>
      <Steps phase={phase} />
      {phase === "empty" && (
        <>
          {problem && <Refused name={name} problem={problem} onAgain={() => void importing.check()} />}
          <Choose over={over} onFile={choose} />
        </>
      )}
      {(phase === "checking" || phase === "taking") && (
        <Working
          name={name}
          step={step}
          deed={phase === "checking" ? "check" : "take"}
          onCancel={() => importing.cancel()}
        />
      )}
      {phase === "checked" && <Checked importing={importing} onFile={choose} />}
      {phase === "unclear" && <Unclear importing={importing} />}
      {phase === "taken" && <Taken importing={importing} />}
    </Page>
  );
}

/** The sheet of this page: it asks before it is left behind, outlives a session that ended by itself, and notices when its file changes. */
function useImporting(): Importing {
  const t = useWords(sheetsWords);
  const shell = useShell();
  const { session, drafts } = useDesk();
  const { id } = useUser();
  const where = "/cameras/import";
  const importing = useMemo(() => {
    const kept = drafts.take(id, where)?.changes;
    if (kept instanceof Importing) {
      shell.say(t.restored);
      return kept;
    }
    return new Importing({ client: shell.client, wall: () => Date.now() });
  }, [id]);
  useEffect(() => {
    const unguard = shell.router.guard(() => importing.loaded);
    const look = () => void importing.look();
    addEventListener("focus", look);
    return () => {
      unguard();
      removeEventListener("focus", look);
      const state = session.state.value;
      const ended = state.phase === "out" && state.why === "ended";
      const kept = importing.loaded || importing.state.value.problem !== undefined;
      if (ended && importing.sheet && kept) drafts.keep(id, where, { base: {}, changes: importing });
      else importing.reset();
    };
  }, [importing]);
  useEffect(() => {
    shell.atStake.set(t.leave);
    return () => shell.atStake.set(undefined);
  }, [t]);
  return importing;
}

import { useEffect, useId, useState } from "preact/hooks";
import type { PersonRecord } from "../../api/cameras";
import type { Client, Problem, Result } from "../../api/client";
import type { HeldCamera, HeldGroup } from "../../api/people";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useShell, useTelling, useWords } from "../context";
import { useRows } from "../hooks";
import { type CopyPlan, type Holdings, type Moved, planCopy } from "../state/copying";
import { Box } from "../ui/Box";
import { Search } from "../ui/Search";
import { Trouble } from "../ui/Trouble";
import { accessWords } from "../words/access";
import { common } from "../words/common";

interface CopyFromProps {
  /** Who gets it. */
  user: string;
  name: string;
  onClose: () => void;
  onDone: () => void;
}

/** Copies somebody else's grants; what would change is shown before it is done. */
export function CopyFrom({ user, name, onClose, onDone }: CopyFromProps) {
  const t = useWords(accessWords).copy;
  const [from, setFrom] = useState<PersonRecord>();
  return (
    <Box title={t.title(name)} onClose={onClose}>
      {from ? (
        <Plan key={from.id} user={user} from={from} onAnother={() => setFrom(undefined)} onDone={onDone} />
      ) : (
        <Whom except={user} onChosen={setFrom} />
      )}
    </Box>
  );
}

const shown = 20; // people; the search finds the rest

function Whom({ except, onChosen }: { except: string; onChosen: (person: PersonRecord) => void }) {
  const t = useWords(accessWords);
  const c = useWords(common);
  const tell = useTelling();
  const rows = useRows<PersonRecord>("/people", { limit: shown });
  const { items, phase, problem } = useStore(rows.state);
  const others = items.filter((p) => p.id !== except);
  return (
    <fieldset class="choose">
      <legend>{t.copy.from}</legend>
      <Search rows={rows} label={t.copy.search} />
      <ul class="choose-rows" aria-busy={phase === "loading"}>
        {others.map((p) => (
          <li key={p.id}>
            <button type="button" class="button-link" data-person={p.id} onClick={() => onChosen(p)}>
              {p.name || p.login}
            </button>
            <span class="choose-more">{p.kind === "device" ? t.people.device : p.login}</span>
          </li>
        ))}
        {phase === "there" && others.length === 0 && <li class="hint">{c.table.nothing}</li>}
        {phase === "failed" && problem && <li class="fault">{tell.problem(problem)}</li>}
      </ul>
    </fieldset>
  );
}

interface PlanProps {
  user: string;
  from: PersonRecord;
  onAnother: () => void;
  onDone: () => void;
}

function Plan({ user, from, onAnother, onDone }: PlanProps) {
  const t = useWords(accessWords).copy;
  const c = useWords(common);
  const shell = useShell();
  const key = useId();
  const [mode, setMode] = useState<"add" | "replace">("add");
  const [read, setRead] = useState<{ theirs: Holdings; mine: Holdings }>();
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let here = true;
    void Promise.all([holdings(shell.client, from.id), holdings(shell.client, user)]).then(([theirs, mine]) => {
      if (!here) return;
      if (!theirs.ok) setProblem(theirs);
      else if (!mine.ok) setProblem(mine);
      else setRead({ theirs: theirs.value, mine: mine.value });
    });
    return () => {
      here = false;
    };
  }, [from.id, user]);
  const plan = read && planCopy(read.theirs, read.mine, mode);
  const nothing = plan !== undefined && plan.given.length + plan.withdrawn.length === 0;
  const apply = async () => {
    setBusy(true);
    setProblem(undefined);
    const done = await shell.client.request<{ given: number; withdrawn: number }>(
      "POST",
      `${to("users", user)}/grants/copy`,
      { from: from.id, mode },
    );
    setBusy(false);
    if (!done.ok) return setProblem(done);
    shell.say(t.done(done.value.given, done.value.withdrawn));
    onDone();
  };
  return (
    <div class="form">
      <p>
        <strong>{t.source(from.name || from.login)}</strong>{" "}
        <button type="button" class="button-link" data-act="another" onClick={onAnother}>
          {t.another}
        </button>
      </p>
      <fieldset class="radios">
        <legend>{t.how}</legend>
        {(["add", "replace"] as const).map((which) => (
          <span key={which}>
            <input
              type="radio"
              id={`${key}-${which}`}
              name={key}
              value={which}
              checked={mode === which}
              onChange={() => setMode(which)}
            />
            <label for={`${key}-${which}`}>{t[which]}</label>
          </span>
        ))}
      </fieldset>
      <div class="preview" role="status">
        {plan ? <Preview plan={plan} /> : !problem && <p>{c.loading}</p>}
      </div>
      <Trouble problem={problem} />
      <div class="form-buttons">
        <button
          type="button"
          class={mode === "replace" ? "button-danger" : "button-main"}
          data-act="copy-now"
          disabled={!plan || nothing || busy}
          onClick={() => void apply()}
        >
          {t.apply}
        </button>
      </div>
    </div>
  );
}

function Preview({ plan }: { plan: CopyPlan }) {
  const t = useWords(accessWords).copy;
  const { given, withdrawn, kept } = plan;
  return (
    <>
      {given.length + withdrawn.length === 0 && <p>{t.nothing}</p>}
      {given.length > 0 && <Things title={t.given(given.length)} things={given} />}
      {withdrawn.length > 0 && <Things title={t.withdrawn(withdrawn.length)} things={withdrawn} />}
      {kept > 0 && <p class="hint">{t.kept(kept)}</p>}
    </>
  );
}

const named = 30; // of a long list

function Things({ title, things }: { title: string; things: readonly Moved[] }) {
  const t = useWords(accessWords).copy;
  return (
    <div>
      <p>
        <strong>{title}</strong>
      </p>
      <ul class="consequences">
        {things.slice(0, named).map((x) => (
          <li key={`${x.kind} ${x.id}`}>{x.kind === "group" ? t.group(x.name) : x.name}</li>
        ))}
        {things.length > named && <li class="hint">{t.more(things.length - named)}</li>}
      </ul>
    </div>
  );
}

/** What somebody was granted: all pages of it. */
async function holdings(client: Pick<Client, "all">, user: string): Promise<Result<Holdings>> {
  const path = to("users", user);
  const [cameras, groups] = await Promise.all([
    client.all<HeldCamera>(`${path}/cameras`),
    client.all<HeldGroup>(`${path}/groups`),
  ]);
  if (!cameras.ok) return cameras;
  if (!groups.ok) return groups;
  return { ok: true, value: { cameras: cameras.value, groups: groups.value } };
}

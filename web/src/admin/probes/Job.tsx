import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ProbedCamera, ProbesRecord } from "../../api/probe";
import { browserClock } from "../../base/clock";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useMoments, usePart, useShell, useTelling, useWords } from "../context";
import { useEvery, useRows } from "../hooks";
import { useFile } from "../sheets/useFile";
import { Following } from "../state/following";
import { isShown, verdicts } from "../state/passport";
import { Filter } from "../ui/Filter";
import { Page } from "../ui/Page";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { Unread } from "../ui/Unread";
import { probeWords } from "../words/probe";
import { useColumns } from "./columns";
import { useStartProbes } from "./start";

const lookEvery = 2000; // ms: rows change while the test runs

/** One test of many cameras: how far it is, and what each camera answered. It goes on without the page. */
export default function Job() {
  const id = usePart("id");
  const { jobs: t } = useWords(probeWords);
  const { client } = useShell();
  const { full } = useMoments();
  const path = to("probes", id);
  const following = useMemo(() => new Following({ client, clock: browserClock, path }), [client, path]);
  useEffect(() => {
    void following.look();
    return () => following.stop();
  }, [following]);
  const { job, problem } = useStore(following.state);
  const up = { path: "/probes", name: t.title };
  if (!job) return <Unread title={t.title} up={up} problem={problem} onAgain={() => void following.look()} />;
  return (
    <Page title={t.one(full(job.began_at))} up={up} tools={<Tools job={job} following={following} />}>
      <Progress job={job} />
      {problem && <p class="hint">{t.away}</p>}
      <Tested key={id} job={job} />
    </Page>
  );
}

function Tools({ job, following }: { job: ProbesRecord; following: Following }) {
  const { jobs: t } = useWords(probeWords);
  const shell = useShell();
  const tell = useTelling();
  const file = useFile();
  const [busy, setBusy] = useState(false);
  const failed = (problem: Parameters<typeof tell.problem>[0]) => shell.say(tell.problem(problem), "failed");
  const during = async (act: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    await act();
    setBusy(false);
  };
  const start = useStartProbes();
  const stop = async () => {
    const done = await following.cancel();
    if (!done.ok) failed(done);
  };
  const sheet = () => {
    const path = to("probes", job.id, "sheet");
    const ask = (language: string) => shell.client.file("GET", `${path}?lang=${language}`);
    void file.get(ask, t.file(job.began_at.slice(0, 10)));
  };
  const retry = async () => {
    const got = await shell.client.all<ProbedCamera>(to("probes", job.id, "cameras"));
    if (!got.ok) return failed(got);
    const bad = got.value.filter(({ passport }) => passport && !isShown(passport));
    if (bad.length > 0) await start({ ids: bad.map((row) => row.camera.id) });
  };
  return (
    <>
      {job.state === "running" ? (
        <button type="button" class="button-danger" data-act="stop" disabled={busy} onClick={() => void during(stop)}>
          {t.stop}
        </button>
      ) : (
        job.failed > 0 && (
          <button
            type="button"
            class="button-quiet"
            data-act="retry"
            disabled={busy}
            onClick={() => void during(retry)}
          >
            {t.retry}
          </button>
        )
      )}
      <button type="button" class="button-quiet" data-act="sheet" disabled={file.busy} onClick={sheet}>
        {t.sheet}
      </button>
    </>
  );
}

function Progress({ job }: { job: ProbesRecord }) {
  const { jobs: t } = useWords(probeWords);
  const { number } = useMoments();
  const { state, of, done, well, failed } = job;
  const said = { running: t.running(of), done: t.done(well, failed), cancelled: t.stopped }[state];
  return (
    <section class="job" data-state={state} aria-label={t.progress}>
      <progress max={Math.max(of, 1)} value={of === 0 ? 1 : done} aria-label={t.progress} />
      <p class="job-counts">
        <strong>{t.tested(number(done), number(of))}</strong>
        <span>{t.well(number(well))}</span>
        <span>{t.bad(number(failed))}</span>
        {job.by !== "" && <span class="soft">{t.byWhom(job.by)}</span>}
      </p>
      {/* Counts are not said aloud one by one. */}
      <p class="hint" role="status">
        {said}
        {state === "running" && ` ${t.stays}`}
      </p>
    </section>
  );
}

function Tested({ job }: { job: ProbesRecord }) {
  const w = useWords(probeWords);
  const { jobs: t } = w;
  const rows = useRows<ProbedCamera>(to("probes", job.id, "cameras"), {
    filters: ["outcome"],
    address: "kept",
  });
  useEvery(lookEvery, () => {
    if (job.state === "running") void rows.again("quietly");
  });
  // The last of them came after the last look.
  const before = useRef(job.state);
  useEffect(() => {
    if (before.current !== job.state) void rows.again("quietly");
    before.current = job.state;
  }, [job.state, rows]);
  const columns = useColumns();
  return (
    <>
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Filter
          rows={rows}
          name="outcome"
          label={t.result}
          any={t.anyResult}
          choices={verdicts.map((value) => ({ value, name: w.marks[value] }))}
        />
      </div>
      <Table
        label={t.progress}
        rows={rows}
        columns={columns}
        id={(row) => row.camera.id}
        called={(row) => `${row.camera.number} ${row.camera.name}`}
        empty={<p>{t.empty}</p>}
      />
    </>
  );
}

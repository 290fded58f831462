import type { SessionRecord } from "../../api/people";
import { deviceLabel } from "../../base/device";
import { to } from "../../route/where";
import { useDesk } from "../../ui/context";
import { useStore } from "../../ui/hooks";
import { useMoments, useShell, useTelling, useWords } from "../context";
import { useRows } from "../hooks";
import { type Column, Table } from "../ui/Table";
import { accountWords } from "../words/account";

interface SessionsProps {
  /** Of the list in the API. */
  path: string;
  whose: "mine" | "theirs";
}

/** Where somebody is signed in; one or all of it can be ended. */
export function SessionsPanel({ path, whose }: SessionsProps) {
  const t = useWords(accountWords).sessions;
  const shell = useShell();
  const tell = useTelling();
  const { session } = useDesk();
  const { since } = useMoments();
  const rows = useRows<SessionRecord>(path, { limit: 20 });
  const { items } = useStore(rows.state);
  const end = async (one: SessionRecord) => {
    if (one.current) return session.signOut();
    const done = await shell.client.request("DELETE", `${path}${to(one.id)}`);
    // Ended already is what was wanted.
    if (done.ok || done.status === 404) shell.say(t.ended);
    else shell.say(tell.problem(done), "failed");
    void rows.again();
  };
  const endAll = async () => {
    const sure = await shell.confirm({
      title: t.sureEverywhere,
      consequences: whose === "mine" ? t.everywhereConsequences : t.everywhereOther,
      act: t.everywhere,
      kind: "danger",
    });
    if (!sure) return;
    const done = await shell.client.request("DELETE", path);
    if (!done.ok) return shell.say(tell.problem(done), "failed");
    if (whose === "mine") return session.signOut();
    shell.say(t.doneOther);
    void rows.again();
  };
  const columns: Column<SessionRecord>[] = [
    {
      id: "where",
      name: t.where,
      looks: "grow",
      keep: "narrow",
      cell: (s) => (
        <>
          <span title={s.user_agent}>{deviceLabel(s.user_agent)}</span>
          {s.current && <span class="tag tag-here">{t.here}</span>}
          <span class="under only-narrow">{s.remote}</span>
        </>
      ),
    },
    { id: "address", name: t.address, cell: (s) => s.remote },
    { id: "since", name: t.since, looks: "tight", cell: (s) => since(s.created_at) },
    { id: "seen", name: t.seen, looks: "tight", keep: "narrow", cell: (s) => since(s.seen_at) },
    {
      id: "end",
      name: t.end,
      head: "unseen",
      looks: "tight",
      keep: "narrow",
      cell: (s) => (
        <button
          type="button"
          class="button-link"
          data-act="end"
          aria-label={t.endOf(`${deviceLabel(s.user_agent)}, ${s.remote}`)}
          onClick={() => void end(s)}
        >
          {t.end}
        </button>
      ),
    },
  ];
  const title = whose === "mine" ? t.title : t.titleOther;
  return (
    <section data-part="sessions">
      <div class="part-head">
        <h2>{title}</h2>
        {items.length > 0 && (
          <button type="button" class="button-danger" data-act="end-all" onClick={() => void endAll()}>
            {t.everywhere}
          </button>
        )}
      </div>
      <Table label={title} rows={rows} columns={columns} id={(s) => s.id} empty={<p>{t.empty}</p>} />
    </section>
  );
}

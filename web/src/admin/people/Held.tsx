import { useState } from "preact/hooks";
import type { HeldCamera, HeldGroup } from "../../api/people";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { Until, Ways } from "../access/Via";
import { useMoments, useShell, useTelling, useWords } from "../context";
import { direct } from "../state/copying";
import type { Rows } from "../state/rows";
import { Selection } from "../state/selection";
import { Chosen } from "../ui/Chosen";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { accessWords } from "../words/access";

interface HeldProps<T> {
  /** Of whose things. */
  user: string;
  name: string;
  rows: Rows<T>;
  onChanged: () => void;
}

/** Withdraws from somebody after asking; true if it was done. */
function useWithdraw(
  user: string,
): (title: string, what: { cameras?: string[]; groups?: string[] }, stays?: string) => Promise<boolean> {
  const t = useWords(accessWords).withdraw;
  const shell = useShell();
  const tell = useTelling();
  return async (title, what, stays) => {
    const consequences = [t.ends, ...(stays ? [stays] : [])];
    if (!(await shell.confirm({ title, consequences, act: t.act, kind: "danger" }))) return false;
    const done = await shell.client.request<{ withdrawn: number }>("POST", "/grants/withdraw", {
      users: [user],
      ...what,
    });
    if (done.ok) shell.say(t.done(done.value.withdrawn));
    else shell.say(tell.problem(done), "failed");
    return done.ok;
  };
}

/** The groups that somebody was granted. */
export function HeldGroups({ user, name, rows, onChanged }: HeldProps<HeldGroup>) {
  const t = useWords(accessWords);
  const { full } = useMoments();
  const withdraw = useWithdraw(user);
  const drop = async (g: HeldGroup) => {
    if (await withdraw(t.withdraw.group(g.name, name), { groups: [g.id] })) onChanged();
  };
  const until = (g: HeldGroup) => (g.expires_at ? full(g.expires_at) : t.forever);
  return (
    <section data-part="groups">
      <h2>{t.groups}</h2>
      <p class="hint">{t.groupsText}</p>
      <Table
        label={t.groups}
        rows={rows}
        id={(g) => g.id}
        empty={<p>{t.noGroups}</p>}
        columns={[
          {
            id: "name",
            name: t.name,
            looks: "grow",
            keep: "narrow",
            cell: (g) => <a href={`#${to("groups", g.id)}`}>{g.name}</a>,
          },
          { id: "cameras", name: t.inGroup, looks: "number", keep: "narrow", cell: (g) => g.cameras },
          { id: "until", name: t.until, looks: "tight", keep: "narrow", cell: until },
          { id: "reason", name: t.reason, cell: (g) => g.reason },
          { id: "given", name: t.given, cell: (g) => t.by(g.granted_by, full(g.granted_at)) },
          {
            id: "withdraw",
            name: t.withdraw.act,
            head: "unseen",
            looks: "tight",
            keep: "narrow",
            cell: (g) => (
              <button
                type="button"
                class="button-link"
                data-act="withdraw"
                aria-label={`${t.withdraw.act}: ${g.name}`}
                onClick={() => void drop(g)}
              >
                {t.withdraw.act}
              </button>
            ),
          },
        ]}
      />
    </section>
  );
}

/** The cameras that somebody sees, and how. Only what was granted directly can be withdrawn here. */
export function HeldCameras({ user, name, rows, onChanged }: HeldProps<HeldCamera>) {
  const t = useWords(accessWords);
  const shell = useShell();
  const tell = useTelling();
  const withdraw = useWithdraw(user);
  const [selection] = useState(() => new Selection());
  const { total } = useStore(rows.state);
  const { q } = useStore(rows.query);
  const drop = async (c: HeldCamera) => {
    const stays = c.via.length > 1 ? t.withdraw.stays(1) : undefined;
    if (await withdraw(t.withdraw.camera(`${c.number} ${c.name}`, name), { cameras: [c.id] }, stays)) onChanged();
  };
  const dropMany = async () => {
    const all = await rows.all();
    if (!all.ok) return shell.say(tell.problem(all), "failed");
    const chosen = all.value.filter((c) => selection.has(c.id));
    const given = chosen.filter(direct);
    if (given.length === 0) return shell.say(t.withdraw.nothing, "failed");
    const staying = chosen.filter((c) => !direct(c) || c.via.length > 1).length;
    const title = t.withdraw.cameras(given.length, name);
    const stays = staying > 0 ? t.withdraw.stays(staying) : undefined;
    if (!(await withdraw(title, { cameras: given.map((c) => c.id) }, stays))) return;
    selection.clear();
    onChanged();
  };
  return (
    <section data-part="cameras">
      <h2>{t.cameras}</h2>
      {(total > 20 || q !== "") && (
        <div class="tools-line">
          <Search rows={rows} label={t.searchCameras} />
        </div>
      )}
      <Chosen rows={rows} selection={selection} id={(c) => c.id}>
        <button type="button" class="button-danger" data-act="withdraw-many" onClick={() => void dropMany()}>
          {t.withdraw.many}
        </button>
      </Chosen>
      <Table
        label={t.cameras}
        rows={rows}
        id={(c) => c.id}
        called={(c) => `${c.number} ${c.name}`}
        selection={selection}
        empty={<p>{t.noCameras}</p>}
        columns={[
          { id: "number", name: t.number, sort: "number", looks: "number", keep: "narrow", cell: (c) => c.number },
          {
            id: "name",
            name: t.name,
            sort: "name",
            looks: "grow",
            keep: "narrow",
            cell: (c) => (
              <>
                <a href={`#${to("cameras", c.id)}`}>{c.name}</a>
                {c.location !== "" && <span class="under only-narrow">{c.location}</span>}
              </>
            ),
          },
          { id: "location", name: t.location, sort: "location", cell: (c) => c.location },
          { id: "via", name: t.via, keep: "narrow", cell: (c) => <Ways ways={c.via} /> },
          { id: "until", name: t.until, looks: "tight", cell: (c) => <Until ways={c.via} /> },
          {
            id: "withdraw",
            name: t.withdraw.act,
            head: "unseen",
            looks: "tight",
            cell: (c) =>
              direct(c) && (
                <button
                  type="button"
                  class="button-link"
                  data-act="withdraw"
                  aria-label={`${t.withdraw.act}: ${c.number} ${c.name}`}
                  onClick={() => void drop(c)}
                >
                  {t.withdraw.act}
                </button>
              ),
          },
        ]}
      />
    </section>
  );
}

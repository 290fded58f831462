import { useState } from "preact/hooks";
import type { GrantsWithdrawn, Holder } from "../../api/cameras";
import { may } from "../../route/places";
import { to } from "../../route/where";
import { useStore } from "../../ui/hooks";
import { useShell, useTelling, useUser, useWords } from "../context";
import { useRows } from "../hooks";
import { Selection } from "../state/selection";
import { Chosen } from "../ui/Chosen";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { sharingWords } from "../words/sharing";
import { Give } from "./Give";
import { isDirect, Until, Ways } from "./Via";

interface WhoSeesProps {
  kind: "camera" | "group";
  id: string;
  title: string;
  text?: string;
  empty: string;
}

/** Who may watch a camera or a group, and how; access is given and withdrawn here. */
export function WhoSees({ kind, id, title, text, empty }: WhoSeesProps) {
  const t = useWords(sharingWords);
  const shell = useShell();
  const tell = useTelling();
  const user = useUser();
  const rows = useRows<Holder>(`${to(`${kind}s`, id)}/users`);
  const [selection] = useState(() => new Selection());
  const [giving, setGiving] = useState(false);
  const what = kind === "camera" ? { cameras: [id] } : { groups: [id] };
  const withdraw = async () => {
    const users = [...selection.ids.value];
    const question = { title: t.withdrawTitle(users.length), text: t.withdrawText, act: t.withdraw };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request<GrantsWithdrawn>("POST", "/grants/withdraw", { users, ...what });
    if (!done.ok) return shell.say(tell.problem(done), "failed");
    shell.say(t.withdrawn(done.value.withdrawn));
    selection.clear();
    void rows.again();
  };
  const { total } = useStore(rows.state);
  const { q } = useStore(rows.query);
  // What somebody has by a group or a role is withdrawn there.
  const selectable = (p: Holder) => kind === "group" || p.via.some(isDirect);
  const name = (p: Holder) => p.name || p.login;
  return (
    <section class="who" data-part="who">
      <div class="part-head">
        <h2>{title}</h2>
        <button type="button" class="button-quiet" data-act="give" onClick={() => setGiving(true)}>
          {t.give}
        </button>
      </div>
      {text && <p class="hint">{text}</p>}
      {(total > 20 || q !== "") && (
        <div class="tools-line">
          <Search rows={rows} label={t.search} />
        </div>
      )}
      <Chosen rows={rows} selection={selection} id={(p) => p.id} selectable={selectable}>
        <button type="button" class="button-danger" data-act="withdraw" onClick={() => void withdraw()}>
          {t.withdraw}
        </button>
      </Chosen>
      <Table
        label={title}
        rows={rows}
        id={(p) => p.id}
        called={name}
        selection={selection}
        selectable={selectable}
        empty={<p>{empty}</p>}
        columns={[
          {
            id: "person",
            name: t.person,
            looks: "grow",
            keep: "narrow",
            cell: (p) => (
              <>
                {may(user, "admin") && p.kind !== "device" ? <a href={`#${to("users", p.id)}`}>{name(p)}</a> : name(p)}
                <span class="under">{p.kind === "device" ? t.device : p.login}</span>
              </>
            ),
          },
          { id: "how", name: t.how, looks: "grow", keep: "narrow", cell: (p) => <Ways ways={p.via} /> },
          { id: "until", name: t.until, looks: "tight", cell: (p) => <Until ways={p.via} /> },
        ]}
      />
      {giving && (
        <Give
          what={what}
          onClose={() => setGiving(false)}
          onDone={() => {
            setGiving(false);
            void rows.again();
          }}
        />
      )}
    </section>
  );
}

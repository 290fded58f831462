import { useState } from "preact/hooks";
import type { UserRecord } from "../../api/people";
import { to } from "../../route/where";
import { useMoments, useWords } from "../context";
import { useRows } from "../hooks";
import { Selection } from "../state/selection";
import { Filter } from "../ui/Filter";
import { Page } from "../ui/Page";
import { Print } from "../ui/Print";
import { Search } from "../ui/Search";
import { type Column, Table } from "../ui/Table";
import { common } from "../words/common";
import { usersWords } from "../words/users";
import { Bulk } from "./Bulk";
import { useLimits } from "./limit";

const filters = ["role", "banned", "has_password"];

/** All accounts of people. */
export default function Users() {
  const t = useWords(usersWords);
  const c = useWords(common);
  const rows = useRows<UserRecord>("/users", { filters, sort: "name", address: "kept" });
  const [selection] = useState(() => new Selection());
  const columns = useColumns();
  const id = (u: UserRecord) => u.id;
  const roles = Object.entries(c.roles).map(([value, name]) => ({ value, name }));
  return (
    <Page
      title={t.title}
      tools={
        <>
          <Print rows={rows} title={t.title} columns={columns} id={id} />
          <a class="button-main" href="#/users/new" data-act="add">
            {t.add}
          </a>
        </>
      }
    >
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Filter rows={rows} name="role" label={t.role} any={t.anyRole} choices={roles} />
        <Filter
          rows={rows}
          name="banned"
          label={t.state}
          any={t.anyState}
          choices={[
            { value: "true", name: t.banned },
            { value: "false", name: t.active },
          ]}
        />
        <Filter
          rows={rows}
          name="has_password"
          label={t.passwords.label}
          any={t.passwords.any}
          choices={[
            { value: "false", name: t.passwords.none },
            { value: "true", name: t.passwords.there },
          ]}
        />
      </div>
      <Bulk rows={rows} selection={selection} />
      <Table
        label={t.title}
        rows={rows}
        columns={columns}
        id={id}
        called={(u) => u.name}
        selection={selection}
        empty={<p>{t.empty}</p>}
      />
    </Page>
  );
}

function useColumns(): Column<UserRecord>[] {
  const t = useWords(usersWords);
  const c = useWords(common);
  const { since } = useMoments();
  const limits = useLimits();
  /** Why somebody can't sign in. */
  const barred = (u: UserRecord) => {
    if (u.banned) return <span class="state-refused">{t.banned}</span>;
    if (u.has_password) return;
    return <span class="state-stalled">{t.noPassword.mark}</span>;
  };
  return [
    {
      id: "name",
      name: t.name,
      sort: "name",
      looks: "grow",
      keep: "narrow",
      cell: (u) => (
        <>
          <a href={`#${to("users", u.id)}`}>{u.name}</a>
          {u.name !== u.login && <span class="under only-narrow">{u.login}</span>}
          {barred(u) && <span class="under only-narrow">{barred(u)}</span>}
        </>
      ),
    },
    { id: "login", name: t.login, sort: "login", cell: (u) => u.login },
    { id: "email", name: t.email, cell: (u) => u.email },
    { id: "role", name: t.role, keep: "narrow", looks: "tight", cell: (u) => c.roles[u.role] },
    { id: "limit", name: t.limit, looks: "tight", cell: (u) => limits.say(u.views_limit) },
    {
      id: "state",
      name: t.state,
      looks: "tight",
      cell: (u) => barred(u) ?? t.active,
    },
    { id: "seen", name: t.seen, looks: "tight", cell: (u) => (u.seen_at ? since(u.seen_at) : c.never) },
    {
      id: "sees",
      name: t.sees,
      looks: "tight",
      cell: (u) => (
        <a href={`#${to("people", u.id)}`} aria-label={`${t.sees}: ${u.name}`}>
          {t.sees}
        </a>
      ),
    },
  ];
}

import type { PersonRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useWords } from "../context";
import { useRows } from "../hooks";
import { Filter } from "../ui/Filter";
import { Page } from "../ui/Page";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { accessWords } from "../words/access";
import { common } from "../words/common";

/** Everybody to whom something can be granted: the way to what each of them sees. */
export default function People() {
  const t = useWords(accessWords).people;
  const c = useWords(common);
  const roles: Record<string, string> = c.roles;
  const rows = useRows<PersonRecord>("/people", { filters: ["kind"], sort: "name", address: "kept" });
  return (
    <Page title={t.title}>
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Filter
          rows={rows}
          name="kind"
          label={t.kind}
          any={t.any}
          choices={[
            { value: "person", name: t.person },
            { value: "device", name: t.devices },
          ]}
        />
      </div>
      <Table
        label={t.title}
        rows={rows}
        id={(p) => p.id}
        empty={<p>{t.empty}</p>}
        columns={[
          {
            id: "name",
            name: t.name,
            sort: "name",
            looks: "grow",
            keep: "narrow",
            cell: (p) => <a href={`#${to("people", p.id)}`}>{p.name || p.login}</a>,
          },
          { id: "login", name: t.login, sort: "login", cell: (p) => (p.kind === "device" ? "" : p.login) },
          {
            id: "role",
            name: t.role,
            looks: "tight",
            keep: "narrow",
            cell: (p) => (p.kind === "device" ? t.device : (roles[p.role] ?? p.role)),
          },
        ]}
      />
    </Page>
  );
}

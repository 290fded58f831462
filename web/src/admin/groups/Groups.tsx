import type { GroupRecord } from "../../api/cameras";
import { to } from "../../route/where";
import { useWords } from "../context";
import { useRows } from "../hooks";
import { Page } from "../ui/Page";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { groupsWords } from "../words/groups";

/** All groups of cameras. */
export default function Groups() {
  const t = useWords(groupsWords);
  const rows = useRows<GroupRecord>("/groups", { sort: "name", address: "kept" });
  return (
    <Page
      title={t.title}
      tools={
        <a class="button-main" href="#/groups/new" data-act="add">
          {t.add}
        </a>
      }
    >
      <p class="hint lead">{t.text}</p>
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
      </div>
      <Table
        label={t.title}
        rows={rows}
        id={(g) => g.id}
        empty={<p>{t.empty}</p>}
        columns={[
          {
            id: "name",
            name: t.name,
            sort: "name",
            looks: "grow",
            keep: "narrow",
            cell: (g) => <a href={`#${to("groups", g.id)}`}>{g.name}</a>,
          },
          { id: "notes", name: t.notes, looks: "grow", cell: (g) => g.notes },
          { id: "cameras", name: t.cameras, looks: "number", keep: "narrow", cell: (g) => g.cameras },
          { id: "users", name: t.users, looks: "number", keep: "narrow", cell: (g) => g.users },
        ]}
      />
    </Page>
  );
}

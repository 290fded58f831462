import type { components } from "../../api/schema";
import { to } from "../../route/where";
import { useMoments, useShell, useTelling, useWords } from "../context";
import { useEvery, useRows } from "../hooks";
import { Page } from "../ui/Page";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { viewsWords } from "../words/views";

type View = components["schemas"]["ViewOfCamera"];

const lookEvery = 3000; // ms: views come and go by themselves

const cameraOf = ({ camera }: View) => `${camera.number} ${camera.name}`;
const whoOf = ({ user }: View) => user.name || user.login;

/** Who watches what now, at which screen; a moderator may end it. */
export default function Views() {
  const t = useWords(viewsWords);
  const shell = useShell();
  const tell = useTelling();
  const { since, exact } = useMoments();
  const rows = useRows<View>("/views", { filters: ["user", "camera"], sort: "-opened_at", address: "kept" });
  useEvery(lookEvery, () => void rows.again("quietly"));
  const end = async (view: View) => {
    const question = { title: t.ask.title(whoOf(view)), text: t.ask.text(cameraOf(view)), act: t.ask.act };
    if (!(await shell.confirm({ ...question, kind: "danger" }))) return;
    const done = await shell.client.request("DELETE", to("views", view.id));
    if (done.ok) shell.say(t.done);
    else shell.say(tell.problem(done), "failed");
    void rows.again("quietly");
  };
  return (
    <Page title={t.title}>
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
      </div>
      <Table
        label={t.title}
        rows={rows}
        id={(view) => view.id}
        empty={<p>{t.empty}</p>}
        columns={[
          {
            id: "who",
            name: t.who,
            sort: "user",
            keep: "narrow",
            looks: "grow",
            cell: (view) => (
              <>
                {whoOf(view)}
                {view.user.kind === "device" && <span class="under">{t.device}</span>}
                <span class="under only-narrow">
                  {[since(view.opened_at), view.remote].filter(Boolean).join(" · ")}
                </span>
              </>
            ),
          },
          {
            id: "camera",
            name: t.camera,
            sort: "camera",
            keep: "narrow",
            looks: "grow",
            cell: (view) => <a href={`#${to("cameras", view.camera.id)}`}>{cameraOf(view)}</a>,
          },
          {
            id: "since",
            name: t.since,
            sort: "opened_at",
            looks: "tight",
            cell: (view) => <span title={exact(view.opened_at)}>{since(view.opened_at)}</span>,
          },
          { id: "by", name: t.by, sort: "transport", looks: "tight", cell: (view) => view.transport.toUpperCase() },
          { id: "where", name: t.where, cell: (view) => [view.label, view.remote].filter(Boolean).join(" · ") },
          {
            id: "end",
            name: t.end,
            keep: "narrow",
            looks: "tight",
            cell: (view) => (
              <button
                type="button"
                class="button-quiet"
                data-act="end"
                aria-label={t.endThis(whoOf(view), cameraOf(view))}
                onClick={() => void end(view)}
              >
                {t.end}
              </button>
            ),
          },
        ]}
      />
    </Page>
  );
}

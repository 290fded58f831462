import { useEffect, useMemo, useState } from "preact/hooks";
import { Feed, type LoggedEvent } from "../../api/events";
import { browserClock } from "../../base/clock";
import { useStore } from "../../ui/hooks";
import { useMoments, useShell, useWords } from "../context";
import { useRows } from "../hooks";
import { queryText, type Rows } from "../state/rows";
import { Page } from "../ui/Page";
import { Print } from "../ui/Print";
import { Search } from "../ui/Search";
import { Table } from "../ui/Table";
import { logWords } from "../words/log";
import { useColumns } from "./columns";
import { Filters } from "./Filters";

const filters = ["kind", "user", "camera", "code", "from", "to"];
const printed = 5000; // rows; more would be a book

/** What happened: searched, narrowed, and growing while one looks. */
export default function Log() {
  const t = useWords(logWords);
  const { number } = useMoments();
  const rows = useRows<LoggedEvent>("/events", { filters, sort: "-id", address: "kept" });
  const { total } = useStore(rows.state);
  const columns = useColumns(rows);
  const id = (e: LoggedEvent) => String(e.id);
  return (
    <Page
      title={t.title}
      tools={
        <>
          <Live rows={rows} />
          {total <= printed ? (
            <Print rows={rows} title={t.title} columns={columns} id={id} />
          ) : (
            <span class="hint">{t.tooMany(number(printed))}</span>
          )}
        </>
      }
    >
      <div class="tools-line">
        <Search rows={rows} label={t.search} />
        <Filters rows={rows} />
      </div>
      <Table label={t.title} rows={rows} columns={columns} id={id} empty={<p>{t.empty}</p>} />
    </Page>
  );
}

/** Has the list grow by itself, and lets a person hold it still. */
function Live({ rows }: { rows: Rows<LoggedEvent> }) {
  const t = useWords(logWords);
  const { client } = useShell();
  const [wanted, setWanted] = useState<"on" | "off">("on");
  const query = useStore(rows.query);
  const feed = useMemo(
    () =>
      new Feed({
        client,
        clock: browserClock,
        open: (url) => new EventSource(url),
        kinds: Object.keys(logWords.en.kinds),
        news: () => void rows.again("quietly"),
      }),
    [client, rows],
  );
  const state = useStore(feed.state);
  const filter = queryText({ ...query, sort: "" }).toString();
  useEffect(() => {
    if (wanted === "off") return;
    feed.listen(new URLSearchParams(filter));
    return () => feed.stop();
  }, [feed, filter, wanted]);
  const toggle = () => {
    if (wanted === "off") void rows.again("quietly"); // what came meanwhile
    setWanted(wanted === "on" ? "off" : "on");
  };
  return (
    <span class="feed" data-feed={state}>
      <span class="feed-state" role="status">
        {t.feed[state]}
      </span>
      <button type="button" class="button-quiet" data-act="pause" onClick={toggle}>
        {wanted === "on" ? t.pause : t.resume}
      </button>
    </span>
  );
}

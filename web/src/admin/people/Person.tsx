import { useState } from "preact/hooks";
import type { PersonRecord } from "../../api/cameras";
import type { HeldCamera, HeldGroup } from "../../api/people";
import { may } from "../../route/places";
import { to } from "../../route/where";
import { usePart, useUser, useWords } from "../context";
import { useRows } from "../hooks";
import type { Rows } from "../state/rows";
import { Page } from "../ui/Page";
import { Unread } from "../ui/Unread";
import { accessWords } from "../words/access";
import { common } from "../words/common";
import { CopyFrom } from "./CopyFrom";
import { GiveTo } from "./GiveTo";
import { HeldCameras, HeldGroups } from "./Held";
import { usePerson } from "./person";

/** What one person, or one screen on a wall, sees and why; access is given, withdrawn and copied here. */
export default function Person() {
  const id = usePart("id");
  const t = useWords(accessWords);
  const me = useUser();
  const { person, problem, again } = usePerson(id);
  // Administrators come from the list of accounts, or of screens.
  const up = may(me, "admin")
    ? person?.kind === "device"
      ? { path: "/devices", name: t.people.devices }
      : { path: "/users", name: t.users }
    : { path: "/people", name: t.people.title };
  if (!person) return <Unread title={t.people.title} up={up} problem={problem} onAgain={again} />;
  return <Sees key={person.id} person={person} up={up} />;
}

function Sees({ person, up }: { person: PersonRecord; up: { path: string; name: string } }) {
  const t = useWords(accessWords);
  const c = useWords(common);
  const me = useUser();
  const path = to("users", person.id);
  const cameras = useRows<HeldCamera>(`${path}/cameras`, { sort: "number" });
  const groups = useRows<HeldGroup>(`${path}/groups`, {});
  const [open, setOpen] = useState<"give" | "copy">();
  const name = person.name || person.login;
  const again = () => {
    void cameras.again();
    void groups.again();
  };
  const done = () => {
    setOpen(undefined);
    again();
  };
  const device = person.kind === "device";
  const roles: Record<string, string> = c.roles;
  return (
    <Page
      title={t.title(name)}
      up={up}
      tools={
        <>
          {may(me, "admin") && (
            <a class="button-quiet" href={`#${to(device ? "devices" : "users", person.id)}`} data-act="account">
              {device ? t.people.device : t.account}
            </a>
          )}
          <button type="button" class="button-quiet" data-act="copy-from" onClick={() => setOpen("copy")}>
            {t.copy.act}
          </button>
          <button type="button" class="button-main" data-act="give" onClick={() => setOpen("give")}>
            {t.give.act}
          </button>
        </>
      }
    >
      <p class="hint">{device ? t.people.device : [person.login, roles[person.role]].filter(Boolean).join(" · ")}</p>
      {person.role !== "user" && <p class="advice page-advice">{t.everything}</p>}
      <HeldGroups name={name} user={person.id} rows={groups as Rows<HeldGroup>} onChanged={again} />
      <HeldCameras name={name} user={person.id} rows={cameras} onChanged={again} />
      {open === "give" && <GiveTo user={person.id} name={name} onClose={() => setOpen(undefined)} onDone={done} />}
      {open === "copy" && <CopyFrom user={person.id} name={name} onClose={() => setOpen(undefined)} onDone={done} />}
    </Page>
  );
}

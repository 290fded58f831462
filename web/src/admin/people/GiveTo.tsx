import { useState } from "preact/hooks";
import type { CameraRecord, GroupRecord } from "../../api/cameras";
import { endOfDay, today } from "../access/day";
import { useShell, useWords } from "../context";
import { Form } from "../state/form";
import { Box } from "../ui/Box";
import { Choose } from "../ui/Choose";
import { Buttons, Form as FormBox, TextField } from "../ui/Fields";
import { accessWords } from "../words/access";
import { common } from "../words/common";

interface GiveToProps {
  user: string;
  name: string;
  onClose: () => void;
  onDone: () => void;
}

/** Gives somebody cameras and groups, several at once, with an end and a reason. */
export function GiveTo({ user, name, onClose, onDone }: GiveToProps) {
  const t = useWords(accessWords).give;
  const c = useWords(common);
  const shell = useShell();
  const [groups, setGroups] = useState<GroupRecord[]>([]);
  const [cameras, setCameras] = useState<CameraRecord[]>([]);
  const [shelf, setShelf] = useState<"groups" | "cameras">("groups");
  const [empty, setEmpty] = useState(false);
  const [form] = useState(() => new Form({ expires_at: "", reason: "" }));
  const none = groups.length + cameras.length === 0;
  const send = async () => {
    setEmpty(none);
    if (none) return;
    const result = await form.submit(({ expires_at, reason }) =>
      shell.client.request<{ given: number; unchanged: number }>("POST", "/grants", {
        users: [user],
        ...(cameras.length > 0 ? { cameras: cameras.map((x) => x.id) } : {}),
        ...(groups.length > 0 ? { groups: groups.map((x) => x.id) } : {}),
        ...(expires_at === "" ? {} : { expires_at: endOfDay(expires_at) }),
        ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
      }),
    );
    if (!result?.ok) return;
    const { given, unchanged } = result.value;
    shell.say([t.done(given), unchanged > 0 ? t.same(unchanged) : ""].filter(Boolean).join(" "));
    onDone();
  };
  return (
    <Box title={t.title(name)} onClose={onClose}>
      <FormBox form={form} onSubmit={() => void send()}>
        <fieldset class="switch shelves" aria-label={t.what}>
          {(["groups", "cameras"] as const).map((which) => (
            <button
              type="button"
              key={which}
              aria-pressed={shelf === which}
              data-shelf={which}
              onClick={() => setShelf(which)}
            >
              {t[which]} {which === "groups" ? groups.length || "" : cameras.length || ""}
            </button>
          ))}
        </fieldset>
        {shelf === "groups" ? (
          <Choose<GroupRecord>
            key="groups"
            path="/groups"
            sort="name"
            label={t.groups}
            search={t.searchGroups}
            id={(x) => x.id}
            name={(x) => x.name}
            more={(x) => String(x.cameras)}
            chosen={groups}
            onChange={setGroups}
          />
        ) : (
          <Choose<CameraRecord>
            key="cameras"
            path="/cameras"
            sort="number"
            label={t.cameras}
            search={t.searchCameras}
            id={(x) => x.id}
            name={(x) => `${x.number} ${x.name}`}
            more={(x) => x.location}
            chosen={cameras}
            onChange={setCameras}
          />
        )}
        <p class={empty && none ? "fault" : "hint"} role="status">
          {none ? t.nothing : t.chosen(cameras.length, groups.length)}
        </p>
        <div class="fields">
          <TextField form={form} name="expires_at" label={t.until} hint={t.untilHint} kind="date" least={today()} />
          <TextField form={form} name="reason" label={t.reason} hint={t.reasonHint} most={500} />
        </div>
        <Buttons form={form} save={t.act}>
          <button type="button" class="button-quiet" onClick={onClose}>
            {c.cancel}
          </button>
        </Buttons>
      </FormBox>
    </Box>
  );
}

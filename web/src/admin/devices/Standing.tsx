import type { DeviceRecord } from "../../api/people";
import { Icon, type IconName } from "../../ui/Icon";
import { useWords } from "../context";
import { devicesWords } from "../words/devices";

/** Whether a screen is signed in: a shape and a word. */
export function Standing({ device }: { device: DeviceRecord }) {
  const t = useWords(devicesWords);
  const waiting = device.code_expires_at !== null && Date.parse(device.code_expires_at) > Date.now();
  const [state, icon, word]: [string, IconName, string] = device.banned
    ? ["refused", "unsupported", t.banned]
    : device.signed_in
      ? ["live", "done", t.signedIn]
      : waiting
        ? ["connecting", "keys", t.waiting]
        : ["unknown", "unlinked", t.signedOut];
  return (
    <span class={`state state-${state}`} data-signed-in={device.signed_in}>
      <Icon name={icon} />
      {word}
    </span>
  );
}

import { useCallback, useState } from "preact/hooks";
import type { CodedDevice, DeviceRecord } from "../../api/people";
import { to } from "../../route/where";
import { useDesk } from "../../ui/context";
import { useTicking } from "../../ui/hooks";
import { useShell, useTelling, useWords } from "../context";
import { useEvery } from "../hooks";
import { countdown } from "../state/countdown";
import { Copy } from "../ui/Copy";
import { devicesWords } from "../words/devices";

interface CodeProps {
  device: CodedDevice;
  /** The screen used the code. */
  onUsed?: (device: DeviceRecord) => void;
  /** Another code took this one's place. */
  onRenewed: (device: CodedDevice) => void;
}

const lookEvery = 2000; // ms: somebody types the code over there

/** The code that signs a screen in: large, with what to do with it and how long it is good, until the screen has used it. */
export function Code({ device, onUsed, onRenewed }: CodeProps) {
  const t = useWords(devicesWords).code;
  const { client } = useDesk();
  const renew = useRenew(onRenewed);
  const [used, setUsed] = useState(false);
  const path = to("devices", device.id);
  // A used code is gone. One that ran out may be gone, too, but nobody was signed in by it.
  const look = useCallback(() => {
    if (used) return;
    void client.request<DeviceRecord>("GET", path).then((got) => {
      if (!got.ok || !got.value.signed_in || got.value.code_expires_at !== null) return;
      setUsed(true);
      onUsed?.(got.value);
    });
  }, [client, path, used]);
  useEvery(lookEvery, look);
  useTicking(1000, used ? "off" : "on");
  const left = device.code_expires_at === null ? "" : countdown(device.code_expires_at, Date.now() + client.drift);
  if (used) {
    return (
      <section class="panel code-panel" data-code="used" role="status">
        <h2>{t.used}</h2>
        <p>{t.usedText}</p>
      </section>
    );
  }
  if (left === "") {
    return (
      <section class="panel code-panel" data-code="expired" role="status">
        <h2>{t.expired}</h2>
        <div class="form-buttons">
          <button type="button" class="button-main" data-act="renew" onClick={() => void renew(device.id)}>
            {t.renew}
          </button>
        </div>
      </section>
    );
  }
  const link = `${location.origin}${device.link}`;
  return (
    <section class="panel code-panel" data-code="shown">
      <h2>{t.title}</h2>
      <p class="code-large" data-part="code">
        {device.code}
      </p>
      <p class="code-left" role="timer">
        {t.expires(left)}
      </p>
      <ol class="steps">
        <li>
          {t.steps[0]} <strong class="secret">{location.origin}</strong>
        </li>
        <li>{t.steps[1]}</li>
        <li>{t.steps[2]}</li>
      </ol>
      <p>{t.or}</p>
      <span class="with-buttons">
        <input
          class="secret"
          readOnly
          aria-label={t.link}
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Copy text={link} label={t.copyLink} />
      </span>
      <div class="form-buttons">
        <Copy text={device.code} label={t.copyCode} />
        <button type="button" class="button-quiet" data-act="renew" onClick={() => void renew(device.id)}>
          {t.renew}
        </button>
      </div>
    </section>
  );
}

/** Makes another code for a screen. */
export function useRenew(onRenewed: (device: CodedDevice) => void): (id: string) => Promise<void> {
  const shell = useShell();
  const tell = useTelling();
  return async (id) => {
    const got = await shell.client.request<CodedDevice>("POST", `${to("devices", id)}/code`);
    if (got.ok) onRenewed(got.value);
    else shell.say(tell.problem(got), "failed");
  };
}

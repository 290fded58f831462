import type { JudgedRow, ReadAddress } from "../../api/sheets";
import { Icon } from "../../ui/Icon";
import { useWords } from "../context";
import { sheetsWords } from "../words/sheets";
import { doubtOf } from "./judged";

const dots = "••••••";

/** How the addresses of a row were read, part by part: a password that ended too early is seen at once, since its rest stands for the device. */
export function Addresses({ row: { address, sub_address: sub } }: { row: JudgedRow }) {
  const t = useWords(sheetsWords);
  return (
    <>
      {address && <Address address={address} />}
      {sub && (
        <span class="address-sub">
          <span class="hint">{t.sub}:</span> <Address address={sub} />
        </span>
      )}
    </>
  );
}

function Address({ address }: { address: ReadAddress }) {
  const t = useWords(sheetsWords);
  const { scheme, username, has_password, host, port, path } = address;
  const doubt = doubtOf(address);
  return (
    <>
      <span class="address" data-host={host}>
        <span class="address-rest">{scheme}://</span>
        {username !== "" && (
          <span class="address-user" title={t.legendOf.user}>
            {username}
          </span>
        )}
        {has_password && (
          <>
            <span class="address-rest">:</span>
            <span class="address-secret" title={t.legendOf.secret}>
              <span class="unseen">{t.secret}</span>
              <span aria-hidden="true">{dots}</span>
            </span>
          </>
        )}
        {(username !== "" || has_password) && <span class="address-rest">@</span>}
        <span class="address-host" title={t.legendOf.host} data-doubt={doubt === "host"}>
          {host}:{port}
        </span>
        <span class="address-path" title={t.legendOf.path} data-doubt={doubt === "path"}>
          {path}
        </span>
      </span>
      {doubt && (
        <span class="doubt">
          <Icon name="stale" /> {t.doubts[doubt]}
        </span>
      )}
    </>
  );
}

/** What the parts of an address look like in the list. */
export function Legend() {
  const t = useWords(sheetsWords);
  return (
    <p class="hint address-legend">
      {t.legend}{" "}
      <span class="address">
        <span class="address-rest">rtsp://</span>
        <span class="address-user">{t.legendOf.user}</span>
        <span class="address-rest">:</span>
        <span class="address-secret">{t.legendOf.secret}</span>
        <span class="address-rest">@</span>
        <span class="address-host">{t.legendOf.host}</span>
        <span class="address-path">/{t.legendOf.path}</span>
      </span>
    </p>
  );
}

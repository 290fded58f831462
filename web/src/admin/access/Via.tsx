import type { Via as Way } from "../../api/cameras";
import { to } from "../../route/where";
import { useMoments, useWords } from "../context";
import { sharingWords } from "../words/sharing";

/** Whether a way may be withdrawn by itself: a grant to the thing, not one to a group or a role. */
export function isDirect(via: Way): boolean {
  return via.kind === "grant";
}

/** The ways by which somebody sees something, one on a line: how, until when, why, given by whom. */
export function Ways({ ways }: { ways: readonly Way[] }) {
  const t = useWords(sharingWords);
  const { full } = useMoments();
  return (
    <ul class="ways">
      {ways.map((via) => (
        <li key={`${via.kind} ${via.group_id ?? ""}`}>
          {via.kind === "role" ? (
            t.byRole
          ) : isDirect(via) ? (
            t.directly
          ) : (
            <>
              {t.byGroup} <a href={`#${to("groups", via.group_id ?? "")}`}>{via.group_name}</a>
            </>
          )}
          {via.expires_at && `, ${t.till(full(via.expires_at))}`}
          {via.reason && <span class="under">{via.reason}</span>}
          {via.granted_at && (
            <span class="under">
              {t.given} {full(via.granted_at)}
              {via.granted_by ? `, ${via.granted_by}` : ""}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Until when somebody may: the latest end of all the ways, or none. */
export function Until({ ways }: { ways: readonly Way[] }) {
  const t = useWords(sharingWords);
  const { full } = useMoments();
  const last = lastEnd(ways);
  return <>{last === undefined ? t.forGood : full(last)}</>;
}

/** The latest end of some ways; nothing if one of them has no end. */
export function lastEnd(ways: readonly Pick<Way, "expires_at">[]): string | undefined {
  let last = "";
  for (const { expires_at } of ways) {
    if (!expires_at) return undefined;
    if (last === "" || Date.parse(expires_at) > Date.parse(last)) last = expires_at;
  }
  return last === "" ? undefined : last;
}

import type { Status } from "../state/status";
import { type Dict, timeOfDay, words } from ".";

/** What is the matter, in a few words. limit: how many views the user may have; nothing while unknown. */
export function headline(t: Dict, status: Status, limit: number | undefined, now: number): string {
  switch (status.name) {
    case "evicted":
      return limit === undefined ? t.tile.evicted : t.tile.evictedTitle(limit);
    case "stale":
      return status.since === undefined ? t.tile.noPicture : t.tile.noPictureSince(timeOfDay(status.since, now));
    case "unsupported":
      return status.since === undefined ? t.tile.unsupported : t.tile.noPictureSince(timeOfDay(status.since, now));
    default:
      return t.tile[status.name];
  }
}

/** Why, in a sentence; empty where there is no more to say. */
export function why(t: Dict, status: Status, limit: number | undefined, now: number): string {
  if (status.name === "limit" && limit !== undefined) return t.tile.limitText(limit);
  if (status.name === "evicted") {
    const time = status.since === undefined ? "" : timeOfDay(status.since, now).slice(0, -3);
    return t.tile.evictedText(status.params ?? {}, time);
  }
  return status.code === undefined ? "" : words(t, status.code, status.params);
}

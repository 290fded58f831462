import type { Role, User } from "../api/types";
import type { Dict } from "../i18n";

/** A page that has a place in the menu. */
export interface Place {
  path: string;
  name: keyof Dict["nav"];
  /** The least role that may see it. */
  role: Role;
  /** Whoever may do more gets there by another place. */
  most?: Role;
  /** Pages elsewhere that belong to it. */
  holds?: string;
}

/** The menu, in its order. */
export const places: readonly Place[] = [
  { path: "/", name: "wall", role: "user" },
  { path: "/cameras", name: "cameras", role: "moderator", holds: "/probes" },
  { path: "/groups", name: "groups", role: "moderator" },
  { path: "/people", name: "people", role: "moderator", most: "moderator" },
  { path: "/users", name: "users", role: "admin" },
  { path: "/devices", name: "devices", role: "admin" },
  { path: "/views", name: "views", role: "moderator" },
  { path: "/log", name: "log", role: "admin" },
  { path: "/settings", name: "settings", role: "admin" },
  { path: "/account", name: "account", role: "user" },
];

/** Whether a page is within a place. */
export function within(path: string, place: Place): boolean {
  if (place.path === "/") return path === "/";
  return [place.path, place.holds].some((root) => root !== undefined && (path === root || path.startsWith(`${root}/`)));
}

const rank: Record<Role, number> = { user: 0, moderator: 1, admin: 2 };

/** Whether somebody may see what needs a role. A screen on a wall watches and does nothing else. */
export function may(user: User, role: Role, path = ""): boolean {
  if (user.kind === "device") return path === "/";
  return rank[user.role] >= rank[role];
}

/** The places that somebody may see, but for some. */
export function placesFor(user: User, but: readonly string[] = []): readonly Place[] {
  const beyond = (p: Place) => p.most !== undefined && rank[user.role] > rank[p.most];
  return places.filter((p) => may(user, p.role, p.path) && !beyond(p) && !but.includes(p.path));
}

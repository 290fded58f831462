import type { Role } from "../api/types";
import { match } from "../route/where";
import type { Load } from "../ui/Later";

/** A page: where it stands, who may see it, where its code is. The parts of its path that begin with a colon come from useParts. */
export interface PageRoute {
  pattern: string;
  role: Role;
  load: Load;
}

const pages: readonly PageRoute[] = [
  { pattern: "/cameras", role: "moderator", load: () => import("./cameras/Cameras") },
  { pattern: "/cameras/new", role: "moderator", load: () => import("./cameras/NewCamera") },
  { pattern: "/cameras/import", role: "moderator", load: () => import("./sheets/Import") },
  { pattern: "/cameras/:id", role: "moderator", load: () => import("./cameras/Camera") },
  { pattern: "/probes", role: "moderator", load: () => import("./probes/Probes") },
  { pattern: "/probes/:id", role: "moderator", load: () => import("./probes/Job") },
  { pattern: "/groups", role: "moderator", load: () => import("./groups/Groups") },
  { pattern: "/groups/new", role: "moderator", load: () => import("./groups/NewGroup") },
  { pattern: "/groups/:id", role: "moderator", load: () => import("./groups/Group") },
  { pattern: "/users", role: "admin", load: () => import("./users/Users") },
  { pattern: "/users/new", role: "admin", load: () => import("./users/NewUser") },
  { pattern: "/users/:id", role: "admin", load: () => import("./users/User") },
  { pattern: "/people", role: "moderator", load: () => import("./people/People") },
  { pattern: "/people/:id", role: "moderator", load: () => import("./people/Person") },
  { pattern: "/devices", role: "admin", load: () => import("./devices/Devices") },
  { pattern: "/devices/new", role: "admin", load: () => import("./devices/NewDevice") },
  { pattern: "/devices/:id", role: "admin", load: () => import("./devices/Device") },
  { pattern: "/account", role: "user", load: () => import("./account/Account") },
  { pattern: "/views", role: "moderator", load: () => import("./views/Views") },
  { pattern: "/log", role: "admin", load: () => import("./log/Log") },
  { pattern: "/settings", role: "admin", load: () => import("./settings/Settings") },
];

/** The page at a path, and the named parts of the path. The first that fits counts. */
export function pageAt(path: string): { page: PageRoute; parts: Record<string, string> } | undefined {
  for (const page of pages) {
    const parts = match(page.pattern, path);
    if (parts) return { page, parts };
  }
  return undefined;
}

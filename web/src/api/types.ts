import type { components } from "./schema";

// What the wall reads of the REST API, from the gateway's own document: of each shape what must be there, the rest if it is.

type Schemas = components["schemas"];
type Needs<T, K extends keyof T> = Pick<T, K> & Partial<T>;

export type Role = Schemas["User"]["role"];

export type User = Needs<Schemas["User"], "id" | "login" | "role">;

export type SignedIn = Omit<Schemas["SignedIn"], "user"> & { user: User };

/** A camera as somebody who may watch it sees it: never an address. */
export type Camera = Needs<Schemas["MyCamera"], "id" | "number" | "name">;

export type CurrentView = Pick<Schemas["ViewOfCamera"], "id">;

export interface Page<T> {
  items: T[] | null;
  next_cursor?: string;
  total?: number;
}

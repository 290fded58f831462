// The shapes of the REST API that the app reads. Only what it uses; ids are opaque text, times RFC 3339 UTC.

export type Role = "user" | "moderator" | "admin";

export interface User {
  id: string;
  login: string;
  /** As people call them: «Иванов И. И.» */
  name?: string;
  first_name?: string;
  last_name?: string;
  middle_name?: string;
  role: Role;
  /** A device is a screen on a wall: it watches and does nothing else. */
  kind?: "person" | "device";
  language?: string;
}

export interface SignedIn {
  access_token: string;
  expires_at: string;
  user: User;
}

/** A camera as somebody who may watch it sees it: never an address. */
export interface Camera {
  id: string;
  number: number;
  name: string;
  location?: string;
  tags?: string[];
}

export interface CurrentView {
  id: string;
}

export interface Page<T> {
  items: T[] | null;
  next_cursor?: string;
  total?: number;
}

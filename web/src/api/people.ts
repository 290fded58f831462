// Accounts, sign-ins, tokens, wall devices and what people were granted. Times are RFC 3339 UTC.

import type { Via } from "./cameras";
import type { Role } from "./types";

export interface UserRecord {
  id: string;
  login: string;
  email: string;
  first_name: string;
  last_name: string;
  middle_name: string;
  phone: string;
  /** As people call them: «Иванов И. И.» */
  name: string;
  role: Role;
  kind?: "person" | "device";
  banned: boolean;
  /** Views at once: null is the gateway's default, 0 none. */
  views_limit: number | null;
  /** Empty: the browser's. */
  language: string;
  /** The last use of a sign-in; absent where the gateway does not tell. */
  seen_at?: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** One browser in which somebody is signed in. */
export interface SessionRecord {
  id: string;
  /** The one that asks. */
  current: boolean;
  remote: string;
  user_agent: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
}

/** A key for programs. */
export interface TokenRecord {
  id: string;
  name: string;
  /** What it may do at most. */
  role: Role;
  created_at: string;
  expires_at: string | null;
  seen_at: string | null;
  remote: string;
}

/** A token as it is told once, when it is made. */
export interface MadeToken extends TokenRecord {
  token: string;
}

/** A screen on a wall. */
export interface DeviceRecord {
  id: string;
  name: string;
  notes: string;
  views_limit: number | null;
  banned: boolean;
  language: string;
  signed_in: boolean;
  seen_at: string | null;
  remote: string;
  user_agent: string;
  /** Of the code that will sign it in; null when there is none. */
  code_expires_at: string | null;
  version: number;
  created_at: string;
  updated_at: string;
}

/** A device with the code that signs it in, which is told once. */
export interface CodedDevice extends DeviceRecord {
  /** "ABCD-EFGH" */
  code: string;
  /** A path of this site with the code after its #. */
  link: string;
}

/** A camera that somebody may watch, with the ways that lead to it. */
export interface HeldCamera {
  id: string;
  number: number;
  name: string;
  location: string;
  via: Via[];
}

/** A group that somebody was granted. */
export interface HeldGroup {
  id: string;
  name: string;
  cameras: number;
  expires_at: string | null;
  reason: string;
  granted_at: string;
  granted_by: string;
}

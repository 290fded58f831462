// Cameras, groups and grants as moderators see them. Times are RFC 3339 UTC.

export interface CameraRecord {
  id: string;
  number: number;
  name: string;
  location: string;
  tags: string[];
  notes: string;
  address: string;
  sub_address: string;
  username: string;
  has_password: boolean;
  transport: string;
  /** Whether the gateway looks after it from time to time while nobody watches. */
  sweep: boolean;
  state: string;
  state_code: string;
  state_since: string | null;
  /** When it was last met. */
  seen_at: string | null;
  /** Views of it now. */
  views: number;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface GroupRecord {
  id: string;
  name: string;
  notes: string;
  cameras: number;
  users: number;
  version: number;
  created_at: string;
  updated_at: string;
}

/** One way by which somebody may watch a camera. */
export interface Via {
  kind: "grant" | "group" | "role";
  group_id?: string;
  group_name?: string;
  expires_at?: string | null;
  reason?: string;
  granted_at?: string | null;
  granted_by?: string;
}

/** Somebody who was granted something, and how. */
export interface Holder {
  id: string;
  login: string;
  name: string;
  kind?: "person" | "device";
  via: Via[];
}

/** Somebody to whom something can be granted. */
export interface PersonRecord {
  id: string;
  login: string;
  name: string;
  role: string;
  kind?: "person" | "device";
}

export interface TagCount {
  tag: string;
  cameras: number;
}

/** What a change of many things came to. */
export interface BulkOutcome {
  changed: number;
  unchanged: number;
  failed: { id: string; code: string }[];
}

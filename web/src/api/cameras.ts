import type { Passport } from "./probe";
import type { components } from "./schema";

// Cameras, groups and grants as moderators see them, by the names that the pages use. The shapes come from the gateway's own document.

type Schemas = components["schemas"];

export type CameraRecord = Omit<Schemas["Camera"], "passport"> & { passport: Passport | null };
export type GroupRecord = Schemas["Group"];

/** One way by which somebody may watch a camera. */
export type Via = Schemas["Via"];

/** Somebody who may watch something, and how. */
export type Holder = Schemas["CameraUser"];

/** Somebody to whom something can be granted. */
export type PersonRecord = Schemas["PersonWithRole"];

export type TagCount = Schemas["Tag"];

/** What a change of many things came to. */
export interface BulkOutcome {
  changed: number;
  unchanged: number;
  failed: { id: string; code: string }[];
}

export type CamerasDeleted = Schemas["CamerasDeleted"];
export type GrantsGiven = Schemas["GrantsGiven"];
export type GrantsWithdrawn = Schemas["GrantsWithdrawn"];

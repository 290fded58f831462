import type { components } from "./schema";

// Accounts, sign-ins, tokens, wall devices and what people were granted, by the names that the pages use. The shapes come from the gateway's own
// document.

type Schemas = components["schemas"];

/** An account in a list, where it is told when somebody was last seen, or alone. */
export type UserRecord = Schemas["User"] & Partial<Pick<Schemas["ListedUser"], "seen_at">>;

/** One browser in which somebody is signed in. */
export type SessionRecord = Schemas["Session"];

/** A key for programs. */
export type TokenRecord = Schemas["Token"];

/** A token as it is told once, when it is made. */
export type MadeToken = Schemas["TokenMade"];

/** A screen on a wall. */
export type DeviceRecord = Schemas["Device"];

/** A device with the code that signs it in, which is told once. */
export type CodedDevice = Schemas["DeviceWithCode"];

/** A camera that somebody may watch, with the ways that lead to it. */
export type HeldCamera = Schemas["GrantedCamera"];

/** A group that somebody was granted. */
export type HeldGroup = Schemas["GrantedGroup"];

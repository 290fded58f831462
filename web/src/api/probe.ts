import type { components } from "./schema";

// What cameras answered when they were tested, as moderators see it, by the names that the pages use. The shapes come from the gateway's own
// document; what may be missing there as a whole is null.

type Schemas = components["schemas"];
type Nullable<T, K extends keyof T> = Omit<T, K> & { [P in K]: T[P] | null };

/** What is to be tested: a camera, an address, or a camera with something else than it has. An empty password: without one, though one may be kept. */
export type ProbeRequest = Omit<Schemas["ProbeInput"], "transport"> & { transport?: string };

/** What a camera answered when it was tested. */
export type Passport = Nullable<Schemas["Passport"], "video" | "audio">;

/** Whether a transport brings a camera to browsers. */
export type Carriage = Schemas["Carriage"];

/** A test of many cameras. */
export type ProbesRecord = Schemas["Probes"];

/** A camera within a test of many. */
export type ProbedCamera = Omit<Schemas["ProbedCamera"], "passport"> & { passport: Passport | null };

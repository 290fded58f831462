import type { CameraRecord } from "../../api/cameras";
import type { Belongs } from "../state/form";

/** What stands in a camera's form. */
export interface Values {
  number: string;
  name: string;
  location: string;
  tags: string[];
  notes: string;
  address: string;
  sub_address: string;
  username: string;
  /** A new one; the kept one never comes out of the gateway. */
  password: string;
  /** The kept password is to go. */
  forget: boolean;
  transport: string;
  sweep: boolean;
}

export const empty: Values = {
  number: "",
  name: "",
  location: "",
  tags: [],
  notes: "",
  address: "",
  sub_address: "",
  username: "",
  password: "",
  forget: false,
  transport: "auto",
  sweep: true,
};

/** Where faults of the whole camera are mended. */
export const belongs: Belongs = {
  "camera.number_taken": "number",
  "camera.number_retired": "number",
  "camera.password_required": "password",
};

export function valuesOf(c: CameraRecord): Values {
  const { name, location, tags, notes, address, sub_address, username, transport, sweep } = c;
  return {
    number: String(c.number),
    name,
    location,
    tags,
    notes,
    address,
    sub_address,
    username,
    password: "",
    forget: false,
    transport,
    sweep,
  };
}

/** The body of a request out of a form's fields. An empty number means that the gateway gives one; an empty password means none new. */
export function bodyOf(changes: Partial<Values>): object {
  const { number, password, forget, ...plain } = changes;
  return {
    ...plain,
    ...(number === undefined || number.trim() === "" ? {} : { number: Number(number) }),
    ...(forget ? { password: null } : {}),
    ...(password ? { password } : {}),
  };
}

/** What is wrong with a form before it is sent. A new camera needs no number: it is given one. */
export function check(values: Values, camera: "new" | "numbered"): Record<string, string> {
  const faults: Record<string, string> = {};
  if (!/^\s*\d{0,7}\s*$/.test(values.number)) faults.number = "type";
  if (camera === "numbered" && values.number.trim() === "") faults.number = "required";
  if (values.name.trim() === "") faults.name = "required";
  if (values.address.trim() === "") faults.address = "required";
  return faults;
}

/** Whether an address leads to another scheme, host or port than before: there the kept password must not go by itself. */
export function leadsElsewhere(before: string, after: string): boolean {
  const [from, to] = [placeOf(before), placeOf(after)];
  return from !== undefined && to !== undefined && from !== to;
}

const ports: Record<string, string> = { rtsp: "554", rtsps: "322" };

function placeOf(address: string): string | undefined {
  const [, scheme = "", rest = ""] = /^\s*([a-z]+):\/\/([^/?#]*)/i.exec(address) ?? [];
  const host = rest.slice(rest.lastIndexOf("@") + 1).toLowerCase();
  if (host === "") return undefined;
  const kind = scheme.toLowerCase();
  return /:\d+$/.test(host) ? `${kind} ${host}` : `${kind} ${host}:${ports[kind] ?? ""}`;
}

import type { GroupRecord } from "../../api/cameras";
import type { Belongs } from "../state/form";

/** What stands in a group's form. */
export interface Values {
  name: string;
  notes: string;
}

export const empty: Values = { name: "", notes: "" };

export const belongs: Belongs = { "group.name_taken": "name" };

export function valuesOf({ name, notes }: GroupRecord): Values {
  return { name, notes };
}

export function check({ name }: Values): Record<string, string> {
  return name.trim() === "" ? { name: "required" } : {};
}

/** The most views at once that somebody may be given. */
export const mostViews = 64;

/** A limit of views as a form holds it: "" is the gateway's default. */
export function limitText(limit: number | null): string {
  return limit === null ? "" : String(limit);
}

/** A limit of views out of a form. */
export function limitOf(text: string): number | null {
  return text === "" ? null : Number(text);
}

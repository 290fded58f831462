/** How long until a moment, as minutes and seconds: "14:09"; "" once it has come. */
export function countdown(until: string, now: number): string {
  const ms = Date.parse(until) - now;
  if (!(ms > 0)) return "";
  const left = Math.floor(ms / 1000);
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

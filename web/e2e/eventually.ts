/**
 * Looks until look gives something other than undefined or false, and gives that. After within ms it throws, saying what was waited for and
 * what was seen last: seen, if given, tells that in words. A look that throws counts as "not yet". every: ms between two looks.
 */
export async function eventually<T>(
  what: string,
  within: number,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  seen?: () => Promise<unknown> | unknown,
  every = 50,
): Promise<T> {
  const end = performance.now() + within;
  let trouble: unknown;
  for (;;) {
    try {
      const got = await look();
      if (got !== undefined && got !== false) return got;
      trouble = undefined;
    } catch (err) {
      trouble = err;
    }
    if (performance.now() > end) break;
    await pause(every);
  }
  const last = seen ? await Promise.resolve(seen()).catch((err) => err) : trouble;
  const words = last === undefined ? "" : `; seen last: ${typeof last === "string" ? last : show(last)}`;
  throw new Error(`not within ${within} ms: ${what}${words}`);
}

/** Lets time pass: between two looks, or while nothing may happen. Never to wait for a result. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function show(value: unknown): string {
  return value instanceof Error ? value.message : JSON.stringify(value);
}

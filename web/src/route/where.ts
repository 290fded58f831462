/** Where somebody is in the app: what stands after the # of the address. The path has no slash at its end. */
export interface Where {
  path: string;
  query: URLSearchParams;
}

/** Reads an address's hash: "#/cameras?q=gate". Anything that is no path is the wall's. */
export function readHash(hash: string): Where {
  const text = hash.startsWith("#/") ? hash.slice(1) : "/";
  const mark = text.indexOf("?");
  const path = mark < 0 ? text : text.slice(0, mark);
  return { path: trim(path), query: new URLSearchParams(mark < 0 ? "" : text.slice(mark + 1)) };
}

export function writeHash({ path, query }: Where): string {
  const text = query.toString();
  return text === "" ? `#${path}` : `#${path}?${text}`;
}

/**
 * Holds a path against a pattern, "/cameras/:id", and gives the named parts decoded; nothing if it does not fit. A part that is not
 * percent-encoded text fits nothing.
 */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = path.split("/");
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [i, want] of wanted.entries()) {
    const part = given[i] ?? "";
    if (!want.startsWith(":")) {
      if (want !== part) return undefined;
      continue;
    }
    const text = decoded(part);
    if (text === undefined || text === "") return undefined;
    parts[want.slice(1)] = text;
  }
  return parts;
}

/** Makes a path out of parts that may hold anything: to("cameras", id) is "/cameras/…". */
export function to(...parts: string[]): string {
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

function trim(path: string): string {
  const short = path.replace(/\/+$/, "");
  return short === "" ? "/" : short;
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

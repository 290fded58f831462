/** The part of a Response that this app reads. */
interface Answer {
  ok: boolean;
  status: number;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Does what the app needs of fetch by XMLHttpRequest, for browsers without fetch. */
export const request = ((input: string, init: RequestInit = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(init.method ?? "GET", unkept(input, init));
    const headers = (init.headers ?? {}) as Record<string, string>;
    for (const name of Object.keys(headers)) xhr.setRequestHeader(name, headers[name] as string);
    xhr.onload = () => {
      const text = xhr.responseText;
      resolve({
        ok: xhr.status >= 200 && xhr.status < 300,
        status: xhr.status,
        headers: { get: (name) => xhr.getResponseHeader(name) },
        text: () => Promise.resolve(text),
      });
    };
    xhr.onerror = () => reject(new Error("network"));
    xhr.ontimeout = xhr.onerror;
    xhr.timeout = 20_000;
    xhr.send((init.body as string | undefined) ?? null);
  })) as unknown as typeof fetch;

/** Old browsers keep answers that they were told not to keep; an address that was never asked for is not kept. */
function unkept(input: string, { method = "GET", cache }: RequestInit): string {
  if (method !== "GET" || cache !== "no-store") return input;
  return `${input}${input.indexOf("?") < 0 ? "?" : "&"}_=${Date.now()}`;
}

/** A random UUID (RFC 9562, version 4). crypto.randomUUID is missing on plain http pages, where many gateways are reached. */
export function uuid(): string {
  const b = random(new Uint8Array(16));
  b[6] = ((b[6] as number) & 0x0f) | 0x40;
  b[8] = ((b[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Old browsers have no random source worth the name. Ids tell views apart, they keep nobody out. */
function random(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  if (typeof crypto !== "undefined") return crypto.getRandomValues(bytes);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(Math.random() * 256);
  return bytes;
}

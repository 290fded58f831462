// 32 letters and digits that nobody mixes up when reading aloud, so that each stands for 5 bits: no l, o, 0, 1.
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** Makes a password of 80 random bits in four groups, "k7fq-…", to be read out or copied. random fills bytes. */
export function makePassword(random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(16);
  random(bytes);
  const text = Array.from(bytes, (b) => letters[b % letters.length]).join("");
  return (text.match(/.{4}/g) ?? []).join("-");
}

export function browserRandom(bytes: Uint8Array): void {
  crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>);
}

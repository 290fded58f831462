const kept = 60_000; // ms: until then every browser has begun to write the file

/** Has the browser save a file as a download. */
export function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), kept);
}

/** The day of today as files have it in their names: 2026-11-22, in this computer's time. */
export function today(now = new Date()): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** "cameras.xlsx" is "cameras". */
export function stem(name: string): string {
  return name.replace(/\.[^.]*$/, "");
}

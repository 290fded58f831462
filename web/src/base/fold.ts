/** Folds text for searching: case, ё = е, accents composed, runs of space as one. The gateway folds the same way. */
export function fold(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll("ё", "е").replace(/\s+/g, " ").trim();
}

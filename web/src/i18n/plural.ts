/** English: one thing, many things. */
export function pluralEn(n: number, one: string, many: string): string {
  return n === 1 ? one : many;
}

/** Russian: 1 камера, 2 камеры, 5 камер; 11–14 go with the last. */
export function pluralRu(n: number, one: string, few: string, many: string): string {
  const tens = Math.abs(n) % 100;
  const ones = tens % 10;
  if (tens > 10 && tens < 15) return many;
  if (ones === 1) return one;
  if (ones > 1 && ones < 5) return few;
  return many;
}

/** What to call this screen to somebody whose view it closes: "Chrome, Windows". The names are the same in every language. */
export function deviceLabel(userAgent: string): string {
  return [browserOf(userAgent), systemOf(userAgent)].filter(Boolean).join(", ") || "browser";
}

// Order matters: every browser's text names several others.
const browsers: [RegExp, string][] = [
  [/YaBrowser\//, "Yandex Browser"],
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\/|Chromium\//, "Chrome"],
  [/Version\/.*Safari\//, "Safari"],
];

const systems: [RegExp, string][] = [
  [/Windows/, "Windows"],
  [/iPhone|iPad|iPod/, "iOS"],
  [/Web0S|WebOS/i, "webOS"],
  [/Tizen/, "Tizen"],
  [/Android/, "Android"],
  [/CrOS/, "ChromeOS"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux/, "Linux"],
];

function browserOf(ua: string): string {
  return browsers.find(([pattern]) => pattern.test(ua))?.[1] ?? "";
}

function systemOf(ua: string): string {
  return systems.find(([pattern]) => pattern.test(ua))?.[1] ?? "";
}

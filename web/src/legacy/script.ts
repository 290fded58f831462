import type { HlsClass } from "../player/hlsjs";

interface WithHls {
  Hls?: HlsClass;
}

let coming: Promise<HlsClass> | undefined;

/** Loads hls.js beside this page's own script, once, when it is needed. */
export function hlsjs(): Promise<HlsClass> {
  coming ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.getElementById("boot")?.getAttribute("data-hls") ?? "";
    script.onload = () => {
      const { Hls } = window as WithHls;
      if (Hls) resolve(Hls);
      else reject(new Error("hls.js did not start"));
    };
    script.onerror = () => {
      coming = undefined; // the next one to need it tries again
      reject(new Error("hls.js could not be loaded"));
    };
    document.head.appendChild(script);
  });
  return coming;
}

// Takes pictures of the pages beside the wall, for people to look at: npm run e2e:pages -- FOLDER
import { resolve } from "node:path";
import { runnerImport } from "vite";

const { module } = await runnerImport(new URL("pages.ts", import.meta.url).pathname);
await module.takePages(resolve(process.argv[2] ?? "pictures"), process.argv.slice(3));

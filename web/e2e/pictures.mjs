// Takes pictures of the app on real cameras, for people to look at: npm run e2e:look -- FOLDER
import { resolve } from "node:path";
import { runnerImport } from "vite";

const { module } = await runnerImport(new URL("pictures.ts", import.meta.url).pathname);
await module.takePictures(resolve(process.argv[2] ?? "pictures"));

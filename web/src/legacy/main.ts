// What hls.js uses beyond ES5; for this app's own code the build adds what it finds.
import "core-js/es/array/from";
import "core-js/es/map";
import "core-js/es/object/assign";
import "core-js/es/object/get-own-property-descriptors";
import "core-js/es/promise";
import "core-js/es/string/starts-with";
import { App } from "./app";

const root = document.getElementById("app");
if (root) new App(root).start();

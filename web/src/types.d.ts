// The package declares no types for its small build, which has the same exports.
declare module "hls.js/light" {
  export { default } from "hls.js";
}

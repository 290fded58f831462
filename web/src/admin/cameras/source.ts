import type { CameraRecord } from "../../api/cameras";
import type { ProbeRequest } from "../../api/probe";
import type { Values } from "./values";

/** Which of a camera's streams is tested. */
export type Which = "main" | "sub";

/** What of a camera's form its picture comes by. */
export type Source = Pick<Values, "address" | "username" | "password" | "forget" | "transport">;

/** Where a stream of what stands in the form is to be found. */
export function sourceOf(values: Values, which: Which): Source {
  const { username, password, forget, transport } = values;
  return { address: which === "main" ? values.address : values.sub_address, username, password, forget, transport };
}

export function sameSource(a: Source, b: Source): boolean {
  return (["address", "username", "password", "forget", "transport"] as const).every((name) => a[name] === b[name]);
}

/**
 * What is sent for a test. Of a camera that the gateway has, only what differs from what it keeps: an answer to nothing else than that stays
 * with the camera, and the kept password is taken where it may go.
 */
export function requestFor(source: Source, which: Which, camera?: CameraRecord): ProbeRequest {
  const { address, username, password, forget, transport } = source;
  const differs = (name: "username" | "transport") => !camera || camera[name] !== source[name];
  return {
    ...(camera ? { camera_id: camera.id } : {}),
    ...(!camera || which === "sub" || camera.address !== address ? { address } : {}),
    ...(differs("username") && (camera || username !== "") ? { username } : {}),
    ...(forget ? { password: "" } : password !== "" ? { password } : {}),
    ...(differs("transport") ? { transport } : {}),
  };
}

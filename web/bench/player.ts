import { Client } from "../src/api/client";
import { HLSDoor } from "../src/api/views";
import { browserClock as clock } from "../src/base/clock";
import { uuid } from "../src/base/uuid";
import { HLSPlayer } from "../src/player/hls";
import { makeEngine, warm } from "../src/player/modern";

/** A view of one camera, from the click to its end; cmd/bench's page measures it. */
interface View {
  /** Plays in an element; failed is told why it can't go on. */
  start(video: HTMLVideoElement, failed: (why: string) => void): void;
  /** Gives the view's place back. */
  end(): Promise<unknown>;
}

/** The product's player by HLS, made as a tile of the wall makes it. */
interface ProductPlayer {
  signIn(login: string, password: string): Promise<void>;
  open(camera: string): View;
}

declare global {
  interface Window {
    productPlayer: ProductPlayer;
  }
}

const client = new Client({ fetch: (url, init) => fetch(url, init), clock, signedOut() {}, signedIn() {} });
const door = new HLSDoor(client, (url, init) => fetch(url, init));

window.productPlayer = {
  async signIn(login, password) {
    const got = await client.signIn(login, password);
    if (!got.ok) throw new Error(`sign in: ${got.code}`);
    warm(); // as a page does before it may need it
  },
  open(camera) {
    const view = uuid();
    const time = () => clock.wall(); // the gateway's, on one machine
    const player = new HLSPlayer({
      view,
      camera,
      admit: "evict_oldest",
      label: "bench",
      door,
      makeEngine,
      clock,
      time,
    });
    return {
      start(video, failed) {
        player.onState = ({ end }) => end && failed(end.code);
        player.show(video);
        player.start();
      },
      end() {
        player.close("kept");
        return door.close(view);
      },
    };
  },
};

/** What tests read of a listed camera, view, event. */
export interface Listed {
  id: string;
  number: number;
  name: string;
}

export interface Watching {
  id: string;
  view: string;
  user: { login: string };
  camera: Listed;
  opened_at: string;
}

export interface Happened {
  id: number;
  kind: string;
  code?: string;
  view?: string;
}

/** Client is somebody signed in to the REST API. */
export class Client {
  readonly #base: string;
  readonly #token: string;

  private constructor(base: string, token: string) {
    this.#base = `${base}/api/v1`;
    this.#token = token;
  }

  static async signIn(base: string, login: string, password: string): Promise<Client> {
    const nobody = new Client(base, "");
    const { access_token } = await nobody.ask<{ access_token: string }>("POST", "/auth/login", { login, password });
    return new Client(base, access_token);
  }

  /** Sends a request and gives the answer's body; any status but 2xx is an error with the body in it. */
  async ask<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.#token !== "") headers.Authorization = `Bearer ${this.#token}`;
    const answer = await fetch(this.#base + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** What a user watches now. */
  async views(login: string): Promise<Watching[]> {
    const { items } = await this.ask<{ items: Watching[] }>("GET", "/views");
    return items.filter((v) => v.user.login === login);
  }

  /** What happened after an event, the oldest first. */
  async events(after: number): Promise<Happened[]> {
    const { items } = await this.ask<{ items: Happened[] }>("GET", `/events?limit=1000&after=${after}`);
    return items;
  }

  /** The id of the newest event. */
  async lastEvent(): Promise<number> {
    const { items } = await this.ask<{ items: Happened[] }>("GET", "/events?limit=1&sort=-id");
    return items[0]?.id ?? 0;
  }
}

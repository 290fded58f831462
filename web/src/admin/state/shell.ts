import type { ComponentChildren } from "preact";
import type { Client } from "../../api/client";
import { Store } from "../../base/store";
import type { Router } from "../../route/router";

export interface Note {
  id: number;
  text: string;
  kind: "done" | "failed";
}

/** A question before something is done that can't be taken back. */
export interface Question {
  title: string;
  text?: string;
  /** What will happen besides, line by line. */
  consequences?: string[];
  /** The button that does it: a verb. */
  act: string;
  kind?: "danger" | "usual";
}

export interface Asked extends Question {
  answer(yes: boolean): void;
}

const shownFor = 6000; // ms; what failed stays until it is put away

/** Shell is what every page of the administration has at hand: the way to the gateway and to other pages, notes, questions. */
export class Shell {
  readonly notes = new Store<readonly Note[]>([]);
  readonly question = new Store<Asked | undefined>(undefined);
  /** What leaving the present page would lose, in its own words; undefined: what was typed. */
  readonly atStake = new Store<{ title: string; text: string } | undefined>(undefined);
  /** What goes to the printer in the place of the page. */
  readonly paper = new Store<ComponentChildren>(undefined);
  readonly client: Client;
  readonly router: Router;
  #last = 0;

  constructor(client: Client, router: Router) {
    this.client = client;
    this.router = router;
  }

  /** Tells in passing what was done, or what failed. */
  say(text: string, kind: Note["kind"] = "done"): void {
    const note = { id: ++this.#last, text, kind };
    this.notes.set([...this.notes.value.slice(-3), note]);
    if (kind === "done") setTimeout(() => this.dismiss(note.id), shownFor);
  }

  dismiss(id: number): void {
    this.notes.set(this.notes.value.filter((n) => n.id !== id));
  }

  /** Asks; false if the person thinks better of it. */
  confirm(question: Question): Promise<boolean> {
    this.question.value?.answer(false);
    return new Promise((resolve) => {
      const answer = (yes: boolean) => {
        this.question.set(undefined);
        resolve(yes);
      };
      this.question.set({ ...question, answer });
    });
  }
}

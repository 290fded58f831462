import { area } from "../area";

/** Codes of accounts, sessions, tokens and devices. */
export const people = area(
  {
    "user.not_found": () => "There is no such user.",
  },
  {
    "user.not_found": () => "Такого пользователя нет.",
  },
);

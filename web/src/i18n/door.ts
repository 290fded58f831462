import { area } from "./area";
import { pluralEn, pluralRu } from "./plural";

/** Words of the page where a screen on a wall is signed in. */
export const doorWords = area(
  {
    heading: "Wall screen",
    text: "An administrator makes the code under “Wall devices”. It is good once.",
    code: "Code",
    submit: "Sign the screen in",
    busy: "Signing in…",
    need: "Enter the code.",
    ended: "This screen was signed out. To come back it needs a new code from an administrator.",
    wait: (s: number) => `Too many attempts. Try again in ${s} ${pluralEn(s, "second", "seconds")}.`,
    people: "Sign in with a login instead",
    somebody: (name: string) => `${name} is signed in here. To make a wall screen of this browser, sign out first.`,
    leave: "Sign out and go on",
    screen: (name: string) => `This screen is signed in as “${name}”.`,
    toWall: "To the wall",
  },
  {
    heading: "Настенный экран",
    text: "Код создаёт администратор в разделе «Настенные экраны». Он годится один раз.",
    code: "Код",
    submit: "Войти экраном",
    busy: "Входим…",
    need: "Введите код.",
    ended: "Вход этого экрана завершён. Чтобы вернуться, нужен новый код от администратора.",
    wait: (s) => `Слишком много попыток. Повторите через ${s} ${pluralRu(s, "секунду", "секунды", "секунд")}.`,
    people: "Войти по логину",
    somebody: (name) =>
      `Здесь вход выполнен: ${name}. Чтобы сделать этот браузер настенным экраном, сначала нужно выйти.`,
    leave: "Выйти и продолжить",
    screen: (name) => `Этот экран вошёл как «${name}».`,
    toWall: "К стене",
  },
);

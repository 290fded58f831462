import type { Client } from "./client.ts";

/** A camera as the tests of the pages know it. */
export interface Entered {
  id: string;
  number: number;
  name: string;
  version: number;
}

const scenes = [
  "Вход",
  "Проходная",
  "Ёлочная аллея",
  "Двор",
  "Лифт",
  "Склад",
  "Парковка",
  "Лестница",
  "Крыша",
  "Касса",
];
const houses = ["Корпус А", "Корпус Б", "Гараж", "Периметр"];

const together = 10; // requests at the same time

/** Enters many cameras into a gateway, some groups and some people, as a site with several buildings has them. Nothing answers at their addresses. */
export async function enterEstate(admin: Client, cameras: number): Promise<Entered[]> {
  const enter = (i: number) => {
    const scene = scenes[i % scenes.length] ?? "";
    const house = houses[i % houses.length] ?? "";
    return admin.ask<Entered>("POST", "/cameras", {
      name: `${scene} ${Math.floor(i / scenes.length) + 1}`,
      location: `${house}, этаж ${(i % 5) + 1}`,
      tags: [house, ...(i % 3 === 0 ? ["ночь"] : []), ...(i % 7 === 0 ? ["важная"] : [])],
      address: `rtsp://127.0.0.1:9/stream${i + 1}`,
      username: "viewer",
      password: "battery staple",
      transport: i % 4 === 0 ? "tcp" : "auto",
      sweep: false,
    });
  };
  const entered: Entered[] = [];
  for (let i = 0; i < cameras; i += together) {
    const some = Array.from({ length: Math.min(together, cameras - i) }, (_, n) => enter(i + n));
    entered.push(...(await Promise.all(some)));
  }
  const people: { id: string }[] = [];
  for (const [login, last_name, first_name, middle_name, role] of [
    ["petrova", "Петрова", "Анна", "Сергеевна", "user"],
    ["ivanov", "Иванов", "Иван", "Иванович", "user"],
    ["sidorova", "Сидорова", "Мария", "", "moderator"],
    ["kuznetsov", "Кузнецов", "Пётр", "Алексеевич", "user"],
  ]) {
    const password = `${login} battery staple`;
    people.push(await admin.ask("POST", "/users", { login, password, last_name, first_name, middle_name, role }));
  }
  for (const [i, name] of ["Ночная смена", "Охрана корпуса А", "Парковка и гараж"].entries()) {
    const group = await admin.ask<{ id: string }>("POST", "/groups", { name, notes: i === 0 ? "С 20:00 до 8:00" : "" });
    for (const camera of entered.filter((_, n) => n % (i + 3) === 0).slice(0, 12)) {
      await admin.ask("PUT", `/groups/${group.id}/cameras/${camera.id}`);
    }
    for (const person of people.slice(0, 2)) {
      await admin.ask("PUT", `/users/${person.id}/groups/${group.id}`, { reason: "График смен" });
    }
  }
  const [first] = entered;
  const [person] = people;
  if (first && person) {
    const expires_at = new Date(Date.now() + 30 * 86_400_000).toISOString();
    await admin.ask("PUT", `/users/${person.id}/cameras/${first.id}`, {
      expires_at,
      reason: "Замена на время отпуска",
    });
  }
  return entered;
}

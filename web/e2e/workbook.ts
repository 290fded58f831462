import { crc32 } from "node:zlib";

/** A workbook (.xlsx) of one sheet with these rows, as bytes: the least that spreadsheet programs read (ECMA-376, part 1, 18.2 and 18.3). */
export function workbook(rows: readonly (readonly string[])[], sheet = "Камеры"): Buffer {
  const office = "http://schemas.openxmlformats.org";
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const main = `xmlns="${office}/spreadsheetml/2006/main"`;
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const cells = (row: readonly string[], number: number) =>
    row.map((text, i) =>
      text === "" ? "" : `<c r="${letter(i)}${number}" t="inlineStr"><is><t>${plain(text)}</t></is></c>`,
    );
  const lines = rows.map((row, i) => `<row r="${i + 1}">${cells(row, i + 1).join("")}</row>`);
  return archive({
    "[Content_Types].xml": `${head}<Types xmlns="${office}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
    "_rels/.rels": `${head}<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${head}<workbook ${main} xmlns:r="${office}/officeDocument/2006/relationships"><sheets><sheet name="${plain(sheet)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${head}<Relationships xmlns="${office}/package/2006/relationships"><Relationship Id="rId1" Type="${office}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    "xl/worksheets/sheet1.xml": `${head}<worksheet ${main}><sheetData>${lines.join("")}</sheetData></worksheet>`,
  });
}

/** The columns that a site's sheet has, in Russian. */
export const columns = ["Номер", "Название", "Место", "Адрес потока", "Пользователь", "Пароль", "Метки"];

/** The rows of a site's cameras, below their header. before: the number before their first. Nothing answers at their addresses. */
export function siteRows(cameras: number, before = 0): string[][] {
  const houses = ["Корпус А", "Корпус Б", "Гараж", "Периметр"];
  return Array.from({ length: cameras }, (_, n) => {
    const i = n + before;
    const house = houses[i % houses.length] ?? "";
    const address = `rtsp://127.0.${Math.floor(i / 200)}.${(i % 200) + 1}:9/Streaming/Channels/101`;
    return [
      `${i + 1}`,
      `${house}, камера ${i + 1}`,
      `${house}, этаж ${(i % 5) + 1}`,
      address,
      "viewer",
      `п@роль#${i}`,
      house,
    ];
  });
}

function letter(column: number): string {
  return String.fromCharCode("A".charCodeAt(0) + column);
}

function plain(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** An archive whose parts are stored as they are (APPNOTE.TXT of PKWARE, 4.3). */
export function archive(parts: Record<string, string>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [path, text] of Object.entries(parts)) {
    const name = Buffer.from(path);
    const bytes = Buffer.from(text);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0); // the version needed
    fields.writeUInt16LE(0x0800, 2); // names are UTF-8
    fields.writeUInt16LE(0x21, 8); // 1 January 1980
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(bytes.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(at, 10);
    const file = Buffer.concat([Buffer.from("PK\x03\x04"), fields, name, bytes]);
    directory.push(Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), fields, entry, name);
    files.push(file);
    at += file.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  const count = Object.keys(parts).length;
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, list, Buffer.from("PK\x05\x06"), end]);
}

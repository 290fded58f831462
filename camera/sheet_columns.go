package camera

import (
	"strings"

	"github.com/rtsp-viewer/rtsp-viewer/internal/fold"
)

// The fields that a sheet knows beside a camera's own.
const (
	fieldGroups = "groups"
	fieldLogins = "logins"
)

// fieldsOfSheets are all columns in the order of the template.
var fieldsOfSheets = []string{
	"number", "name", "location", "address", "sub_address", "username", "password", "transport", "tags", fieldGroups, fieldLogins, "notes", "sweep",
}

// headers are the names by which a column goes, each its own fold.Text: those of the API, of our predecessor (id, name, stream_url, location), of
// people.
var headers = map[string][]string{
	"number":      {"number", "id", "no", "no.", "nr", "#", "№", "номер", "номер камеры", "n", "camera number"},
	"name":        {"name", "название", "имя", "имя камеры", "название камеры", "наименование", "камера", "camera", "title", "camera name"},
	"location":    {"location", "место", "расположение", "местоположение", "объект", "place", "site"},
	"address":     {"address", "stream_url", "stream url", "url", "rtsp", "rtsp url", "адрес", "адрес потока", "ссылка", "поток", "stream", "stream address", "rtsp-адрес"},
	"sub_address": {"sub_address", "sub address", "substream", "sub stream", "второй поток", "дополнительный поток", "адрес второго потока", "sub stream address"},
	"username":    {"username", "user name", "user", "пользователь", "имя пользователя", "логин камеры"},
	"password":    {"password", "пароль", "пароль камеры"},
	"transport":   {"transport", "транспорт"},
	"tags":        {"tags", "tag", "метки", "теги", "метка"},
	fieldGroups:   {"groups", "group", "группы", "группа"},
	fieldLogins:   {"logins", "grant to", "grants", "users", "логины", "доступ", "выдать доступ"},
	"notes":       {"notes", "note", "comment", "примечание", "примечания", "заметки", "комментарий", "заметка"},
	"sweep":       {"sweep", "check", "checks", "опрос", "проверять"},
}

// fieldOf gives the field that a header means; "" for none of ours, such as created_at and updated_at, which are ours to know.
func fieldOf(title string) string {
	key := strings.Join(strings.Fields(fold.Text(strings.Trim(title, " \t\r\n*:\u00a0\ufeff"))), " ")
	if key == "" {
		return ""
	}
	for field, names := range headers {
		for _, name := range names {
			if name == key {
				return field
			}
		}
	}
	return ""
}

// neutral gives a text as it may stand in a cell: a program that takes what begins with one of these for a formula, as when the sheet is
// saved as CSV, finds an apostrophe before it. meant undoes it.
func neutral(text string) string {
	if formula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// meant gives what was meant by a cell's text: the inverse of neutral.
func meant(text string) string {
	if strings.HasPrefix(text, "'") && formula(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

func formula(text string) bool {
	return text != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(text[0]))
}

// joinList writes several texts into one cell, splitList reads them: a comma, a semicolon or a new line ends one, a backslash before any of
// them does not.
func joinList(list []string) string {
	escaped := make([]string, len(list))
	for i, text := range list {
		escaped[i] = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `;`, `\;`).Replace(text)
	}
	return strings.Join(escaped, "; ")
}

func splitList(cell string) []string {
	var list []string
	var b strings.Builder
	end := func() {
		if text := strings.TrimSpace(b.String()); text != "" {
			list = append(list, text)
		}
		b.Reset()
	}
	escaped := false
	for _, r := range cell {
		switch {
		case escaped && (r == '\\' || r == ',' || r == ';'):
			b.WriteRune(r)
			escaped = false
			continue
		case escaped:
			b.WriteByte('\\')
			escaped = false
		}
		switch r {
		case '\\':
			escaped = true
		case ',', ';', '\n':
			end()
		default:
			b.WriteRune(r)
		}
	}
	if escaped {
		b.WriteByte('\\')
	}
	end()
	return list
}

package camera

// sheetWords are the words of a spreadsheet in one language.
type sheetWords struct {
	cameras, help, verdict, row, yes, no string
	titles                               map[string]string // of columns, by field
	about                                map[string]string // what to write there
	intro                                []string
	verdicts                             map[Verdict]string
	of                                   string // before the row that a duplicate repeats
	item                                 string // before the place in a list
	fields                               string // before the changed fields
	read                                 string // before how the address was read
	codes                                map[string]string
}

// words gives those of a language: "ru", else English.
func words(language string) sheetWords {
	if language == "ru" {
		return russian
	}
	return english
}

var english = sheetWords{
	cameras: "Cameras", help: "How to fill it in", verdict: "Verdict", row: "Row", yes: "yes", no: "no",
	titles: map[string]string{
		"number": "Number", "name": "Name", "location": "Location", "address": "Stream address", "sub_address": "Sub stream address",
		"username": "User name", "password": "Password", "transport": "Transport", "tags": "Tags", fieldGroups: "Groups", fieldLogins: "Grant to",
		"notes": "Notes", "sweep": "Check",
	},
	about: map[string]string{
		"number":      "A whole number by which people call the camera. Empty: the next free one. A row with the number of a camera changes that camera.",
		"name":        "Required.",
		"location":    "Where it hangs.",
		"address":     "Required. rtsp:// or rtsps://. A user name and a password may stand in it as they are: rtsp://admin:p@ss#1@192.168.1.64/stream1",
		"sub_address": "The low-resolution stream, if there is one. It shares user name and password.",
		"username":    "Empty: as it was.",
		"password":    "Empty: as it was. It must be written when the address leads to another device.",
		"transport":   "auto, tcp or udp. Empty: auto.",
		"tags":        "Several are divided by ; or by a comma.",
		fieldGroups:   "Names of groups that exist, divided by ;. Groups are added; none is taken away.",
		fieldLogins:   "Login names of those who may watch the camera, divided by ;. Access is added; none is taken away.",
		"notes":       "For yourselves.",
		"sweep":       "yes: ask the camera now and then whether it answers. Empty: yes.",
	},
	intro: []string{
		"One camera is one row on the first sheet. Columns may stand in any order, and those that you do not need may be left out.",
		"A row means the camera of its number, or else the one with the same address; else it is a new one. A dry run tells what each row comes to.",
		"A column that is left out keeps what there is. An empty cell clears it, but for number, user name, password, groups and access.",
		"A cell that begins with ' and one of = + - @ loses the apostrophe: it keeps a spreadsheet from taking the text for a formula.",
	},
	verdicts: map[Verdict]string{RowNew: "new", RowChanged: "changed", RowUnchanged: "unchanged", RowWrong: "wrong", RowDuplicate: "duplicate"},
	of:       "of row", item: "entry", fields: "changes", read: "address read as",
	codes: map[string]string{
		"required": "is missing", "too_long": "is too long", "too_many": "holds too many entries", "characters": "holds characters that can't be kept",
		"out_of_range": "must be 1–9,999,999", "redacted": "holds dots in place of a password: write the password", cellChoice: "holds none of the words allowed",
		cellFormula: "holds a formula without a result: write the value", cellError: "holds a formula that failed",
		cellMerged: "is merged with others: divide the cells", cellNotText: "holds a date, or a number that was cut: make the cell text and write it again",
		cellNumber: "is no whole number", badScheme: "must begin with rtsp:// or rtsps://", badHost: "names no host", badPort: "has no port of 1–65535",
		badAmbiguous:             "can be read in two ways: write / in the password as %2F, or @ in the path as %40",
		differentCredentials:     "brings another user name or password than the columns",
		ErrPasswordRequired.Code: "leads to another device: write the password again",
		ErrNumberRetired.Code:    "belonged to a camera that was deleted: numbers are never given twice",
		ErrNoGroup.Code:          "names a group that does not exist",
		"user.not_found":         "names a login that does not exist",
	},
}

var russian = sheetWords{
	cameras: "Камеры", help: "Как заполнять", verdict: "Проверка", row: "Строка", yes: "да", no: "нет",
	titles: map[string]string{
		"number": "Номер", "name": "Название", "location": "Место", "address": "Адрес потока", "sub_address": "Адрес второго потока",
		"username": "Пользователь", "password": "Пароль", "transport": "Транспорт", "tags": "Метки", fieldGroups: "Группы", fieldLogins: "Выдать доступ",
		"notes": "Примечание", "sweep": "Опрос",
	},
	about: map[string]string{
		"number":      "Целое число, по которому называют камеру. Пусто: следующее свободное. Строка с номером существующей камеры меняет её.",
		"name":        "Обязательно.",
		"location":    "Где она висит.",
		"address":     "Обязательно. rtsp:// или rtsps://. Логин и пароль можно писать прямо в нём как есть: rtsp://admin:p@ss#1@192.168.1.64/stream1",
		"sub_address": "Поток низкого разрешения, если он есть. Логин и пароль у потоков общие.",
		"username":    "Пусто: как было.",
		"password":    "Пусто: как был. Если адрес ведёт к другому устройству, пароль надо написать.",
		"transport":   "auto, tcp или udp. Пусто: auto.",
		"tags":        "Несколько меток разделяют точкой с запятой или запятой.",
		fieldGroups:   "Названия существующих групп через точку с запятой. Группы добавляются, но не отнимаются.",
		fieldLogins:   "Логины тех, кому разрешить смотреть камеру, через точку с запятой. Доступ добавляется, но не отнимается.",
		"notes":       "Для себя.",
		"sweep":       "да: время от времени проверять, отвечает ли камера. Пусто: да.",
	},
	intro: []string{
		"Одна камера: одна строка первого листа. Столбцы могут стоять в любом порядке, ненужные можно убрать.",
		"Строка относится к камере с её номером, иначе к камере с тем же адресом, иначе это новая камера. Пробный прогон покажет, что выйдет из каждой строки.",
		"Столбец, которого нет, ничего не меняет. Пустая ячейка очищает поле, кроме номера, логина, пароля, групп и доступа.",
		"Если текст ячейки начинается с апострофа и знака = + - @, апостроф отбрасывается: он не даёт таблице принять текст за формулу.",
	},
	verdicts: map[Verdict]string{RowNew: "новая", RowChanged: "изменится", RowUnchanged: "без изменений", RowWrong: "ошибка", RowDuplicate: "повтор"},
	of:       "строки", item: "запись", fields: "меняется", read: "адрес прочитан как",
	codes: map[string]string{
		"required": "не заполнено", "too_long": "слишком длинно", "too_many": "слишком много записей", "characters": "есть недопустимые символы",
		"out_of_range": "должно быть от 1 до 9 999 999", "redacted": "вместо пароля точки: впишите пароль", cellChoice: "такого значения нет в списке",
		cellFormula: "формула без результата: впишите значение", cellError: "формула с ошибкой",
		cellMerged: "ячейка объединена с другими: разделите их", cellNotText: "дата или обрезанное число: сделайте ячейку текстовой и впишите заново",
		cellNumber: "это не целое число", badScheme: "должно начинаться с rtsp:// или rtsps://", badHost: "нет имени или адреса устройства", badPort: "порт должен быть от 1 до 65535",
		badAmbiguous:             "можно прочесть двояко: напишите / в пароле как %2F или @ в пути как %40",
		differentCredentials:     "логин или пароль не те, что в столбцах",
		ErrPasswordRequired.Code: "ведёт к другому устройству: впишите пароль ещё раз",
		ErrNumberRetired.Code:    "был у удалённой камеры: номера не выдаются дважды",
		ErrNoGroup.Code:          "такой группы нет",
		"user.not_found":         "такого логина нет",
	},
}

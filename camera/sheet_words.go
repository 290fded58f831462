package camera

// said is a text in both languages.
type said struct{ en, ru string }

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
	in := func(s said) string {
		if language == "ru" {
			return s.ru
		}
		return s.en
	}
	w := sheetWords{
		cameras: in(said{"Cameras", "Камеры"}),
		help:    in(said{"How to fill it in", "Как заполнять"}),
		verdict: in(said{"Verdict", "Проверка"}),
		row:     in(said{"Row", "Строка"}),
		yes:     in(said{"yes", "да"}),
		no:      in(said{"no", "нет"}),
		of:      in(said{"of row", "строки"}),
		item:    in(said{"entry", "запись"}),
		fields:  in(said{"changes", "меняется"}),
		read:    in(said{"address read as", "адрес прочитан как"}),
		titles:  spoken(columnTitles, in), about: spoken(columnsExplained, in), verdicts: spoken(verdictWords, in), codes: spoken(codeWords, in),
	}
	for _, line := range sheetIntro {
		w.intro = append(w.intro, in(line))
	}
	return w
}

// spoken gives a table in one language.
func spoken[K comparable](table map[K]said, in func(said) string) map[K]string {
	out := make(map[K]string, len(table))
	for key, text := range table {
		out[key] = in(text)
	}
	return out
}

var columnTitles = map[string]said{
	"number":      {"Number", "Номер"},
	"name":        {"Name", "Название"},
	"location":    {"Location", "Место"},
	"address":     {"Stream address", "Адрес потока"},
	"sub_address": {"Sub stream address", "Адрес второго потока"},
	"username":    {"User name", "Пользователь"},
	"password":    {"Password", "Пароль"},
	"transport":   {"Transport", "Транспорт"},
	"tags":        {"Tags", "Метки"},
	fieldGroups:   {"Groups", "Группы"},
	fieldLogins:   {"Grant to", "Выдать доступ"},
	"notes":       {"Notes", "Примечание"},
	"sweep":       {"Check", "Опрос"},
}

// columnsExplained says what to write in a column.
var columnsExplained = map[string]said{
	"number": {
		"A whole number by which people call the camera. Empty: the next free one. A row with the number of a camera changes that camera.",
		"Целое число, по которому называют камеру. Пусто: следующее свободное. Строка с номером существующей камеры меняет её.",
	},
	"name":     {"Required.", "Обязательно."},
	"location": {"Where it hangs.", "Где она висит."},
	"address": {
		"Required. rtsp:// or rtsps://. A user name and a password may stand in it as they are: rtsp://admin:p@ss#1@192.168.1.64/stream1",
		"Обязательно. rtsp:// или rtsps://. Логин и пароль можно писать прямо в нём как есть: rtsp://admin:p@ss#1@192.168.1.64/stream1",
	},
	"sub_address": {
		"The low-resolution stream, if there is one. It shares user name and password.",
		"Поток низкого разрешения, если он есть. Логин и пароль у потоков общие.",
	},
	"username": {"Empty: as it was.", "Пусто: как было."},
	"password": {
		"Empty: as it was. It must be written when the address leads to another device.",
		"Пусто: как был. Если адрес ведёт к другому устройству, пароль надо написать.",
	},
	"transport": {"auto, tcp or udp. Empty: auto.", "auto, tcp или udp. Пусто: auto."},
	"tags":      {"Several are divided by ; or by a comma.", "Несколько меток разделяют точкой с запятой или запятой."},
	fieldGroups: {
		"Names of groups that exist, divided by ;. Groups are added; none is taken away.",
		"Названия существующих групп через точку с запятой. Группы добавляются, но не отнимаются.",
	},
	fieldLogins: {
		"Login names of those who may watch the camera, divided by ;. Access is added; none is taken away.",
		"Логины тех, кому разрешить смотреть камеру, через точку с запятой. Доступ добавляется, но не отнимается.",
	},
	"notes": {"For yourselves.", "Для себя."},
	"sweep": {
		"yes: ask the camera now and then whether it answers. Empty: yes.",
		"да: время от времени проверять, отвечает ли камера. Пусто: да.",
	},
}

var sheetIntro = []said{
	{
		"One camera is one row on the first sheet. Columns may stand in any order, and those that you do not need may be left out.",
		"Одна камера: одна строка первого листа. Столбцы могут стоять в любом порядке, ненужные можно убрать.",
	},
	{
		"A row means the camera of its number, or else the one with the same address; else it is a new one. A dry run tells what each row comes to.",
		"Строка относится к камере с её номером, иначе к камере с тем же адресом, иначе это новая камера. Пробный прогон покажет, что выйдет из каждой строки.",
	},
	{
		"A column that is left out keeps what there is. An empty cell clears it, but for number, user name, password, groups and access.",
		"Столбец, которого нет, ничего не меняет. Пустая ячейка очищает поле, кроме номера, логина, пароля, групп и доступа.",
	},
	{
		"A cell that begins with ' and one of = + - @ loses the apostrophe: it keeps a spreadsheet from taking the text for a formula.",
		"Если текст ячейки начинается с апострофа и знака = + - @, апостроф отбрасывается: он не даёт таблице принять текст за формулу.",
	},
}

var verdictWords = map[Verdict]said{
	RowNew:       {"new", "новая"},
	RowChanged:   {"changed", "изменится"},
	RowUnchanged: {"unchanged", "без изменений"},
	RowWrong:     {"wrong", "ошибка"},
	RowDuplicate: {"duplicate", "повтор"},
}

// codeWords say what is wrong with a cell.
var codeWords = map[string]said{
	"required":     {"is missing", "не заполнено"},
	"too_long":     {"is too long", "слишком длинно"},
	"too_many":     {"holds too many entries", "слишком много записей"},
	"characters":   {"holds characters that can't be kept", "есть недопустимые символы"},
	"out_of_range": {"must be 1–9,999,999", "должно быть от 1 до 9 999 999"},
	"redacted": {
		"holds dots in place of a password: write the password",
		"вместо пароля точки: впишите пароль",
	},
	cellChoice:  {"holds none of the words allowed", "такого значения нет в списке"},
	cellFormula: {"holds a formula without a result: write the value", "формула без результата: впишите значение"},
	cellError:   {"holds a formula that failed", "формула с ошибкой"},
	cellMerged:  {"is merged with others: divide the cells", "ячейка объединена с другими: разделите их"},
	cellNotText: {
		"holds a date, or a number that was cut: make the cell text and write it again",
		"дата или обрезанное число: сделайте ячейку текстовой и впишите заново",
	},
	cellNumber: {"is no whole number", "это не целое число"},
	badScheme:  {"must begin with rtsp:// or rtsps://", "должно начинаться с rtsp:// или rtsps://"},
	badHost:    {"names no host", "нет имени или адреса устройства"},
	badPort:    {"has no port of 1–65535", "порт должен быть от 1 до 65535"},
	badAmbiguous: {
		"can be read in two ways: write / in the password as %2F, or @ in the path as %40",
		"можно прочесть двояко: напишите / в пароле как %2F или @ в пути как %40",
	},
	differentCredentials: {
		"brings another user name or password than the columns",
		"логин или пароль не те, что в столбцах",
	},
	ErrPasswordRequired.Code: {"leads to another device: write the password again", "ведёт к другому устройству: впишите пароль ещё раз"},
	ErrNumberRetired.Code:    {"belonged to a camera that was deleted: numbers are never given twice", "был у удалённой камеры: номера не выдаются дважды"},
	ErrNoGroup.Code:          {"names a group that does not exist", "такой группы нет"},
	"user.not_found":         {"names a login that does not exist", "такого логина нет"},
}

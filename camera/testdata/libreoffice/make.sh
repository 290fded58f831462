#!/bin/sh
# Makes the workbooks beside it anew, with LibreOffice Calc (Debian: libreoffice-calc-nogui). See README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
calc() { # [OPTION] FILE...: opened, and saved as .xlsx
	soffice -env:UserInstallation="file://$work/profile" --headless --convert-to xlsx --outdir "$work/out" "$@" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
}

# 500 cameras as a list that somebody kept. Three rows are wrong: another scheme, no name, a port that there is none of.
awk 'BEGIN {
	print "№,Название,Место,Адрес потока,Пользователь,Пароль,Метки,Примечание,Дата установки"
	for (i = 1; i <= 500; i++) {
		name = "Камера " i
		address = sprintf("rtsp://10.20.%d.%d:554/Streaming/Channels/101", i / 200, i % 200 + 1)
		user = "admin"; password = "Кенар@ка#7:пароль"
		if (i % 5 == 0) { address = sprintf("rtsp://admin:Кенар@ка#7:пароль@10.20.%d.%d/live", i / 200, i % 200 + 1); user = ""; password = "" }
		if (i == 101) address = "http://10.20.0.102/video"
		if (i == 250) name = ""
		if (i == 401) address = "rtsp://10.20.2.2:99999/live"
		note = i % 50 ? "" : "\"первая строка\nвторая; +7 495 123-45-67\""
		printf "%d,%s,\"Корпус %d, этаж %d\",%s,%s,%s,\"улица; цех %d\",%s,%02d.03.2024\n", i, name, i % 7, i % 3, address, user, password, i % 4, note, i % 28 + 1
	}
}' >"$work/cameras.csv"
calc --infilter=CSV:44,34,76,1,,1049,false,true "$work/cameras.csv" # comma, quote, UTF-8, from line 1, Russian dates and numbers
calc "$here/odd.fods"
mv "$work/out/cameras.xlsx" "$work/out/odd.xlsx" "$here"

# What the gateway writes, opened and saved again: its export of the cameras above, and its template.
(cd "$here/../../.." && go test ./store -count=1 -run TestSheetsByLibreOffice -args -sheets "$work/ours" >"$work/log" 2>&1) || {
	cat "$work/log" >&2
	exit 1
}
calc "$work/ours/export.xlsx" "$work/ours/template.xlsx"
mv "$work/out/export.xlsx" "$work/out/template.xlsx" "$here"

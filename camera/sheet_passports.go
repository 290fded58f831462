package camera

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// PassportRow is a camera of a sheet of passports.
type PassportRow struct {
	Number   int
	Name     string
	Passport *Passport // nil: it was not looked at
}

// WritePassports writes what probes found, a camera a row. It holds no address and no credentials; texts of people and of cameras that a
// spreadsheet would take for formulas are neutralised. Times are of the zone; nil is UTC.
func WritePassports(to io.Writer, rows []PassportRow, language string, zone *time.Location) error {
	w := passportWords(language)
	if zone == nil {
		zone = time.UTC
	}
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // in memory
	if err := f.SetSheetName("Sheet1", w.say("sheet")); err != nil {
		return fmt.Errorf("write passports: %w", err)
	}
	titles := make([]string, len(passportColumns))
	for i, c := range passportColumns {
		titles[i] = w.say(c)
	}
	out, err := newRows(f, w.say("sheet"), titles)
	if err != nil {
		return err
	}
	for _, r := range rows {
		values := w.row(r, zone)
		for i, v := range values {
			if text, ok := v.(string); ok {
				values[i] = neutral(text)
			}
		}
		if err := out.add(values); err != nil {
			return err
		}
	}
	if err := out.stream.Flush(); err != nil {
		return fmt.Errorf("write passports: %w", err)
	}
	if _, err := f.WriteTo(to); err != nil {
		return fmt.Errorf("write passports: %w", err)
	}
	return nil
}

// row puts a camera into the columns.
func (w passportLanguage) row(r PassportRow, zone *time.Location) []any {
	p := r.Passport
	if p == nil {
		return []any{r.Number, r.Name, w.say("outcome.none")}
	}
	why := ""
	switch {
	case p.Code != "":
		why = w.code(p.Code, p.Params)
	case !p.WebRTC.Carried:
		params := map[string]string{}
		if p.Video != nil {
			params["codec"] = p.Video.Codec
		}
		why = w.code(p.WebRTC.Code, params)
	}
	advice := make([]string, len(p.Advice))
	for i, a := range p.Advice {
		advice[i] = w.code(a.Code, a.Params)
	}
	values := []any{r.Number, r.Name, w.say("outcome." + string(p.Outcome())), why, strings.Join(advice, "\n"), w.carried(p.WebRTC), w.carried(p.HLS)}
	if v := p.Video; v != nil {
		key, size, fps := "", "", ""
		if v.KeyframeS != nil {
			key = decimal(*v.KeyframeS)
		}
		if v.Width > 0 {
			size = strconv.Itoa(v.Width) + "×" + strconv.Itoa(v.Height)
		}
		if v.FPS > 0 {
			fps = decimal(v.FPS)
		}
		values = append(values, codecTitle(v.Codec), strings.TrimSpace(v.Profile+" "+v.Level), size, fps, key, w.yesNo(v.BFrames), v.Kbps)
	} else {
		values = append(values, "", "", "", "", "", "", "")
	}
	sound := ""
	if a := p.Audio; a != nil {
		sound = codecTitle(a.Codec) + ", " + strconv.Itoa(a.SampleRate) + " Hz"
	}
	return append(values, sound, strings.Join(p.Others, ", "), strings.ToUpper(string(p.Transport)), p.Server, p.TookMS, p.At.In(zone).Format("2006-01-02 15:04:05 -07:00"))
}

func (w passportLanguage) carried(c Carriage) string {
	switch {
	case !c.Carried:
		return w.say("no")
	case c.SoundCode != "":
		return w.say("mute")
	}
	return w.say("yes")
}

func (w passportLanguage) yesNo(on bool) string {
	if on {
		return w.say("yes")
	}
	return w.say("no")
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// codecTitle names a codec as people do.
func codecTitle(rtp string) string {
	switch strings.ToUpper(rtp) {
	case "H264":
		return "H.264"
	case "H265":
		return "H.265"
	case "JPEG":
		return "MJPEG"
	case "MPEG4-GENERIC", "MP4A-LATM":
		return "AAC"
	case "PCMU":
		return "G.711 µ-law"
	case "PCMA":
		return "G.711 A-law"
	case "OPUS":
		return "Opus"
	}
	return rtp
}

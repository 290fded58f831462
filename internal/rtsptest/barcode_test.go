package rtsptest_test

import (
	"encoding/json"
	"image"
	"os/exec"
	"strings"
	"testing"

	"github.com/rtsp-viewer/rtsp-viewer/internal/rtsptest"
)

// TestBrowsersReadTheSameBarcode runs the JavaScript reader on pictures of Go's writer.
func TestBrowsersReadTheSameBarcode(t *testing.T) {
	type imageData struct {
		Width  int   `json:"width"`
		Height int   `json:"height"`
		Data   []int `json:"data"`
	}
	var pictures []imageData
	add := func(img *image.RGBA) {
		d := imageData{Width: img.Rect.Dx(), Height: img.Rect.Dy()}
		for _, b := range img.Pix {
			d.Data = append(d.Data, int(b))
		}
		pictures = append(pictures, d)
	}
	marks := [][2]int{{0, 0}, {7, 249}, {201, 65535}, {255, 256}}
	for i, mark := range marks {
		img := image.NewRGBA(image.Rect(0, 0, 160+37*i, 90+21*i))
		rtsptest.DrawBarcode(img, mark[0], mark[1])
		add(img)
	}
	blank := image.NewRGBA(image.Rect(0, 0, 160, 90))
	add(blank)
	rtsptest.DrawBarcode(blank, 7, 249)
	for y := 81; y < 86; y++ { // one cell of the number turned over
		for x := 26; x < 34; x++ {
			blank.Pix[blank.PixOffset(x, y)] ^= 0xff
			blank.Pix[blank.PixOffset(x, y)+1] ^= 0xff
			blank.Pix[blank.PixOffset(x, y)+2] ^= 0xff
		}
	}
	add(blank)

	text, err := json.Marshal(pictures)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "-e", rtsptest.BarcodeJS+`
		const pictures = JSON.parse(require("fs").readFileSync(0, "utf8"));
		console.log(JSON.stringify(pictures.map(readBarcode)));`)
	node.Stdin = strings.NewReader(string(text))
	out, err := node.Output()
	if err != nil {
		t.Fatalf("run Node.js: %v", err)
	}
	var read []*struct{ Number, Frame int }
	if err := json.Unmarshal(out, &read); err != nil {
		t.Fatalf("read %s: %v", out, err)
	}
	for i, mark := range marks {
		if read[i] == nil || read[i].Number != mark[0] || read[i].Frame != mark[1] {
			t.Errorf("number %d, frame %d is read as %+v", mark[0], mark[1], read[i])
		}
	}
	for _, r := range read[len(marks):] {
		if r != nil {
			t.Errorf("read %+v where there is nothing", r)
		}
	}
}

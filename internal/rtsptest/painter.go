package rtsptest

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// painter draws the frames of one clip in order, always into the same picture.
type painter struct {
	spec   Spec
	canvas *canvas
	scene  scene
	still  *image.RGBA // the background, with the name on it
	face   font.Face
	noise  []int8 // what a sensor adds; read from another place for every frame
	random *rand.Rand
}

func newPainter(s Spec) (*painter, error) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the font: %w", err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: float64(s.Height) / 11, DPI: 72, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}

	p := &painter{
		spec: s, canvas: newCanvas(s.Width, s.Height), scene: scenes[(s.Number+len(scenes)-1)%len(scenes)], face: face,
		random: rand.New(rand.NewPCG(uint64(s.Number), 1)),
	}
	p.noise = make([]int8, s.Width*4+4096)
	for i := range p.noise {
		p.noise[i] = int8(p.random.NormFloat64() * 2)
	}
	p.scene.still(p.canvas, s.Number)
	p.plate(s.Name, 0.015)
	p.still = image.NewRGBA(p.canvas.img.Rect)
	copy(p.still.Pix, p.canvas.img.Pix)
	return p, nil
}

// frame draws frame i of the loop. The picture is overwritten by the next call.
func (p *painter) frame(i int) *image.RGBA {
	img := p.canvas.img
	copy(img.Pix, p.still.Pix)
	p.scene.moves(p.canvas, p.spec.Number, float64(i)/float64(p.spec.frames()))
	// The plate with the name stays above whatever moves.
	h := p.plateHeight()
	draw.Draw(img, image.Rect(0, 0, p.spec.Width, h), p.still, image.Point{}, draw.Src)
	p.grain()
	p.plate(fmt.Sprintf("%05d", i), -0.015)
	DrawBarcode(img, p.spec.Number, i)
	return img
}

// grain adds a sensor's noise, without which an encoder would reach no camera's bit rate.
func (p *painter) grain() {
	img := p.canvas.img
	for y := p.plateHeight(); y < img.Rect.Dy()*9/10; y++ {
		row := img.Pix[y*img.Stride : y*img.Stride+img.Rect.Dx()*4]
		noise := p.noise[p.random.IntN(4096):]
		for x := 0; x < len(row); x += 4 {
			n := int(noise[x])
			row[x] = clamp(int(row[x]) + n)
			row[x+1] = clamp(int(row[x+1]) + n)
			row[x+2] = clamp(int(row[x+2]) + n)
		}
	}
}

func clamp(v int) uint8 { return uint8(min(max(v, 0), 255)) }

func (p *painter) plateHeight() int { return p.spec.Height * 2 / 15 }

// plate writes text on a dark plate at the top edge: from the left at a positive x, up to the right edge at a negative
// one; in units of the width.
func (p *painter) plate(text string, x float64) {
	img, height := p.canvas.img, p.plateHeight()
	pad := int(0.015 * float64(p.spec.Width))
	left := int(x * float64(p.spec.Width))
	width := font.MeasureString(p.face, text).Ceil()
	if x < 0 {
		left += p.spec.Width - width
	}
	box := image.Rect(left-pad, 0, left+width+pad, height)
	draw.Draw(img, box, image.NewUniform(color.NRGBA{0, 0, 0, 150}), image.Point{}, draw.Over)
	metrics := p.face.Metrics()
	base := (fixed.I(height) + metrics.Ascent - metrics.Descent) / 2
	drawer := font.Drawer{Dst: img, Src: image.White, Face: p.face, Dot: fixed.Point26_6{X: fixed.I(left), Y: base}}
	drawer.DrawString(text)
}

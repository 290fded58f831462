package rtsptest

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/vector"
)

// canvas draws on a picture in units of its own: x and y run from 0 to 1 over the width and the height.
type canvas struct {
	img  *image.RGBA
	w, h float64
	fill *vector.Rasterizer
}

func newCanvas(width, height int) *canvas {
	return &canvas{
		img: image.NewRGBA(image.Rect(0, 0, width, height)),
		w:   float64(width), h: float64(height),
		fill: vector.NewRasterizer(width, height),
	}
}

// point is a place on the canvas, 0..1 in both directions.
type point struct{ x, y float64 }

// rect fills a rectangle given by its upper left corner and its size.
func (c *canvas) rect(x, y, w, h float64, col color.Color) {
	r := image.Rect(c.px(x, c.w), c.px(y, c.h), c.px(x+w, c.w), c.px(y+h, c.h))
	draw.Draw(c.img, r, image.NewUniform(col), image.Point{}, draw.Over)
}

func (c *canvas) px(v, size float64) int { return int(math.Round(v * size)) }

// gradient fills a horizontal band with a colour that changes from its top to its bottom.
func (c *canvas) gradient(y0, y1 float64, from, to color.RGBA) {
	top, bottom := c.px(y0, c.h), c.px(y1, c.h)
	for y := top; y < bottom; y++ {
		t := float64(y-top) / float64(max(bottom-top-1, 1))
		row := image.Rect(0, y, c.img.Rect.Dx(), y+1)
		draw.Draw(c.img, row, image.NewUniform(mix(from, to, t)), image.Point{}, draw.Src)
	}
}

// shape fills a polygon, edges smoothed. Only the part of the picture that it covers is touched.
func (c *canvas) shape(col color.Color, points ...point) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		x0, x1 = min(x0, p.x*c.w), max(x1, p.x*c.w)
		y0, y1 = min(y0, p.y*c.h), max(y1, p.y*c.h)
	}
	box := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1)))
	if box.Intersect(c.img.Rect).Empty() {
		return
	}
	c.fill.Reset(box.Dx(), box.Dy())
	for i, p := range points {
		x, y := float32(p.x*c.w-float64(box.Min.X)), float32(p.y*c.h-float64(box.Min.Y))
		if i == 0 {
			c.fill.MoveTo(x, y)
		} else {
			c.fill.LineTo(x, y)
		}
	}
	c.fill.ClosePath()
	if box.In(c.img.Rect) {
		c.fill.Draw(c.img, box, image.NewUniform(col), image.Point{})
		return
	}
	// The rasterizer wants a mask of the shape's own size; what hangs over the edge is cut off by the drawing.
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	c.fill.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	draw.DrawMask(c.img, box, image.NewUniform(col), image.Point{}, mask, image.Point{}, draw.Over)
}

// ellipse fills an ellipse; both radii are in units of the height, so that equal radii make a circle.
func (c *canvas) ellipse(x, y, rx, ry float64, col color.Color) {
	const corners = 40
	points := make([]point, corners)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		points[i] = point{x + rx*c.h/c.w*cos, y + ry*sin}
	}
	c.shape(col, points...)
}

// wide turns a length in units of the height into one in units of the width.
func (c *canvas) wide(v float64) float64 { return v * c.h / c.w }

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

// veil is a colour with an opacity from 0 to 1.
func veil(hex uint32, opacity float64) color.NRGBA {
	return color.NRGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), uint8(opacity * 255)}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	blend := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + 0.5) }
	return color.RGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 255}
}

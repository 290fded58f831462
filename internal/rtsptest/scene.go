package rtsptest

import (
	"image/color"
	"math"
)

// scene is what a camera looks at: a background drawn once, and what moves before it. Phase runs from 0 to 1 over the
// loop; everything that moves is back in its place at 1, so that the seam can't be seen.
type scene struct {
	still func(c *canvas, hue int)
	moves func(c *canvas, hue int, phase float64)
}

var scenes = [...]scene{
	{stillRoad, movesRoad},
	{stillWarehouse, movesWarehouse},
	{stillLobby, movesLobby},
	{stillYard, movesYard},
	{stillParking, movesParking},
	{stillRacks, movesRacks},
}

// paints are body colours: cars, boxes, coats.
var paints = [...]uint32{0xc0392b, 0x2e86c1, 0xf1c40f, 0x27ae60, 0x8e44ad, 0xe67e22, 0xecf0f1, 0x34495e}

func paint(i int) color.RGBA { return rgb(paints[i%len(paints)]) }

// turn is a phase that went round n times, shifted by a part of a turn.
func turn(phase float64, n, shift float64) float64 {
	_, f := math.Modf(phase*n + shift)
	return f
}

// swing goes from 0 to 1 and back, n times in the loop.
func swing(phase float64, n, shift float64) float64 {
	return 0.5 - 0.5*math.Cos(2*math.Pi*(phase*n+shift))
}

func stillRoad(c *canvas, hue int) {
	c.gradient(0, 0.45, rgb(0x7fb3d8), rgb(0xdcebf3))
	for i, x := range []float64{0.02, 0.16, 0.33, 0.62, 0.8} {
		top := 0.2 + 0.06*float64((i*3+hue)%4)
		c.rect(x, top, 0.13, 0.45-top, mix(rgb(0x8795a1), rgb(0xb7a48b), float64(i)/4))
		for w := range 4 {
			for f := range 3 {
				c.rect(x+0.014+float64(w)*0.029, top+0.03+float64(f)*0.07, 0.017, 0.035, rgb(0x52606d))
			}
		}
	}
	c.gradient(0.45, 0.55, rgb(0x6a994e), rgb(0x588b3d))
	c.gradient(0.55, 0.86, rgb(0x4a4e54), rgb(0x5d6167))
	c.gradient(0.86, 0.9, rgb(0xb9b4a7), rgb(0xa39e91))
	for i := range 9 {
		c.rect(0.01+float64(i)*0.115, 0.7, 0.06, 0.012, rgb(0xe8e6da))
	}
	c.rect(0.86, 0.36, 0.07, 0.22, rgb(0xd9b44a)) // the gatehouse
	c.rect(0.872, 0.4, 0.046, 0.06, rgb(0x2c3e50))
}

func movesRoad(c *canvas, hue int, phase float64) {
	car(c, -0.25+1.5*turn(phase, 2, 0), 0.64, 0.15, 1, paint(hue))
	car(c, 1.25-1.5*turn(phase, 1, 0.35), 0.77, 0.18, -1, paint(hue+1))
	car(c, 1.25-1.5*turn(phase, 1, 0.85), 0.77, 0.18, -1, paint(hue+3))
	lift := swing(phase, 2, 0.1) * 1.2 // the barrier opens and closes
	sin, cos := math.Sincos(lift)
	for i := range 6 {
		from, to := float64(i)*0.05, float64(i+1)*0.05
		col := rgb(0xf4f4f4)
		if i%2 == 0 {
			col = rgb(0xd62828)
		}
		at := func(d, off float64) point {
			return point{0.86 - c.wide(d*cos) - c.wide(off*sin), 0.53 - d*sin + off*cos}
		}
		c.shape(col, at(from, 0), at(to, 0), at(to, 0.016), at(from, 0.016))
	}
	c.rect(0.855, 0.51, 0.012, 0.08, rgb(0x2f2f2f))
}

// car draws a car of the given length in units of the height, its wheels on y; dir 1 looks right, -1 left.
func car(c *canvas, x, y, length float64, dir float64, col color.RGBA) {
	l := length * 1.6
	at := func(dx, dy float64) point { return point{x + dir*c.wide(dx*l), y + dy*l} }
	c.ellipse(x, y+0.01*l, 0.52*l, 0.035*l, veil(0x000000, 0.35))
	c.shape(col, at(-0.5, -0.06), at(-0.5, -0.2), at(-0.44, -0.23), at(-0.3, -0.24), at(-0.18, -0.37), at(0.14, -0.37),
		at(0.28, -0.24), at(0.47, -0.2), at(0.5, -0.06))
	c.shape(rgb(0x22313f), at(-0.25, -0.24), at(-0.155, -0.34), at(-0.03, -0.34), at(-0.03, -0.24))
	c.shape(rgb(0x22313f), at(0, -0.24), at(0, -0.34), at(0.125, -0.34), at(0.235, -0.24))
	c.shape(rgb(0xfff3b0), at(0.45, -0.18), at(0.495, -0.17), at(0.495, -0.12), at(0.45, -0.12))
	for _, dx := range []float64{-0.28, 0.29} {
		p := at(dx, -0.06)
		c.ellipse(p.x, p.y, 0.085*l, 0.085*l, rgb(0x15181b))
		c.ellipse(p.x, p.y, 0.04*l, 0.04*l, rgb(0xa9b1b8))
	}
}

// person draws someone of the given height in units of the picture's height, feet on y, walking with the given step.
func person(c *canvas, x, y, height float64, coat color.RGBA, step float64) {
	at := func(dx, dy float64) point { return point{x + c.wide(dx*height), y + dy*height} }
	sway := 0.12 * math.Sin(2*math.Pi*step)
	c.ellipse(x, y, 0.16*height, 0.03*height, veil(0x000000, 0.3))
	for _, s := range []float64{sway, -sway} {
		c.shape(rgb(0x2b2d42), at(-0.06, -0.45), at(0.06, -0.45), at(s+0.06, 0), at(s-0.05, 0))
	}
	c.shape(coat, at(-0.11, -0.8), at(0.11, -0.8), at(0.13, -0.4), at(-0.13, -0.4))
	c.shape(mix(coat, rgb(0), 0.2), at(-0.12, -0.78), at(-0.07, -0.78), at(-0.08-sway*0.7, -0.42), at(-0.14-sway*0.7, -0.42))
	c.shape(mix(coat, rgb(0), 0.2), at(0.12, -0.78), at(0.07, -0.78), at(0.08+sway*0.7, -0.42), at(0.14+sway*0.7, -0.42))
	head := at(0, -0.9)
	c.ellipse(head.x, head.y, 0.085*height, 0.1*height, rgb(0xe0ac87))
	hair := at(0, -0.95)
	c.ellipse(hair.x, hair.y, 0.085*height, 0.06*height, rgb(0x4a3728))
}

func stillLobby(c *canvas, hue int) {
	c.gradient(0, 0.5, rgb(0xf3ede2), rgb(0xdccfba))
	c.gradient(0.5, 0.9, rgb(0x9c7f66), rgb(0xc9ab8d))
	for i := range 13 { // floor boards run to a point behind the wall
		x := float64(i-6) / 6
		c.shape(veil(0x5f4a38, 0.35), point{0.5 + x*0.45, 0.5}, point{0.503 + x*0.45, 0.5}, point{0.508 + x*1.1, 0.9}, point{0.5 + x*1.1, 0.9})
	}
	c.rect(0.4, 0.18, 0.2, 0.32, rgb(0x5d7b8c)) // glass doors
	c.rect(0.41, 0.2, 0.085, 0.3, rgb(0xbfe0ee))
	c.rect(0.505, 0.2, 0.085, 0.3, rgb(0xbfe0ee))
	for i, x := range []float64{0.08, 0.22, 0.72, 0.86} {
		c.rect(x, 0.2, 0.075, 0.16, rgb(0x4b3b2f))
		c.rect(x+0.008, 0.214, 0.059, 0.132, mix(paint(hue+i), rgb(0xffffff), 0.35))
	}
	c.rect(0.03, 0.52, 0.22, 0.16, rgb(0x7a4f30)) // the reception desk
	c.rect(0.02, 0.5, 0.24, 0.03, rgb(0x4f3220))
	for i := range 7 { // a plant
		a := math.Pi * (0.15 + 0.7*float64(i)/6)
		sin, cos := math.Sincos(a)
		c.shape(rgb(0x3a7d44), point{0.9, 0.62}, point{0.9 + c.wide(0.2*cos) + 0.008, 0.62 - 0.22*sin}, point{0.9 + c.wide(0.2*cos) - 0.008, 0.62 - 0.2*sin})
	}
	c.rect(0.875, 0.61, 0.05, 0.09, rgb(0xb5533c))
}

func movesLobby(c *canvas, hue int, phase float64) {
	person(c, 0.14, 0.56, 0.3, paint(hue+2), 0)
	c.rect(0.03, 0.5, 0.22, 0.1, rgb(0x7a4f30))
	c.rect(0.02, 0.495, 0.24, 0.025, rgb(0x4f3220))
	person(c, -0.1+1.2*turn(phase, 1, 0.2), 0.74, 0.4, paint(hue), phase*14)
	person(c, 1.1-1.2*turn(phase, 1, 0.55), 0.84, 0.46, paint(hue+4), phase*12)
	near := swing(phase, 1, 0)
	person(c, 0.5+0.05*near, 0.55+0.2*near, 0.24+0.16*near, paint(hue+5), phase*16)
}

func stillWarehouse(c *canvas, hue int) {
	c.gradient(0, 0.3, rgb(0x4d5a63), rgb(0x6c7a84))
	c.gradient(0.3, 0.9, rgb(0x8b8f8e), rgb(0xa9aca8))
	for i := range 4 {
		c.rect(0.12+float64(i)*0.22, 0.05, 0.1, 0.02, rgb(0xfdfdf0))
		c.shape(veil(0xfdfdf0, 0.08), point{0.12 + float64(i)*0.22, 0.07}, point{0.22 + float64(i)*0.22, 0.07},
			point{0.3 + float64(i)*0.22, 0.6}, point{0.04 + float64(i)*0.22, 0.6})
	}
	for side := range 2 {
		for bay := range 3 {
			for level := range 3 {
				x := 0.02 + float64(bay)*0.13
				if side == 1 {
					x = 0.85 - float64(bay)*0.13
				}
				y := 0.2 + float64(level)*0.14
				c.rect(x, y+0.11, 0.128, 0.015, rgb(0xd35400))
				for b := range 3 {
					shade := mix(rgb(0xc79a63), paint(hue+bay*2+level+b), 0.25)
					top := 0.02 * float64((bay+level*2+b+hue)%3)
					c.rect(x+0.006+float64(b)*0.04, y+0.01+top, 0.036, 0.1-top, shade)
					c.rect(x+0.02+float64(b)*0.04, y+0.01+top, 0.006, 0.1-top, rgb(0xe6c99a))
				}
			}
		}
	}
	for _, x := range []float64{0.02, 0.15, 0.28, 0.405, 0.585, 0.715, 0.845, 0.972} {
		c.rect(x-0.003, 0.18, 0.008, 0.46, rgb(0x1f4e79))
	}
	c.shape(veil(0xf4d03f, 0.8), point{0.3, 0.9}, point{0.315, 0.9}, point{0.44, 0.45}, point{0.435, 0.45})
	c.shape(veil(0xf4d03f, 0.8), point{0.7, 0.9}, point{0.685, 0.9}, point{0.56, 0.45}, point{0.565, 0.45})
}

func movesWarehouse(c *canvas, hue int, phase float64) {
	near := swing(phase, 1, 0.1)
	person(c, 0.47, 0.5+0.16*near, 0.2+0.16*near, paint(hue+2), phase*15)

	x, y := 0.12+0.7*swing(phase, 1, 0.3), 0.84
	dir := 1.0
	if turn(phase, 1, 0.3) > 0.5 {
		dir = -1
	}
	at := func(dx, dy float64) point { return point{x + dir*c.wide(dx), y + dy} }
	up := 0.16 * swing(phase, 3, 0)
	c.ellipse(x, y+0.01, 0.2, 0.015, veil(0, 0.35))
	c.shape(rgb(0xf39c12), at(-0.16, -0.04), at(-0.16, -0.16), at(-0.06, -0.18), at(0.08, -0.1), at(0.09, -0.04))
	c.shape(rgb(0x2d3436), at(-0.13, -0.16), at(-0.1, -0.33), at(0.03, -0.33), at(0.07, -0.1), at(0.055, -0.1), at(0.015, -0.31), at(-0.085, -0.31), at(-0.115, -0.16))
	c.shape(rgb(0x2d3436), at(0.1, 0), at(0.1, -0.38), at(0.12, -0.38), at(0.12, 0))
	c.shape(rgb(0x2d3436), at(0.12, -0.01-up), at(0.25, -0.01-up), at(0.25, -0.025-up), at(0.12, -0.025-up))
	c.shape(rgb(0xc79a63), at(0.135, -0.025-up), at(0.135, -0.13-up), at(0.24, -0.13-up), at(0.24, -0.025-up))
	for _, dx := range []float64{-0.11, 0.05} {
		p := at(dx, -0.03)
		c.ellipse(p.x, p.y, 0.038, 0.038, rgb(0x17191a))
		c.ellipse(p.x, p.y, 0.016, 0.016, rgb(0xb2bec3))
	}
}

func stillYard(c *canvas, hue int) {
	c.gradient(0, 0.62, rgb(0x0b1430), rgb(0x2a3d68))
	for i := range 40 {
		x, y := math.Mod(float64(i)*0.618034, 1), math.Mod(float64(i)*0.754877, 1)*0.4
		c.ellipse(x, y, 0.003, 0.003, veil(0xffffff, 0.3+0.5*math.Mod(float64(i)*0.37, 1)))
	}
	c.ellipse(0.86, 0.24, 0.06, 0.06, rgb(0xf5f0d8))
	c.ellipse(0.852, 0.222, 0.016, 0.014, rgb(0xe3dcc0))
	c.ellipse(0.871, 0.262, 0.01, 0.009, rgb(0xe3dcc0))
	c.rect(0.05, 0.2, 0.42, 0.42, rgb(0x27304a))
	for col := range 5 {
		for row := range 3 {
			glass := rgb(0x151c30)
			if (col*3+row*5+hue)%4 == 0 {
				glass = rgb(0xf6c667)
			}
			c.rect(0.08+float64(col)*0.078, 0.25+float64(row)*0.12, 0.045, 0.075, glass)
		}
	}
	c.gradient(0.62, 0.9, rgb(0x26332b), rgb(0x36473b))
	c.shape(rgb(0x4b4f58), point{0.3, 0.9}, point{0.75, 0.9}, point{0.62, 0.62}, point{0.52, 0.62})
	// The lamp and its light.
	c.shape(veil(0xffe9a8, 0.16), point{0.72, 0.2}, point{0.73, 0.2}, point{0.88, 0.86}, point{0.55, 0.86})
	c.rect(0.716, 0.2, 0.01, 0.56, rgb(0x10131a))
	c.ellipse(0.72, 0.2, 0.022, 0.016, rgb(0xfff3c4))
	for i := range 24 { // a fence
		c.rect(0.8+float64(i)*0.009, 0.55, 0.003, 0.14, rgb(0x11151f))
	}
}

func movesYard(c *canvas, hue int, phase float64) {
	x := -0.1 + 1.2*turn(phase, 1, 0.1)
	person(c, x, 0.8, 0.34, mix(paint(hue), rgb(0), 0.3), phase*14)
	c.shape(veil(0xfff6cf, 0.22), point{x + 0.01, 0.62}, point{x + 0.17, 0.7}, point{x + 0.17, 0.83}) // his torch
	cat := 1.1 - 1.2*turn(phase, 2, 0.4)
	hop := 0.01 * math.Abs(math.Sin(2*math.Pi*phase*20))
	c.ellipse(cat, 0.855-hop, 0.045, 0.02, rgb(0x080a10))
	c.ellipse(cat-c.wide(0.045), 0.835-hop, 0.02, 0.018, rgb(0x080a10))
	c.ellipse(cat-c.wide(0.052), 0.833-hop, 0.003, 0.003, rgb(0xd8f24f))
	c.shape(rgb(0x080a10), point{cat + c.wide(0.04), 0.85 - hop}, point{cat + c.wide(0.085), 0.8 - hop}, point{cat + c.wide(0.09), 0.805 - hop}, point{cat + c.wide(0.045), 0.86 - hop})
	if swing(phase, 5, 0) > 0.5 {
		c.ellipse(0.31, 0.2, 0.008, 0.008, rgb(0xff4d4d)) // the aerial's light
	}
}

func stillParking(c *canvas, hue int) {
	c.gradient(0, 0.9, rgb(0x62666b), rgb(0x7b8085))
	c.gradient(0, 0.14, rgb(0x7fa36b), rgb(0x6b9157))
	for i := range 8 {
		x := 0.04 + float64(i)*0.13
		c.ellipse(x, 0.07, 0.05, 0.05, rgb(0x3f6b35))
		c.ellipse(x-0.008, 0.055, 0.03, 0.03, rgb(0x558a47))
	}
	for row := range 2 {
		y := 0.17 + float64(row)*0.47
		for i := range 10 {
			c.rect(0.045+float64(i)*0.1, y, 0.004, 0.24, rgb(0xe9e9e4))
			if (i*7+row*3+hue)%5 != 0 && i < 9 && (row != 0 || i != 6) {
				topCar(c, 0.097+float64(i)*0.1, y+0.12, math.Pi/2, paint(i*3+row+hue))
			}
		}
	}
	for i := range 4 {
		x := 0.1 + float64(i)*0.25
		c.shape(veil(0xf2f2ec, 0.8), point{x, 0.515}, point{x + 0.05, 0.515}, point{x + 0.05, 0.495}, point{x + 0.075, 0.525},
			point{x + 0.05, 0.555}, point{x + 0.05, 0.535}, point{x, 0.535})
	}
}

func movesParking(c *canvas, hue int, phase float64) {
	topCar(c, -0.12+1.24*turn(phase, 1, 0.5), 0.525, 0, paint(hue+1))
	// One car backs out of its place into the lane and goes back in.
	out := swing(phase, 2, 0.25)
	topCar(c, 0.697, 0.29+0.1*out, math.Pi/2, paint(hue+6))
	x := 1.05 - 1.1*turn(phase, 1, 0.15)
	c.ellipse(x, 0.605, 0.022, 0.014, paint(hue+2))
	c.ellipse(x, 0.603, 0.012, 0.012, rgb(0x4a3728))
}

// topCar draws a car from above, its middle at x and y, turned by an angle.
func topCar(c *canvas, x, y, angle float64, col color.RGBA) {
	sin, cos := math.Sincos(angle)
	at := func(dx, dy float64) point { return point{x + c.wide(dx*cos-dy*sin), y + dx*sin + dy*cos} }
	box := func(x0, y0, x1, y1, cut float64, col color.Color) {
		c.shape(col, at(x0+cut, y0), at(x1-cut, y0), at(x1, y0+cut), at(x1, y1-cut), at(x1-cut, y1), at(x0+cut, y1), at(x0, y1-cut), at(x0, y0+cut))
	}
	box(-0.105, -0.04, 0.115, 0.064, 0.02, veil(0, 0.3))
	box(-0.11, -0.05, 0.11, 0.05, 0.02, col)
	box(-0.075, -0.04, 0.05, 0.04, 0.012, rgb(0x1e2a33))
	box(-0.055, -0.038, 0.02, 0.038, 0.01, mix(col, rgb(0xffffff), 0.12))
}

func stillRacks(c *canvas, hue int) {
	c.gradient(0, 0.9, rgb(0x1c2530), rgb(0x32404e))
	c.shape(rgb(0x59656f), point{0.42, 0.4}, point{0.58, 0.4}, point{0.86, 0.9}, point{0.14, 0.9})
	for i := range 6 {
		t := float64(i) / 6
		t *= t
		c.shape(veil(0x27323c, 0.7), point{0.42 - 0.28*t, 0.4 + 0.5*t}, point{0.58 + 0.28*t, 0.4 + 0.5*t},
			point{0.583 + 0.28*t, 0.406 + 0.5*t}, point{0.417 - 0.28*t, 0.406 + 0.5*t})
	}
	for side := range 2 {
		for i := range 3 {
			x := 0.01 + float64(i)*0.14
			if side == 1 {
				x = 0.86 - float64(i)*0.14
			}
			top, bottom := 0.18+0.05*float64(i), 0.86-0.1*float64(i)
			c.rect(x, top, 0.13, bottom-top, rgb(0x0d1217))
			for u := range 10 {
				h := (bottom - top - 0.02) / 10
				c.rect(x+0.008, top+0.01+float64(u)*h, 0.114, h*0.8, mix(rgb(0x2b3744), paint(hue+i+side), 0.12))
			}
		}
	}
	c.rect(0.44, 0.2, 0.12, 0.2, rgb(0x8fa3b3))
	c.rect(0.36, 0.1, 0.28, 0.02, rgb(0xeaf6ff))
}

func movesRacks(c *canvas, hue int, phase float64) {
	for side := range 2 {
		for i := range 3 {
			x := 0.01 + float64(i)*0.14
			if side == 1 {
				x = 0.86 - float64(i)*0.14
			}
			top, bottom := 0.18+0.05*float64(i), 0.86-0.1*float64(i)
			h := (bottom - top - 0.02) / 10
			for u := range 10 {
				for l := range 4 {
					seed := float64(side*97 + i*31 + u*7 + l*3 + hue)
					on := swing(phase, 4+math.Mod(seed*5, 11), math.Mod(seed*0.618, 1)) > 0.45
					col := rgb(0x12331d)
					if on {
						col = [...]color.RGBA{rgb(0x38e07b), rgb(0x38e07b), rgb(0x4fc3f7), rgb(0xffb74d)}[(l+u)%4]
					}
					c.rect(x+0.014+float64(l)*0.01, top+0.01+float64(u)*h+h*0.3, 0.006, h*0.25, col)
				}
			}
		}
	}
	near := swing(phase, 1, 0.6)
	person(c, 0.5+0.03*math.Sin(2*math.Pi*phase*2), 0.45+0.36*near, 0.14+0.36*near, paint(hue+1), phase*12)
}

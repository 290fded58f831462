package rtsptest

import (
	_ "embed"
	"image"
	"image/color"
	"image/draw"
)

// The barcode's geometry, as fractions of the picture, so that it survives scaling:
//
// It is a strip along the bottom edge, the full width W and the last tenth of the height H, of 24 columns and 2 rows.
// The cell in column c (0..23, from the left) and row r (0 upper, 1 lower) is the rectangle
//
//	x from W*c/24 to W*(c+1)/24,  y from H*(18+r)/20 to H*(19+r)/20
//
// White is 1, black is 0. From left to right:
//
//	row 0:  1 0 1 0 | number, 8 bits   | frame, upper 8 bits | 1 1 0 0
//	row 1:  0 1 0 1 | frame, lower 8   | checksum, 8 bits    | 0 0 1 1
//
// All numbers have their highest bit first. Frame is the position in the loop (0 is the first frame of the clip, a
// keyframe). The checksum is the CRC-8 with polynomial 0x07 and initial value 0, not reflected, of the three bytes
// number, upper, lower. A reader takes the mean brightness of the middle half of each cell in both directions, sets the
// threshold half-way between the mean of the eight ones and the mean of the eight zeros of the sync columns, and gives up
// if these differ by less than 40 of 255.
const (
	barcodeColumns  = 24
	barcodeRows     = 2
	barcodeContrast = 40
	// maxFrames is the longest loop whose positions fit the barcode.
	maxFrames = 1 << 16
)

// barcodeSync is what the four columns at either edge hold, by row.
var barcodeSync = [barcodeRows][2]uint8{{0b1010, 0b1100}, {0b0101, 0b0011}}

// BarcodeJS defines readBarcode(imageData) for a browser: {number, frame}, or null if there is no barcode. imageData is
// what CanvasRenderingContext2D.getImageData gives for the whole picture, at any scale.
//
//go:embed barcode.js
var BarcodeJS string

// DrawBarcode paints the barcode of a camera's number (0..255) and a position in its loop (0..65535) over the bottom
// tenth of the picture.
func DrawBarcode(img draw.Image, number, frame int) {
	bounds := img.Bounds()
	for row, bits := range barcodeBits(number, frame) {
		for col := range barcodeColumns {
			c := color.Gray{Y: 16}
			if bits>>(barcodeColumns-1-col)&1 == 1 {
				c.Y = 235
			}
			draw.Draw(img, barcodeCell(bounds, col, row), image.NewUniform(c), image.Point{}, draw.Src)
		}
	}
}

// ReadBarcode finds the barcode in a picture of any size that shows the whole frame and nothing else. It is false if
// there is none, or if it is damaged.
func ReadBarcode(img image.Image) (number, frame int, ok bool) {
	bounds := img.Bounds()
	if bounds.Dx() < barcodeColumns*2 || bounds.Dy() < 40 {
		return 0, 0, false
	}
	var means [barcodeRows][barcodeColumns]int
	for row := range means {
		for col := range means[row] {
			means[row][col] = cellMean(img, barcodeCell(bounds, col, row))
		}
	}

	var sum [2]int
	for row, sync := range barcodeSync {
		for i := range 4 {
			sum[sync[0]>>(3-i)&1] += means[row][i]
			sum[sync[1]>>(3-i)&1] += means[row][barcodeColumns-4+i]
		}
	}
	zero, one := sum[0]/8, sum[1]/8
	if one-zero < barcodeContrast {
		return 0, 0, false
	}

	var rows [barcodeRows]uint32
	for row := range means {
		for _, mean := range means[row] {
			rows[row] <<= 1
			if mean > (zero+one)/2 {
				rows[row] |= 1
			}
		}
	}
	number = int(rows[0] >> 12 & 0xff)
	frame = int(rows[0]>>4&0xff)<<8 | int(rows[1]>>12&0xff)
	return number, frame, rows == barcodeBits(number, frame)
}

// barcodeBits is the two rows, 24 bits each, sync and checksum included.
func barcodeBits(number, frame int) [barcodeRows]uint32 {
	n, hi, lo := uint32(number&0xff), uint32(frame>>8&0xff), uint32(frame&0xff)
	sum := uint32(crc8([]byte{byte(n), byte(hi), byte(lo)}))
	return [barcodeRows]uint32{
		uint32(barcodeSync[0][0])<<20 | n<<12 | hi<<4 | uint32(barcodeSync[0][1]),
		uint32(barcodeSync[1][0])<<20 | lo<<12 | sum<<4 | uint32(barcodeSync[1][1]),
	}
}

func barcodeCell(b image.Rectangle, col, row int) image.Rectangle {
	return image.Rect(
		b.Min.X+b.Dx()*col/barcodeColumns, b.Min.Y+b.Dy()*(18+row)/20,
		b.Min.X+b.Dx()*(col+1)/barcodeColumns, b.Min.Y+b.Dy()*(19+row)/20)
}

// cellMean is the mean brightness, 0..255, of the middle half of a cell.
func cellMean(img image.Image, cell image.Rectangle) int {
	cell = image.Rect(
		cell.Min.X+cell.Dx()/4, cell.Min.Y+cell.Dy()/4,
		cell.Max.X-cell.Dx()/4, cell.Max.Y-cell.Dy()/4)
	sum, n := 0, 0
	for y := cell.Min.Y; y < cell.Max.Y; y++ {
		for x := cell.Min.X; x < cell.Max.X; x++ {
			sum += int(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / n
}

func crc8(text []byte) byte {
	var crc byte
	for _, b := range text {
		crc ^= b
		for range 8 {
			if crc&0x80 != 0 {
				crc = crc<<1 ^ 0x07
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}

package camera

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of the XML in a workbook. No program that makes sheets comes near them; without them a few KiB that a stranger packed well would cost
// minutes and gigabytes.
const (
	maxPieces = 16 << 20 // tags and texts between them, of all parts that are read
	maxDepth  = 256      // of elements within each other
	maxPiece  = 1 << 20  // bytes of one tag or text
)

var errPiece = errors.New("a tag or text is too long")

// partReader goes through the XML of a part, piece by piece, within the workbook's bounds.
type partReader struct {
	*xml.Decoder
	ctx   context.Context //nolint:containedctx // it lives as long as one reading
	book  *workbook
	from  io.ReadCloser
	depth int // how many elements are open
	room  int // bytes that may be read before the piece ends
	read  int // so far
	size  int // as the archive says
}

// open begins to read a part. ErrSheetFormat if there is none.
func (w *workbook) open(ctx context.Context, name string) (*partReader, error) {
	part := w.parts[name]
	if part == nil {
		return nil, ErrSheetFormat.Because(fmt.Errorf("no part %q", name))
	}
	from, err := part.Open()
	if err != nil {
		return nil, ErrSheetFormat.Because(err)
	}
	in := &partReader{ctx: ctx, book: w, from: from, size: sizeOf(part)}
	in.Decoder = xml.NewDecoder(in)
	return in, nil
}

// sizeOf gives how many bytes a part unpacks to; the directory's check has bounded it.
func sizeOf(part *zip.File) int { return int(part.UncompressedSize64) } //nolint:gosec // at most maxUnzipped

func (p *partReader) close() { _ = p.from.Close() }

// Read is what the decoder reads by.
func (p *partReader) Read(b []byte) (int, error) {
	if p.room <= 0 {
		return 0, errPiece
	}
	n, err := p.from.Read(b[:min(len(b), p.room)])
	p.room -= n
	p.read += n
	return n, err
}

// next gives the next piece; nil without an error at the end. What the archive or the XML breaks at is ErrSheetFormat.
func (p *partReader) next() (xml.Token, error) {
	if p.book.left--; p.book.left < 0 {
		return nil, ErrSheetLarge
	}
	if p.book.left%1024 == 0 {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
	}
	p.room = maxPiece
	piece, err := p.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil //nolint:nilnil // the end
	case err != nil:
		return nil, badXML(err)
	}
	switch piece.(type) {
	case xml.StartElement:
		if p.depth++; p.depth > maxDepth {
			return nil, ErrSheetFormat.Because(errors.New("elements too deep within each other"))
		}
	case xml.EndElement:
		p.depth--
	}
	return piece, nil
}

// text gives the text of the element that has just begun, to its end, without that of elements within it.
func (p *partReader) text() (string, error) {
	var b strings.Builder
	for depth := p.depth; ; {
		piece, err := p.next()
		if piece == nil {
			return "", err
		}
		if text, ok := piece.(xml.CharData); ok && p.depth == depth {
			b.Write(text)
		}
		if p.depth < depth {
			return b.String(), nil
		}
	}
}

// rich gives the text of the string item that has just begun, to its end: its t, or those of its runs. How it is spoken (rPh) is left out.
func (p *partReader) rich() (string, error) {
	var b strings.Builder
	for depth := p.depth; ; {
		piece, err := p.next()
		if piece == nil {
			return "", err
		}
		if e, ok := piece.(xml.StartElement); ok {
			switch e.Name.Local {
			case "t":
				text, err := p.text()
				if err != nil {
					return "", err
				}
				b.WriteString(text)
			case "rPh":
				if _, err := p.text(); err != nil {
					return "", err
				}
			}
		}
		if p.depth < depth {
			return unescaped(b.String()), nil
		}
	}
}

// readTexts reads the texts that cells share (ECMA-376, part 1, 18.4.9), the first time that one is asked for.
func (w *workbook) readTexts(ctx context.Context) error {
	if w.texts != nil || w.shared == "" {
		return nil
	}
	in, err := w.open(ctx, w.shared)
	if err != nil {
		return err
	}
	defer in.close()
	w.texts = []string{}
	for {
		piece, err := in.next()
		if piece == nil {
			return err
		}
		if e, ok := piece.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := in.rich()
			if err != nil {
				return err
			}
			w.texts = append(w.texts, text)
		}
	}
}

// unescaped undoes _xHHHH_, by which a workbook writes what XML does not take (ECMA-376, part 1, 22.9.2.19).
func unescaped(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if len(text)-i >= 7 && text[i] == '_' && text[i+1] == 'x' && text[i+6] == '_' {
			if n, err := strconv.ParseUint(text[i+2:i+6], 16, 16); err == nil && utf8.ValidRune(rune(n)) {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}

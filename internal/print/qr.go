package print

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// QR is a QR code as an SVG path of dark squares, one unit each, in a square of Size units.
type QR struct {
	Size int
	Path string
}

// quiet is the light border that readers ask for, in squares.
const quiet = 2

// QR is the code of the paper's link, nil when it has none.
func (p Paper) QR() (*QR, error) {
	if p.Link == "" {
		return nil, nil
	}
	code, err := qr.Encode(p.Link, qr.M)
	if err != nil {
		return nil, err
	}
	var path strings.Builder
	eachDark(code, func(x, y, width int) { fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, width, width) })
	return &QR{code.Size + 2*quiet, path.String()}, nil
}

// eachDark calls do for each run of dark squares in a row.
func eachDark(code *qr.Code, do func(x, y, width int)) {
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if x > from {
				do(from, y, x-from)
			}
		}
	}
}

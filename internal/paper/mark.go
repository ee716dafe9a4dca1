package paper

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"sync"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// ErrNoFont says that this machine has none of the Chinese fonts that marks are written with.
var ErrNoFont = errors.New("no Chinese font: install fonts-noto-cjk or fonts-wqy-zenhei")

// fontFiles are where Debian and Ubuntu keep Chinese fonts, the best first.
var fontFiles = []string{
	"/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
	"/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
	"/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
	"/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
}

// chineseFont is read once: it is large.
var chineseFont = sync.OnceValues(func() (*opentype.Font, error) {
	for _, name := range fontFiles {
		content, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		fonts, err := opentype.ParseCollection(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return fonts.Font(0)
	}
	return nil, ErrNoFont
})

// CanMark returns nil when marks can be written on this machine, else ErrNoFont or what is wrong with the font.
func CanMark() error {
	_, err := chineseFont()
	return err
}

// Mark returns a copy of a picture or PDF that bears the text across itself, on each page. Without a font or where the
// content can't be worked on it is an error: there is no copy without a mark.
func Mark(mediaType string, content []byte, text string) ([]byte, error) {
	defer atDesk()()
	if mediaType == PDF {
		return markPDF(content, text)
	}
	img, err := open(mediaType, content)
	if err != nil {
		return nil, err
	}
	out := onWhite(img)
	if err := markPicture(out, text); err != nil {
		return nil, err
	}
	return encode(JPEG, out)
}

// slope is the angle of the marks in degrees, rising.
const slope = 24

// markPicture writes the text again and again across the picture.
func markPicture(img draw.Image, text string) error {
	size := img.Bounds().Size()
	line, err := strip(text, max(14, float64(max(size.X, size.Y))/48))
	if err != nil {
		return err
	}
	sin, cos := math.Sincos(-slope * math.Pi / 180)
	w, h := float64(line.Bounds().Dx()), float64(line.Bounds().Dy())
	long := float64(size.X + size.Y)
	for v := -long; v < long; v += 5 * h {
		for u := -long; u < long; u += w + 4*h {
			x, y := u*cos-v*sin, u*sin+v*cos
			if x > float64(size.X) || y+w*sin > float64(size.Y) || x+w < 0 || y+h < 0 {
				continue
			}
			draw.BiLinear.Transform(img, f64.Aff3{cos, -sin, x, sin, cos, y}, line, line.Bounds(), draw.Over, nil)
		}
	}
	return nil
}

// ink is the colour of marks: what is below stays readable.
var ink = color.NRGBA{R: 174, G: 42, B: 28, A: 84}

// strip is the text as one line on nothing.
func strip(text string, size float64) (*image.NRGBA, error) {
	f, err := chineseFont()
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		return nil, err
	}
	metrics := face.Metrics()
	out := image.NewNRGBA(image.Rect(0, 0, font.MeasureString(face, text).Ceil()+2, (metrics.Ascent + metrics.Descent).Ceil()))
	pen := font.Drawer{Dst: out, Src: image.NewUniform(ink), Face: face, Dot: fixed.Point26_6{Y: metrics.Ascent}}
	pen.DrawString(text)
	return out, face.Close()
}

// maxUnpacked bounds what a stream of a PDF may unpack to.
const maxUnpacked = 128 << 20

var withoutConfig = sync.OnceFunc(api.DisableConfigDir)

func settings() *model.Configuration {
	withoutConfig()
	conf := model.NewDefaultConfiguration()
	conf.ValidationMode = model.ValidationRelaxed
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes, conf.Limits.MaxImageBytes = maxUnpacked, maxUnpacked, maxUnpacked
	return conf
}

// Pages is how many pages a PDF has. One that can't be marked, as it is broken or protected by a password, is
// ErrUnreadable: it could never be shown to anybody under a mark.
func Pages(content []byte) (pages int, err error) {
	defer atDesk()()
	defer func() { err = recovered(recover(), err) }()
	if pages, err = api.PageCount(bytes.NewReader(content), settings()); err != nil || pages == 0 {
		return 0, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if CanMark() != nil {
		return pages, nil
	}
	_, err = markPDF(content, "0")
	return pages, err
}

// places are where the text stands on a page of a PDF, from its middle, in parts of A4.
var places = []string{"pos:tc, off:0 -60", "pos:c, off:0 160", "pos:c", "pos:c, off:0 -160", "pos:bc, off:0 60"}

// markPDF stamps each page. Strange PDFs make the library panic now and then.
func markPDF(content []byte, text string) (marked []byte, err error) {
	defer func() { err = recovered(recover(), err) }()
	line, err := strip(text, 40)
	if err != nil {
		return nil, err
	}
	drawn, err := encode(PNG, line)
	if err != nil {
		return nil, err
	}
	conf := settings()
	conf.Cmd = model.ADDWATERMARKS
	conf.OptimizeDuplicateContentStreams = false
	doc, err := api.ReadValidateAndOptimize(bytes.NewReader(content), conf)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	pages := types.IntSet{}
	for n := range doc.PageCount {
		pages[n+1] = true
	}
	for _, place := range places {
		stamp, err := api.ImageWatermarkForReader(bytes.NewReader(drawn), place+fmt.Sprintf(", rot:%d, scalefactor:.8 rel", slope), true, false, types.POINTS)
		if err != nil {
			return nil, err
		}
		if err := api.WatermarkContext(doc, pages, stamp); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
		}
	}
	var out bytes.Buffer
	if err := api.Write(doc, &out, conf); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return out.Bytes(), nil
}

// recovered makes an error of a panic.
func recovered(panicked any, err error) error {
	if panicked != nil {
		return fmt.Errorf("%w: %v", ErrUnreadable, panicked)
	}
	return err
}

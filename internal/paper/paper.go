// Package paper prepares pictures and PDFs that people upload for others' eyes: pictures without metadata and of bounded
// size, and copies of both that bear their reader's name.
package paper

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// ErrUnreadable says that a picture or PDF is broken, protected or too large to work on.
var ErrUnreadable = errors.New("picture or PDF can't be read")

// The media types that are worked on.
const (
	PDF  = "application/pdf"
	PNG  = "image/png"
	JPEG = "image/jpeg"
)

const (
	longEdge  = 2400       // of a picture that is kept
	smallEdge = 480        // of its thumbnail
	maxPixels = 50_000_000 // of a picture that is taken
	quality   = 85
)

// desk bounds how many pictures and PDFs are worked on at a time: each may need some hundred megabytes.
var desk = make(chan struct{}, 1)

func atDesk() func() {
	desk <- struct{}{}
	return func() { <-desk }
}

// Clean draws a picture anew: upright, its long edge 2400 at most, and without anything that the file held beside the
// picture, such as place, camera or author. It stays a PNG or JPEG. Anything else is ErrUnreadable.
func Clean(mediaType string, content []byte) ([]byte, error) {
	defer atDesk()()
	img, err := open(mediaType, content)
	if err != nil {
		return nil, err
	}
	return encode(mediaType, upright(shrink(img, longEdge), orientation(content)))
}

// Small is the thumbnail of a picture as a JPEG, and the size of the picture itself.
func Small(mediaType string, content []byte) (small []byte, size image.Point, err error) {
	defer atDesk()()
	img, err := open(mediaType, content)
	if err != nil {
		return nil, size, err
	}
	small, err = encode(JPEG, onWhite(shrink(img, smallEdge)))
	return small, img.Bounds().Size(), err
}

func open(mediaType string, content []byte) (image.Image, error) {
	decode, config := png.Decode, png.DecodeConfig
	switch mediaType {
	case PNG:
	case JPEG:
		decode, config = jpeg.Decode, jpeg.DecodeConfig
	default:
		return nil, ErrUnreadable
	}
	c, err := config(bytes.NewReader(content))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxPixels/c.Height {
		return nil, errors.Join(ErrUnreadable, err)
	}
	img, err := decode(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return img, nil
}

func encode(mediaType string, img image.Image) ([]byte, error) {
	var out bytes.Buffer
	if mediaType == PNG {
		err := png.Encode(&out, img)
		return out.Bytes(), err
	}
	err := jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	return out.Bytes(), err
}

// shrink draws the picture with its long edge at most that long.
func shrink(img image.Image, edge int) *image.NRGBA {
	size := img.Bounds().Size()
	if long := max(size.X, size.Y); long > edge {
		size = image.Pt(max(1, size.X*edge/long), max(1, size.Y*edge/long))
	}
	out := image.NewNRGBA(image.Rectangle{Max: size})
	draw.CatmullRom.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

// onWhite puts what is transparent on white: a JPEG has no other ground.
func onWhite(img image.Image) *image.NRGBA {
	out := image.NewNRGBA(img.Bounds())
	draw.Draw(out, out.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Over)
	return out
}

// upright turns a picture as its EXIF orientation says.
func upright(img *image.NRGBA, orientation int) *image.NRGBA {
	if orientation < 2 || orientation > 8 {
		return img
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		out = image.NewNRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			to := turned(orientation, x, y, w, h)
			out.SetNRGBA(to.X, to.Y, img.NRGBAAt(x, y))
		}
	}
	return out
}

// turned is where a point of a picture w wide and h high comes to lie.
func turned(orientation, x, y, w, h int) image.Point {
	switch orientation {
	case 2:
		return image.Pt(w-1-x, y)
	case 3:
		return image.Pt(w-1-x, h-1-y)
	case 4:
		return image.Pt(x, h-1-y)
	case 5:
		return image.Pt(y, x)
	case 6:
		return image.Pt(h-1-y, x)
	case 7:
		return image.Pt(h-1-y, w-1-x)
	}
	return image.Pt(y, w-1-x)
}

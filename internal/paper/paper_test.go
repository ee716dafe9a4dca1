package paper_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"strings"
	"testing"

	"techmarket/internal/paper"
)

// pdf is a PDF with so many empty pages.
func pdf(pages int) []byte {
	var out bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	out.WriteString("%PDF-1.7\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids strings.Builder
	for n := range pages {
		fmt.Fprintf(&kids, "%d 0 R ", n+3)
	}
	object(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, kids.String()))
	for range pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>")
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&out, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return out.Bytes()
}

// photo is a JPEG that is red on its left half, with that orientation and a secret in its metadata.
func photo(t *testing.T, w, h int, orientation byte) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{B: 255, A: 255})
			if x < w/2 {
				img.Set(x, y, color.RGBA{R: 255, A: 255})
			}
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	tiff := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"), orientation, 0, 0, 0, 0, 0, 0)
	segment := append([]byte("Exif\x00\x00"), append(tiff, "secret author"...)...)
	head := append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(segment) + 2)}, segment...)
	return append(head, out.Bytes()[2:]...)
}

func TestCleanPicture(t *testing.T) {
	t.Parallel()
	raw := photo(t, 4000, 1000, 6)
	clean, err := paper.Clean(paper.JPEG, raw)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(raw, []byte("secret author")) || bytes.Contains(clean, []byte("secret")) || bytes.Contains(clean, []byte("Exif")) {
		t.Error("the metadata is still there")
	}
	img, err := jpeg.Decode(bytes.NewReader(clean))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size(); got != image.Pt(600, 2400) {
		t.Errorf("the picture is %v", got)
	}
	if r, _, b, _ := img.At(300, 100).RGBA(); r < b { // turned to the right, the left half is on top
		t.Error("the picture is not upright")
	}
	small, size, err := paper.Small(paper.JPEG, clean)
	if err != nil || size != image.Pt(600, 2400) {
		t.Fatalf("size %v, %v", size, err)
	}
	if c, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || c.Height != 480 {
		t.Errorf("the thumbnail is %+v, %v", c, err)
	}
	for name, bad := range map[string][]byte{"cut off": clean[:len(clean)/2], "text": []byte("hello"), "empty": nil} {
		if _, err := paper.Clean(paper.JPEG, bad); !errors.Is(err, paper.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOrientationsAreBounded(t *testing.T) {
	t.Parallel()
	for o := range byte(12) {
		clean, err := paper.Clean(paper.JPEG, photo(t, 40, 20, o))
		if err != nil {
			t.Fatal(err)
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(clean))
		if want := o >= 5 && o <= 8; err != nil || (c.Width == 20) != want {
			t.Errorf("orientation %d: %dx%d, %v", o, c.Width, c.Height, err)
		}
	}
}

const mark = "张三　吉安演示公司　2026-11-27 16:40"

func TestMarkedPicture(t *testing.T) {
	t.Parallel()
	if err := paper.CanMark(); err != nil {
		t.Fatal(err)
	}
	var blank bytes.Buffer
	if err := png.Encode(&blank, image.NewNRGBA(image.Rect(0, 0, 900, 600))); err != nil {
		t.Fatal(err)
	}
	marked, err := paper.Mark(paper.PNG, blank.Bytes(), mark)
	if err != nil {
		t.Fatal(err)
	}
	img, err := jpeg.Decode(bytes.NewReader(marked))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []image.Rectangle{image.Rect(0, 0, 450, 300), image.Rect(450, 0, 900, 300), image.Rect(0, 300, 450, 600), image.Rect(450, 300, 900, 600)} {
		if !inked(img, part) {
			t.Errorf("nothing is written in %v", part)
		}
	}
	if os.Getenv("MARKET_KEEP") != "" {
		_ = os.WriteFile("/tmp/marked.jpg", marked, 0o600)
	}
}

func inked(img image.Image, part image.Rectangle) bool {
	n := 0
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			if r, g, _, _ := img.At(x, y).RGBA(); int(r)-int(g) > 0x1000 {
				n++
			}
		}
	}
	return n > 500
}

func TestMarkedPDF(t *testing.T) {
	t.Parallel()
	if err := paper.CanMark(); err != nil {
		t.Fatal(err)
	}
	plain := pdf(3)
	marked, err := paper.Mark(paper.PDF, plain, mark)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := paper.Pages(marked); err != nil || n != 3 {
		t.Errorf("%d pages, %v", n, err)
	}
	if len(marked) < len(plain)+1000 {
		t.Error("nothing was added")
	}
	if os.Getenv("MARKET_KEEP") != "" {
		_ = os.WriteFile("/tmp/marked.pdf", marked, 0o600)
	}
	for name, bad := range map[string][]byte{"cut off": plain[:100], "head only": []byte("%PDF-1.7\n%%EOF"), "empty": nil} {
		if _, err := paper.Pages(bad); !errors.Is(err, paper.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := paper.Mark(paper.PDF, bad, mark); err == nil {
			t.Errorf("%s was marked", name)
		}
	}
}

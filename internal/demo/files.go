package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"

	"techmarket/internal/market"
	"techmarket/internal/paper"
	"techmarket/internal/service"
	"techmarket/internal/store"
)

// loadFiles gives the first public result of a university a picture and a report that is gated, and the lime firm a draft
// with a picture.
func (l *loader) loadFiles(ctx context.Context, all []listed) error {
	const label = "对照样与试样各五组的比较，试样各组都低于对照样"
	for _, x := range all {
		if o := l.orgs[x.org]; x.kind == market.KindResult && x.state == market.Published && o.text.Type == string(market.University) {
			if err := l.addFile(ctx, o.user, x.id, market.UsePicture, label, "对比.png", drawing()); err != nil {
				return err
			}
			if err := l.addFile(ctx, o.user, x.id, market.UseGated, "中试运行记录", "中试记录.pdf", report()); err != nil {
				return err
			}
			break
		}
	}
	draft, err := l.addDraft(ctx)
	if err != nil {
		return err
	}
	return l.addFile(ctx, l.orgs[l.byOrg[client]].user, draft, market.UsePicture, label, "对比.png", drawing())
}

// addDraft is a need that the lime firm has only begun to write.
func (l *loader) addDraft(ctx context.Context) (int64, error) {
	o := l.orgs[l.byOrg[client]]
	year := l.today.Year()
	n, err := l.tx.TakeNumbers(ctx, service.NumberPrefix[market.KindNeed], year, 1)
	if err != nil {
		return 0, err
	}
	return l.tx.CreateNeed(ctx, market.Actor{UserID: o.user, OrgID: o.id}, market.Need{
		Listing: market.Listing{Kind: market.KindNeed, OrgID: o.id, Number: store.FormatNumber(service.NumberPrefix[market.KindNeed], year, n), Title: "干法研磨工段粉尘回收",
			Submarket: "materials", Fields: []string{"calcium"}, Modes: []string{"entrust"}},
		Problem: "磨机出口粉尘靠布袋收，每月换袋两次，回收的粉料含铁高，不能回到产品里。", Budget: market.Price{Kind: market.PriceOpen}}, l.workHour(1))
}

func (l *loader) addFile(ctx context.Context, user, listing int64, use market.FileUse, label, name string, content []byte) error {
	mediaType, err := market.CheckFile("file", name, content)
	if err != nil {
		return err
	}
	f := market.ListingFile{ID: l.fileID(), ListingID: listing, Use: use, Label: label, MediaType: mediaType}
	var small []byte
	if f.Picture() {
		var size image.Point
		small, size, err = paper.Small(mediaType, content)
		f.Width, f.Height = size.X, size.Y
	} else {
		f.Pages, err = paper.Pages(content)
	}
	if err != nil {
		return err
	}
	a := market.Actor{UserID: user}
	if err := l.tx.AddFile(ctx, a, market.File{ID: f.ID, Purpose: market.FileListing, Name: name, MediaType: mediaType}, content, l.now); err != nil {
		return err
	}
	return l.tx.AddListingFile(ctx, f, small)
}

// fileID is what the ids of files look like, the same at each load.
func (l *loader) fileID() string {
	const letters = "abcdefghijklmnopqrstuvwxyz234567"
	id := make([]byte, 26)
	for i := range id {
		id[i] = letters[l.rnd.IntN(len(letters))]
	}
	return string(id)
}

// drawing is a plain bar chart of pairs: before in amber, after in green.
func drawing() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 800, 600))
	fill := func(x0, y0, x1, y1 int, c color.NRGBA) {
		draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
	}
	paperWhite, line := color.NRGBA{R: 255, G: 255, B: 255, A: 255}, color.NRGBA{R: 138, G: 131, B: 119, A: 255}
	amber, green := color.NRGBA{R: 192, G: 132, B: 48, A: 255}, color.NRGBA{R: 20, G: 96, B: 76, A: 255}
	fill(0, 0, 800, 600, paperWhite)
	fill(70, 40, 73, 540, line)
	fill(70, 537, 760, 540, line)
	for i, pair := range [][2]int{{410, 240}, {380, 215}, {430, 260}, {395, 205}, {365, 190}} {
		x := 110 + i*130
		fill(x, 537-pair[0], x+44, 537, amber)
		fill(x+50, 537-pair[1], x+94, 537, green)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err) // a buffer takes all
	}
	return out.Bytes()
}

// report is a PDF of two pages. Its text is in Latin letters, because no font is in it.
func report() []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Count 2 /Kids [3 0 R 4 0 R] >>"}
	for page := range 2 {
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 7 0 R >> >> >>", page+5))
	}
	for page := range 2 {
		text := fmt.Sprintf("BT /F1 18 Tf 72 760 Td (Pilot run record, page %d) Tj 0 -36 Td /F1 12 Tf (Demonstration data: invented.) Tj ET", page+1)
		objects = append(objects, fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text))
	}
	objects = append(objects, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
	var out, table strings.Builder
	out.WriteString("%PDF-1.7\n")
	for i, body := range objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", out.Len())
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	start := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table.String(), len(objects)+1, start)
	return []byte(out.String())
}

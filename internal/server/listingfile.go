package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/server/view"
)

// listingFiles is the page on which the pictures and files of a listing are kept.
type listingFiles struct {
	view.Base
	About   view.Link
	Path    string // of this page
	Trouble *view.Alert
	Rows    []listingFileRow
	Full    bool // no more are taken
	Key     string
	Upload  string // id of a file that was uploaded already
	Fields  []view.Field
	Back    view.Link
}

func (listingFiles) Template() string { return "page/listing/files" }

// listingFileRow is one of them with its form.
type listingFileRow struct {
	view.FileItem
	Path   string
	Fields []view.Field
	First  bool
}

// filePosted is what was typed into one of the forms of the page, and why it was not accepted.
type filePosted struct {
	file   string // of the row; "" is the form for a new one
	upload string
	key    string
	label  string
	use    string
	err    error
}

func listingFilesPath(id int64) string { return fmt.Sprintf("/listings/%d/files", id) }

func (s *Server) listingFiles(c echo.Context, a market.Actor) error {
	return s.showListingFiles(c, a, filePosted{})
}

func (s *Server) showListingFiles(c echo.Context, a market.Actor, p filePosted) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	l, err := s.ownListing(ctx, a, id)
	if err != nil {
		return err
	}
	files, err := s.Store.ListingFiles(ctx, a, id)
	if err != nil {
		return err
	}
	page := listingFiles{Base: s.base(c, a, "图片和文件"), Path: listingFilesPath(id), Full: len(files) >= market.MaxListingFiles, Key: formKey(),
		About: view.Link{Label: fullKindName(l.Kind) + "：" + l.Title, Href: listingPath(l.Kind, id)},
		Back:  view.Link{Label: "回去继续填写", Href: listingPath(l.Kind, id) + "/edit"}}
	page.Nav, page.NoIndex = string(l.Kind)+"s", true
	for i, f := range files {
		row := listingFileRow{FileItem: s.fileItem(f), Path: page.Path + "/" + f.ID, First: i == 0}
		typed := filePosted{label: f.Label, use: string(f.Use)}
		if p.err != nil && p.file == f.ID {
			typed = p
		}
		row.Fields = fileFields(typed, "-"+f.ID, f.Picture())
		page.Rows = append(page.Rows, row)
	}
	if p.file != "" || p.err == nil {
		page.Fields = append(uploadFields(filePosted{}), fileFields(filePosted{use: string(market.UsePicture)}, "", true)...)
	} else {
		page.Upload, page.Key = p.upload, p.key
		page.Fields = append(uploadFields(p), fileFields(p, "", true)...)
	}
	if p.err != nil {
		page.Title = "错误：" + page.Title
		page.Errors = errorSummary(p.err)
		if p.file != "" {
			for i := range page.Errors.Items {
				page.Errors.Items[i].Field += "-" + p.file
			}
		}
	}
	if p.err != nil && len(page.Errors.Items) == 0 {
		page.Errors, page.Trouble = view.ErrorSummary{}, &view.Alert{Kind: view.AlertWarn, Text: userMessage(p.err), Urgent: true}
	}
	return s.renderStatus(c, pageStatus(p.err), page)
}

// ownListing is a need or a result of the actor's organisation that may be edited.
func (s *Server) ownListing(ctx context.Context, a market.Actor, id int64) (market.Listing, error) {
	kind, err := s.Store.ListingKind(ctx, a, id)
	if err != nil {
		return market.Listing{}, err
	}
	var l market.Listing
	if kind == market.KindNeed {
		n, err := s.Store.Need(ctx, a, id)
		if err != nil {
			return l, err
		}
		l = n.Listing
	} else {
		r, err := s.Store.Result(ctx, a, id)
		if err != nil {
			return l, err
		}
		l = r.Listing
	}
	if err := mustOwn(a, l); err != nil {
		return l, err
	}
	if !l.State.Editable() {
		return l, market.Errorf(market.Conflict, "这项%s现在是“%s”，图片和文件要先撤回或收回再改", kindName(l.Kind), l.State.Name(l.Kind))
	}
	return l, nil
}

// uploadFields choose the file; one that was uploaded already need not be chosen again.
func uploadFields(p filePosted) []view.Field {
	f := view.Field{Name: string(market.FileListing), Kind: view.KindFile, Label: "图片或 PDF", Accept: ".pdf,.png,.jpg,.jpeg", Error: errorsOf(p.err)["listing"],
		Hint: fmt.Sprintf("PDF、PNG 或 JPG，不超过 %d MB。图片里的拍摄地点、相机、作者等信息会自动去掉", market.MaxFile>>20)}
	if p.upload != "" && f.Error == "" {
		f.OK = "文件已上传，不用再选"
	}
	return []view.Field{f}
}

// fileFields say what a file shows and for whom it is. suffix tells the forms of the page apart.
func fileFields(p filePosted, suffix string, picture bool) []view.Field {
	at := errorsOf(p.err)
	uses := []view.Option{
		{Value: string(market.UsePicture), Label: "公开图片", Hint: "显示在公开页上"},
		{Value: string(market.UsePublic), Label: "公开文件", Hint: "谁都可以下载"},
		{Value: string(market.UseGated), Label: "不公开的文件", Hint: "贵单位同意后才能看"},
	}
	if !picture {
		uses = uses[1:]
	}
	return []view.Field{
		{Name: "label", ID: "label" + suffix, Label: "说明", Hint: "看不到图片的人也靠它了解内容。例：中试线研磨段照片", Value: p.label, Error: at["label"]},
		{Name: "use", ID: "use" + suffix, Kind: view.KindSelect, Label: "给谁看", Options: useLabels(uses), Value: p.use, Error: at["use"]},
	}
}

// useLabels puts the hint of each choice into its label: a list that drops down has no other place for it.
func useLabels(uses []view.Option) []view.Option {
	for i, u := range uses {
		uses[i] = view.Option{Value: u.Value, Label: u.Label + "：" + u.Hint}
	}
	return uses
}

// fileItem shows a file of a listing.
func (s *Server) fileItem(f market.ListingFile) view.FileItem {
	item := view.FileItem{Label: f.Label, Href: "/attachments/" + f.ID, Use: market.FileUses.Name(string(f.Use)), Gated: f.Use == market.UseGated,
		Facts: fmt.Sprintf("%s，%s", f.Name, view.FileSize(f.Size))}
	if f.Use == market.UsePicture {
		item.Small, item.Href = "/pictures/"+f.ID+"?size=small", "/pictures/"+f.ID
		item.Width, item.Height = f.Width, f.Height
	}
	if f.Pages > 0 {
		item.Facts = fmt.Sprintf("%s，%d 页，%s", f.Name, f.Pages, view.FileSize(f.Size))
	}
	return item
}

func (s *Server) listingFileAdd(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := filePosted{key: c.FormValue("key"), label: c.FormValue("label"), use: c.FormValue("use")}
	if _, err := s.ownListing(c.Request().Context(), a, id); err != nil {
		return err
	}
	if p.upload, p.err = s.postedPaper(c, a, market.FileListing); p.err == nil {
		p.err = s.Service.AttachFile(c.Request().Context(), a, market.ListingFile{ID: p.upload, ListingID: id, Use: market.FileUse(p.use), Label: p.label}, p.key)
	}
	return s.fileDone(c, a, id, p, "已添加")
}

func (s *Server) listingFileChange(c echo.Context, a market.Actor) error {
	return s.fileAct(c, a, func(ctx context.Context, id int64, p *filePosted) error {
		p.label, p.use = c.FormValue("label"), c.FormValue("use")
		return s.Service.ChangeFile(ctx, a, market.ListingFile{ID: p.file, ListingID: id, Use: market.FileUse(p.use), Label: p.label})
	}, "已保存")
}

func (s *Server) listingFileRaise(c echo.Context, a market.Actor) error {
	return s.fileAct(c, a, func(ctx context.Context, id int64, p *filePosted) error {
		return s.Service.RaiseFile(ctx, a, id, p.file)
	}, "已前移")
}

func (s *Server) listingFileRemove(c echo.Context, a market.Actor) error {
	return s.fileAct(c, a, func(ctx context.Context, id int64, p *filePosted) error {
		return s.Service.DetachFile(ctx, a, id, p.file)
	}, "已移除")
}

// fileAct carries out an act on one of a listing's files.
func (s *Server) fileAct(c echo.Context, a market.Actor, act func(context.Context, int64, *filePosted) error, message string) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	p := filePosted{file: c.Param("file")}
	p.err = act(c.Request().Context(), id, &p)
	return s.fileDone(c, a, id, p, message)
}

func (s *Server) fileDone(c echo.Context, a market.Actor, id int64, p filePosted, message string) error {
	if market.IsKind(p.err, market.Invalid) || market.IsKind(p.err, market.Conflict) {
		return s.showListingFiles(c, a, p)
	}
	if p.err != nil {
		return p.err
	}
	return s.done(c, listingFilesPath(id), message)
}

// pictureShow gives a public picture of a listing for the page to show. It was drawn by the server itself, so that a browser
// may show it, and keep it for a while.
func (s *Server) pictureShow(c echo.Context, a market.Actor) error {
	ctx := c.Request().Context()
	f, err := s.Store.ListingFile(ctx, a, c.Param("id"))
	if err == nil && f.Use != market.UsePicture {
		err = market.ErrNotFound
	}
	if err != nil {
		return err
	}
	read := s.Store.ListingFileContent
	if c.QueryParam("size") == "small" {
		read, f.MediaType = s.Store.Thumbnail, "image/jpeg"
	}
	content, err := read(ctx, a, f.ID)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Cache-Control", "private, max-age=300")
	return c.Blob(http.StatusOK, f.MediaType, content)
}

// attachmentShow gives a file of a listing to be saved.
func (s *Server) attachmentShow(c echo.Context, a market.Actor) error {
	f, content, err := s.Service.ReadListingFile(c.Request().Context(), a, c.Param("id"))
	if err != nil {
		return err
	}
	return save(c, f.Name, f.MediaType, content)
}

// disclosureFile gives a gated file, marked with its reader.
func (s *Server) disclosureFile(c echo.Context, a market.Actor) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	f, content, err := s.Service.ReadDisclosedFile(c.Request().Context(), a, id, c.Param("file"))
	if err != nil {
		return err
	}
	return save(c, f.Name, f.MediaType, content)
}

// slowMark bounds how many copies a person makes: each is some work for the machine.
func (s *Server) slowMark(h handler) handler {
	return func(c echo.Context, a market.Actor) error {
		if err := s.slowPerson(a, markLimit); err != nil {
			return err
		}
		return h(c, a)
	}
}

package server

import (
	"errors"
	"mime"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"techmarket/internal/market"
	"techmarket/internal/print"
	"techmarket/internal/server/view"
	"techmarket/internal/sheet"
	"techmarket/internal/store"
)

// contractPaper is a paper of a contract on A4: the contract by its kind's model, the registration form or the certificate.
type contractPaper struct {
	view.Print
	Paper print.Paper
}

func (contractPaper) Template() string { return "page/contract/paper" }

// contractCopy is the page to copy the fields from, in the order of the national form.
type contractCopy struct {
	view.Work
	Back   view.Link
	Export string
	Groups []copyGroup
}

func (contractCopy) Template() string { return "page/contract/copy" }

type copyGroup struct {
	Name   string
	Fields []copyField
}

// copyField is a field to copy; Number is its place in the whole form.
type copyField struct {
	sheet.NationalField
	Number int
}

// paperKind makes one of a contract's papers; file starts the name of its PDF.
type paperKind struct {
	file string
	make func(*Server, echo.Context, market.Actor, store.Contract) (print.Paper, error)
}

var (
	paperText        = paperKind{"合同文本", (*Server).contractText}
	paperForm        = paperKind{"登记表", (*Server).contractForm}
	paperCertificate = paperKind{"登记证明", (*Server).contractCertificate}
	paperNotice      = paperKind{"告知书", (*Server).contractNotice}
)

// contractPaper shows one of the papers of a contract.
func (s *Server) contractPaper(kind paperKind) handler {
	return func(c echo.Context, a market.Actor) error {
		k, paper, err := s.paperOf(c, a, kind)
		if err != nil {
			return err
		}
		page := contractPaper{Print: view.Print{Base: s.base(c, a, paper.Title), Back: view.Link{Label: "返回合同", Href: contractPath(k.ID)}, Note: "A4 纵向；屏幕上看到的就是打印稿"}, Paper: paper}
		page.NoIndex = true
		if print.CanWrite() {
			page.PDF = c.Request().URL.Path + ".pdf"
		} else {
			page.Note += "。要 PDF，请打印后选“另存为 PDF”"
		}
		return s.render(c, page)
	}
}

// contractPDF gives one of the papers of a contract as PDF.
func (s *Server) contractPDF(kind paperKind) handler {
	return func(c echo.Context, a market.Actor) error {
		if err := s.slowPerson(a, paperLimit); err != nil {
			return err
		}
		k, paper, err := s.paperOf(c, a, kind)
		if err != nil {
			return err
		}
		content, err := print.PDF(paper)
		if errors.Is(err, print.ErrNoFont) {
			return market.Errorf(market.Conflict, "服务器上没有装能写进 PDF 的中文字体。请打开打印页，打印时选“另存为 PDF”")
		}
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("inline", map[string]string{"filename": kind.file + "_" + k.Number + ".pdf"}))
		h.Set("Cache-Control", "no-store")
		return c.Blob(http.StatusOK, "application/pdf", content)
	}
}

func (s *Server) paperOf(c echo.Context, a market.Actor, kind paperKind) (store.Contract, print.Paper, error) {
	k, err := s.contractAt(c, a)
	if err != nil {
		return k, print.Paper{}, err
	}
	paper, err := kind.make(s, c, a, k)
	return k, paper, err
}

func (s *Server) contractText(_ echo.Context, _ market.Actor, k store.Contract) (print.Paper, error) {
	return print.Contract(k.Contract, s.ref, k.Demo), nil
}

// contractCertificate is there for contracts that are registered now.
func (s *Server) contractCertificate(c echo.Context, a market.Actor, k store.Contract) (print.Paper, error) {
	if k.State != market.ContractRegistered {
		return print.Paper{}, market.Errorf(market.Conflict, "合同现在是“%s”，登记以后才有登记证明", k.State.Name())
	}
	p, err := s.paperProgress(c, a, k)
	versions := k.Versions()
	p.Version, p.Since, p.Supplemented = len(versions), versions[len(versions)-1].Since, k.Supplemented()
	return print.Certificate(k.Contract, s.ref, p), err
}

func (s *Server) contractForm(c echo.Context, a market.Actor, k store.Contract) (print.Paper, error) {
	p, err := s.paperProgress(c, a, k)
	return print.Form(k.Contract, s.ref, p), err
}

// paperProgress is what the papers say of a contract's way. The desk's people are named to the desk.
func (s *Server) paperProgress(c echo.Context, a market.Actor, k store.Contract) (print.Progress, error) {
	ctx := c.Request().Context()
	desk := deskOf(a, k.Seller.Region)
	p := print.Progress{Organiser: s.setting("organiser"), FullPhones: desk, Demo: k.Demo}
	if desk {
		p.First, p.Second = k.FirstReviewerName, k.SecondReviewerName
	}
	for _, f := range k.Files {
		if f.Use == "text" && p.TextHash == "" {
			p.TextHash = f.Hash()
		}
	}
	switch seal, err := s.Store.ContractSeal(ctx, k.ID); {
	case market.IsKind(err, market.NotFound):
	case err != nil:
		return p, err
	default:
		p.Seal, p.Check = &seal, s.URL+"/verify"
	}
	moves, err := s.Store.Moves(ctx, market.Object{Kind: "contract", ID: k.ID})
	if err != nil {
		return p, err
	}
	for _, m := range moves {
		switch m.Move {
		case "submit": // a supplement is reviewed anew
			p.Submitted, p.On, p.FirstAt, p.SecondAt = m.At, m.On(), time.Time{}, time.Time{}
		case "pass", "pass_up":
			p.FirstAt = m.At
		case "confirm":
			p.SecondAt = m.At
		}
	}
	return p, nil
}

// contractCopy shows the fields one by one, to be copied into the national form.
func (s *Server) contractCopy(c echo.Context, a market.Actor) error {
	k, err := s.contractAt(c, a)
	if err != nil {
		return err
	}
	work, err := s.work(c, a, "按全国系统字段复制")
	if err != nil {
		return err
	}
	page := contractCopy{Work: work, Back: view.Link{Label: "合同 " + k.Number, Href: contractPath(k.ID)}, Export: contractPath(k.ID) + "/national.xlsx"}
	for i, field := range sheet.NationalFields(k.Contract, s.ref) {
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Name != field.Group {
			page.Groups = append(page.Groups, copyGroup{Name: field.Group})
		}
		last := &page.Groups[len(page.Groups)-1]
		last.Fields = append(last.Fields, copyField{field, i + 1})
	}
	return s.render(c, page)
}

// contractNational gives the fields in the order of the national form as a workbook.
func (s *Server) contractNational(c echo.Context, a market.Actor) error {
	if err := s.slowPerson(a, paperLimit); err != nil {
		return err
	}
	id, err := pathID(c)
	if err != nil {
		return err
	}
	k, err := s.Service.ExportContract(c.Request().Context(), a, id)
	if err != nil {
		return err
	}
	content, err := sheet.NationalXLSX(k.Contract, s.ref)
	if err != nil {
		return err
	}
	return save(c, "全国系统字段_"+k.Number+".xlsx", xlsxType, content)
}

package server

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/internal/store"
)

// TestAPIImports brings a list through the API: checked, its columns put right, its rows read, written and undone.
func TestAPIImports(t *testing.T) {
	t.Parallel()
	d := newTrade(t)
	file := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	body := jsonObject{"kind": "result", "file_name": "清单.csv", "content": file("成果名称,真正的名称,专利号\n编号一,重钙分散剂,\n编号二,重钙改性剂,201710601862.4\n"),
		"defaults": jsonObject{"submarket": "materials", "fields": []string{"calcium"}, "modes": []string{"licence"}}}
	for field, wrong := range map[string]jsonObject{"kind": body.but("kind", "contract"), "file": body.but("file_name", "清单.doc"), "submarket": body.but("defaults", jsonObject{"submarket": "nothing"}),
		"content": body.but("content", "!")} {
		d.seller.refused("POST", "/imports", wrong, field, "")
	}
	key := newKey()
	id := d.seller.create("/imports", body, "Idempotency-Key", key)
	if again := d.seller.create("/imports", body, "Idempotency-Key", key); again != id {
		t.Errorf("the same key made %d and %d", id, again)
	}
	d.seller.get(path("imports", id)).is("state", "checked", "rows_total", 2, "rows_valid", 1, "rows_bad", 1, "columns.0.as", "title", "columns.1.as", "")
	d.seller.get(path("imports", id)+"/rows?part=problems").is("total", 1, "items.0.row", 3, "items.0.problems.0.column", "专利号", "items.0.valid", false)
	d.other.want(http.StatusNotFound, "GET", path("imports", id), nil)
	d.seller.refused("POST", path("imports", id, "columns"), jsonObject{"columns": []string{"", "", "patent"}}, "columns", "没有选哪一列")
	d.seller.act(path("imports", id, "columns"), jsonObject{"columns": []string{"", "title", ""}}).is("rows_valid", 2, "rows_bad", 0)
	d.seller.get(path("imports", id)+"/rows").is("items.0.title", "重钙分散剂")
	d.seller.refused("POST", path("imports", id, "accept"), jsonObject{"submit": true}, "secrecy_confirmed", "国家秘密")
	d.seller.act(path("imports", id, "accept"), jsonObject{}).is("state", "running")
	if err := d.Service.RunImport(t.Context(), int64(id), func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	d.seller.get(path("imports", id)).is("state", "done", "rows_done", 2)
	d.seller.get("/imports").is("total", 1, "items.0.id", id)
	d.seller.want(http.StatusConflict, "POST", path("imports", id, "discard"), nil)
	d.seller.want(http.StatusOK, "POST", path("imports", id, "undo"), nil).is("removed", 2, "kept", 0)

	d.seller.want(http.StatusForbidden, "POST", "/imports", body.but("kind", "org"))
}

// TestAPIDirectories reads what is public of experts, institutes and agencies.
func TestAPIDirectories(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	school, visitor := s.newOrg(market.University, market.OrgVerified), s.caller(market.Actor{})
	day := market.DateOf(s.Now()).AddDate(0, -1, 0)
	id, err := s.Service.CreateExpert(t.Context(), school, market.Expert{Name: "谢启明", Fields: []string{"calcium"}, Expertise: "碳酸钙湿法研磨", Region: "360825", Phone: "0796-8220000",
		ConsentOn: &day}, "")
	if err != nil {
		t.Fatal(err)
	}
	visitor.want(http.StatusNotFound, "GET", path("experts", int(id)), nil)
	s.caller(school).want(http.StatusNotFound, "GET", path("experts", int(id)), nil) // the API shows what is public
	if err := s.Service.PublishExpert(t.Context(), school, id); err != nil {
		t.Fatal(err)
	}
	visitor.get(path("experts", int(id))).is("name", "谢启明", "phone", nil, "email", nil, "org_id", int(school.OrgID), "fields.0", "calcium", "consent_on", day.Format("2006-01-02"))
	visitor.get("/experts?submarket=materials&county=360825").is("total", 1, "items.0.id", int(id))
	visitor.get("/experts?q="+url.QueryEscape("没有这个人")).is("total", 0)
	visitor.refused("GET", "/experts?county=999999", nil, "county", "没有这个地区")
	found, total, err := s.Store.Institutions(t.Context(), store.Directory{}, store.PageSlice(1, 20))
	if err != nil {
		t.Fatal(err)
	}
	visitor.get("/institutes").is("total", total, "items.0.id", int(found[0].ID))
	agency := s.newOrg(market.Agency, market.OrgVerified)
	if got := visitor.get("/agencies"); !strings.Contains(got.text("items.0.name"), agency.OrgName) || got.number("items.0.mandates") != 0 {
		t.Errorf("agencies: %v", got)
	}
}

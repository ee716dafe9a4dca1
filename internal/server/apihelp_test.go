package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/shopspring/decimal"

	"techmarket/internal/market"
	"techmarket/internal/server/api"
	"techmarket/internal/store"
	"techmarket/internal/worker"
)

// jsonObject is a JSON object to send.
type jsonObject map[string]any

// but is the object with other values at some names.
func (f jsonObject) but(pairs ...any) jsonObject {
	out := jsonObject{}
	for k, v := range f {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// apiDocument is the description of the API, with every object closed: a response with a field that is not described
// does not fit.
var apiDocument = sync.OnceValues(func() (*openapi3.T, error) {
	var raw any
	if err := json.Unmarshal(api.Document(), &raw); err != nil {
		return nil, err
	}
	closeObjects(raw)
	closed, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(closed)
})

func closeObjects(x any) {
	switch x := x.(type) {
	case map[string]any:
		_, open := x["additionalProperties"]
		if properties, ok := x["properties"].(map[string]any); ok && !open {
			x["additionalProperties"] = false
			closeObjects(properties)
		}
		for _, v := range x {
			closeObjects(v)
		}
	case []any:
		for _, v := range x {
			closeObjects(v)
		}
	}
}

// caller calls the API with one person's token, and holds every answer against the document.
type caller struct {
	t     testing.TB
	base  string
	token string
	loose bool     // calls with what the document does not allow, and is answered
	seen  []string // every body that came back
}

// caller makes a token for the actor; the zero Actor calls without one.
func (s *testServer) caller(a market.Actor) *caller {
	s.t.Helper()
	c := &caller{t: s.t, base: s.http.URL}
	if a.UserID == 0 {
		return c
	}
	token, err := s.Service.CreateToken(s.t.Context(), a, "测试", "")
	if err != nil {
		s.t.Fatal(err)
	}
	c.token = token
	return c
}

// reply is an answer of the API.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	data   any
}

// send calls /api/v1 and holds the answer, and what was sent when it was accepted, against the document. A body that is
// a string goes as it is.
func (c *caller) send(method, path string, body any, headers ...string) reply {
	c.t.Helper()
	raw, plain := body.(string)
	if !plain && body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		raw = string(encoded)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.base+"/api/v1"+path, strings.NewReader(raw))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		c.t.Fatal(err)
	}
	c.seen = append(c.seen, string(text))
	out := reply{t: c.t, status: resp.StatusCode, header: resp.Header, body: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out.data); err != nil {
			c.t.Errorf("%s %s: the answer is no JSON: %v", method, path, err)
		}
	}
	if err := fitsDocument(req, raw, resp, text, c.loose); err != nil {
		c.t.Errorf("%s %s answered %d and does not fit the document: %v\nsent %.300s\ngot %.600s", method, path, resp.StatusCode, err, raw, text)
	}
	return out
}

// want is send with the status that it must answer.
func (c *caller) want(status int, method, path string, body any, headers ...string) reply {
	c.t.Helper()
	out := c.send(method, path, body, headers...)
	if out.status != status {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, out.status, status, out.body)
	}
	return out
}

func (c *caller) get(path string) reply {
	c.t.Helper()
	return c.want(http.StatusOK, http.MethodGet, path, nil)
}

// act posts and wants it done.
func (c *caller) act(path string, body any) reply {
	c.t.Helper()
	return c.want(http.StatusOK, http.MethodPost, path, body)
}

// create posts and returns the new id.
func (c *caller) create(path string, body any, headers ...string) int {
	c.t.Helper()
	out := c.want(http.StatusCreated, http.MethodPost, path, body, headers...)
	id := out.number("id")
	if want := fmt.Sprintf("/api/v1%s/%d", path, id); out.header.Get("Location") != want {
		c.t.Errorf("POST %s: Location %q, want %q", path, out.header.Get("Location"), want)
	}
	return id
}

// refused wants a 422 with a message at the field.
func (c *caller) refused(method, path string, body any, field, message string) {
	c.t.Helper()
	out := c.want(http.StatusUnprocessableEntity, method, path, body)
	if got := out.message(field); got == "" || !strings.Contains(got, message) {
		c.t.Errorf("%s %s: at %s %q, want %q: %s", method, path, field, got, message, out.body)
	}
}

// fitsDocument holds an answer against the document and, unless loose, what was sent when it was accepted.
func fitsDocument(req *http.Request, sent string, resp *http.Response, text []byte, loose bool) error {
	doc, err := apiDocument()
	if err != nil {
		return err
	}
	route, params, err := findOperation(doc, req)
	if err != nil {
		return err
	}
	ctx, options := context.Background(), &openapi3filter.Options{IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true,
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}
	copied := req.Clone(ctx)
	copied.Body = io.NopCloser(strings.NewReader(sent))
	in := &openapi3filter.RequestValidationInput{Request: copied, PathParams: params, Route: route, Options: options}
	if resp.StatusCode < 300 && !loose {
		if err := openapi3filter.ValidateRequest(ctx, in); err != nil {
			return fmt.Errorf("request: %w", err)
		}
	}
	return openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode,
		Header: resp.Header, Body: io.NopCloser(bytes.NewReader(text)), Options: options})
}

var parameter = regexp.MustCompile(`\{[a-z]+\}`)

func findOperation(doc *openapi3.T, req *http.Request) (*routers.Route, map[string]string, error) {
	path := strings.TrimPrefix(req.URL.Path, "/api/v1")
	for _, known := range doc.Paths.InMatchingOrder() {
		match := regexp.MustCompile("^" + parameter.ReplaceAllString(known, "([^/]+)") + "$").FindStringSubmatch(path)
		if match == nil {
			continue
		}
		item := doc.Paths.Value(known)
		operation := item.GetOperation(req.Method)
		if operation == nil {
			return nil, nil, fmt.Errorf("the document has no %s %s", req.Method, known)
		}
		params := map[string]string{}
		for i, name := range parameter.FindAllString(known, -1) {
			params[strings.Trim(name, "{}")] = match[i+1]
		}
		return &routers.Route{Spec: doc, Path: known, PathItem: item, Method: req.Method, Operation: operation}, params, nil
	}
	return nil, nil, fmt.Errorf("the document has no path %s", path)
}

// at finds a value by its path: items.0.org.name.
func (r reply) at(path string) any {
	value := r.data
	for name := range strings.SplitSeq(path, ".") {
		switch x := value.(type) {
		case map[string]any:
			value = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(x) {
				return nil
			}
			value = x[i]
		default:
			return nil
		}
	}
	return value
}

func (r reply) text(path string) string {
	r.t.Helper()
	text, ok := r.at(path).(string)
	if !ok {
		r.t.Fatalf("%s is %v, not a text: %.500s", path, r.at(path), r.body)
	}
	return text
}

func (r reply) number(path string) int {
	r.t.Helper()
	n, ok := r.at(path).(float64)
	if !ok {
		r.t.Fatalf("%s is %v, not a number: %.500s", path, r.at(path), r.body)
	}
	return int(n)
}

func (r reply) sum(path string) decimal.Decimal {
	r.t.Helper()
	sum, err := decimal.NewFromString(r.text(path))
	if err != nil {
		r.t.Fatal(err)
	}
	return sum
}

func (r reply) len(path string) int {
	items, _ := r.at(path).([]any)
	return len(items)
}

// is compares values by their paths.
func (r reply) is(pairs ...any) {
	r.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := r.at(pairs[i].(string)); fmt.Sprint(got) != fmt.Sprint(pairs[i+1]) {
			r.t.Errorf("%v is %v, want %v", pairs[i], got, pairs[i+1])
		}
	}
}

// message is what the problem says of a field.
func (r reply) message(field string) string {
	for i := range r.len("errors") {
		if at := fmt.Sprintf("errors.%d.", i); r.at(at+"field") == field {
			return r.text(at + "message")
		}
	}
	return ""
}

// sees reports whether any answer held the text.
func (c *caller) sees(text string) bool {
	return slices.ContainsFunc(c.seen, func(body string) bool { return strings.Contains(body, text) })
}

// contents says of every table how many rows it has and which transactions wrote them, but for what is kept of every
// call: who tried what, and when a token was used.
func (s *testServer) contents() string {
	s.t.Helper()
	var sum string
	err := s.Store.DB().QueryRowContext(s.t.Context(), `SELECT string_agg(tablename || ' ' ||
			query_to_xml(format('SELECT count(*), sum(hashtext(xmin::text || ctid)) FROM %I', tablename), true, true, '')::text, E'\x01' ORDER BY tablename)
		FROM pg_tables WHERE schemaname = 'public' AND tablename NOT IN ('audit_entries', 'chain_pending', 'tokens', 'sessions')`).Scan(&sum)
	if err != nil {
		s.t.Fatal(err)
	}
	return sum
}

// changed names the tables that two fingerprints differ in.
func changed(before, after string) string {
	var tables []string
	old := strings.Split(before, "\x01")
	for line := range strings.SplitSeq(after, "\x01") {
		if !slices.Contains(old, line) {
			tables = append(tables, strings.Fields(line)[0])
		}
	}
	return strings.Join(tables, ", ")
}

// trade is a market with the people of the whole chain, each with a token.
type trade struct {
	*testServer
	guest, buyer, seller, other, pending, viewer              *caller
	reviewer, registrar, second, statistician, auditor, admin *caller
	buyerActor, sellerActor, otherActor                       market.Actor
}

func newTrade(t *testing.T) *trade {
	t.Helper()
	s := newTestServer(t)
	d := &trade{testServer: s, guest: s.caller(market.Actor{}), buyerActor: s.newOrg(market.Enterprise, market.OrgVerified),
		sellerActor: s.newOrg(market.University, market.OrgVerified), otherActor: s.newOrg(market.Enterprise, market.OrgVerified)}
	d.buyer, d.seller, d.other = s.caller(d.buyerActor), s.caller(d.sellerActor), s.caller(d.otherActor)
	d.pending = s.caller(s.newOrg(market.Enterprise, market.OrgPending))
	d.viewer = s.caller(s.newMember(d.buyerActor.OrgID, market.Viewer))
	for duty, c := range map[market.Duty]**caller{market.Reviewer: &d.reviewer, market.Registrar: &d.registrar, market.Statistician: &d.statistician,
		market.Auditor: &d.auditor, market.Admin: &d.admin} {
		*c = s.caller(s.newUser(duty))
	}
	d.second = s.caller(s.newUser(market.Registrar))
	return d
}

// roles are all callers by name.
func (d *trade) roles() map[string]*caller {
	return map[string]*caller{"guest": d.guest, "buyer": d.buyer, "seller": d.seller, "other": d.other, "pending": d.pending, "viewer": d.viewer,
		"reviewer": d.reviewer, "registrar": d.registrar, "second": d.second, "statistician": d.statistician, "auditor": d.auditor, "admin": d.admin}
}

// Markers of what only the owner and the parties of an inquiry may read.
const (
	gatedNeed, gatedResult   = "隐藏的需求细节", "隐藏的成果细节"
	phoneBuyer, phoneSeller  = "13907960001", "13907960002"
	contactBuyer, contactSel = "需方联系人", "供方联系人"
)

func needBody() jsonObject {
	return jsonObject{"title": "重钙浆料研磨返粗与升温控制", "submarket": "materials", "fields": []string{"calcium"}, "modes": []string{"entrust", "licence"},
		"secrecy_confirmed": true, "problem": "研磨到 2 μm 以下时浆料升温返粗，换过两种分散剂都没有解决。", "deadline": "2099-06-30",
		"indicators": []jsonObject{{"name": "粒径 D97", "now": "4.8", "target": "≤ 2.5", "unit": "μm", "method": "激光粒度仪"}, {"name": "固含量", "target": "≥ 75"}},
		"budget":     jsonObject{"kind": "range", "min": "1200000", "max": 1800000.5}, "gated": gatedNeed, "contact_name": contactBuyer, "contact_phone": phoneBuyer}
}

func resultBody() jsonObject {
	return jsonObject{"title": "纳米碳酸钙连续碳化技术", "submarket": "materials", "fields": []string{"calcium"}, "modes": []string{"licence"}, "secrecy_confirmed": true,
		"summary": "以微通道连续碳化制备纳米碳酸钙，一次粒径可调，省去二次打浆。", "problem": "间歇碳化批次差异大、能耗高", "advantage": "粒径分布更窄，吨电耗低三成",
		"economics": "吨成本降低 60 元", "stage": "pilot", "price_method": "listed", "price": jsonObject{"kind": "amount", "min": "460000"},
		"ips":   []jsonObject{{"type": "invention", "number": "ZL 2017 1 0601862.3", "title": "连续碳化工艺", "status": "granted"}},
		"gated": gatedResult, "contact_name": contactSel, "contact_phone": phoneSeller}
}

// contractBuyer is what a contract says of a buyer whom a deal names.
func contractBuyer() jsonObject {
	return jsonObject{"type": "150", "scale": "medium", "industry": "26", "traits": []string{"hightech"}, "legal_rep": "宋文彬", "address": "高新大道 9 号", "contact": "曾庆年", "phone": "0791-8816035", "postcode": "330096"}
}

// contractBody is a contract outside any deal.
func contractBody() jsonObject {
	today := market.DateOf(time.Now())
	return jsonObject{"title": "重钙超细研磨助剂体系技术开发", "kind": "D1", "submarket": "materials", "tech_field": "materials", "ip_type": "none", "plan_source": "none",
		"economic_goal": "industry", "seller": jsonObject{"type": "022", "region": "360825", "industry": "83", "legal_rep": "梁述平", "address": "科技路 1 号", "contact": "孔令仪", "phone": "0796-8224217"},
		"buyer": contractBuyer().but("name", "江西市场外有限公司").but("uscc", "91350100M000100Y43").but("region", "360100"), "total_amount": "1260000.50",
		"deductions": []jsonObject{{"kind": "equipment", "name": "在线激光粒度仪 1 套", "amount": 86000}}, "payment_mode": "lump",
		"signed_on": today.Format(time.DateOnly), "starts_on": today.Format(time.DateOnly), "ends_on": today.AddDate(1, 0, 0).Format(time.DateOnly)}
}

func path(noun string, id int, act ...string) string {
	return "/" + strings.Join(append([]string{noun, strconv.Itoa(id)}, act...), "/")
}

// newListing makes a listing by the API and brings it to a state: draft, in_review or published.
func (d *trade) newListing(owner *caller, nouns string, state market.ListingState) int {
	d.t.Helper()
	body := needBody()
	if nouns == "results" {
		body = resultBody()
	}
	id := owner.create("/"+nouns, body)
	if state != market.Draft {
		owner.act(path(nouns, id, "submit"), nil)
	}
	if state == market.Published {
		d.reviewer.act(path(nouns, id, "publish"), nil)
	}
	return id
}

// newTalks opens an inquiry of the seller about a need of the buyer and, with terms, brings it to where all of them are
// on the table and wait for the buyer.
func (d *trade) newTalks(price string) int {
	d.t.Helper()
	need, result := d.newListing(d.buyer, "needs", market.Published), d.newListing(d.seller, "results", market.Published)
	id := d.seller.create("/inquiries", jsonObject{"listing_id": need, "other_listing_id": result, "body": "我们有连续碳化的中试线，想了解现在的产能。"})
	if price == "" {
		return id
	}
	answered := d.buyer.act(path("inquiries", id, "answer"), jsonObject{"answer": "interested", "body": "请报价"})
	d.seller.act(path("inquiries", id, "propose"), jsonObject{"version": answered.number("version"), "terms": []jsonObject{{"term": "kind", "value": "D1"},
		{"term": "indicators", "value": "D97 ≤ 2.5 μm"}, {"term": "period", "value": "10 个月"}, {"term": "price", "amount": price},
		{"term": "payment", "value": "验收后一次付清"}, {"term": "acceptance", "value": "72 h 取样"}}})
	return id
}

// agreeTerms lets the buyer agree to all that is on the table and returns the version then.
func (d *trade) agreeTerms(id int) int {
	d.t.Helper()
	talks := d.buyer.get(path("inquiries", id))
	var terms []any
	for i := range talks.len("terms") {
		terms = append(terms, talks.at(fmt.Sprintf("terms.%d.id", i)))
	}
	return d.buyer.act(path("inquiries", id, "agree-terms"), jsonObject{"term_ids": terms}).number("version")
}

// newDeal makes a deal at that price and returns its id.
func (d *trade) newDeal(price string) int {
	d.t.Helper()
	id := d.newTalks(price)
	return d.seller.act(path("inquiries", id, "agree"), jsonObject{"version": d.agreeTerms(id)}).number("deal_id")
}

// newContract makes a contract outside any deal and carries out acts of the seller and the registrars on it.
func (d *trade) newContract(body jsonObject, acts ...string) int {
	d.t.Helper()
	id := d.seller.create("/contracts", body)
	for _, act := range acts {
		switch act {
		case "submit":
			d.seller.act(path("contracts", id, act), nil)
		case "confirm":
			d.second.act(path("contracts", id, act), nil)
		case "register":
			d.registrar.act(path("contracts", id, act), jsonObject{"registration_number": d.registrationNumber()})
		default:
			d.registrar.act(path("contracts", id, act), nil)
		}
	}
	return id
}

func (d *trade) registrationNumber() string {
	return fmt.Sprintf("%d3608%08d", time.Now().In(market.Shanghai).Year(), testSerial.Add(1))
}

// newMatch stores a suggestion as the matching job does.
func (d *trade) newMatch(need, result int) int {
	d.t.Helper()
	m := store.Match{NeedID: int64(need), ResultID: int64(result), Score: 0.8731, Strength: "strong", Terms: []string{"碳酸钙"},
		Reasons: []store.MatchReason{{OK: true, Code: "terms", Text: "都写到碳酸钙"}}}
	var id int
	err := d.Store.InTx(d.t.Context(), func(tx *store.Tx) error {
		return tx.SetMatches(d.t.Context(), market.KindNeed, m.NeedID, []store.Match{m}, time.Now())
	})
	if err == nil {
		err = d.Store.DB().QueryRow(`SELECT id FROM matches WHERE need_id = $1 AND result_id = $2`, need, result).Scan(&id)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return id
}

// index brings the search index up to date.
func (d *trade) index() {
	d.t.Helper()
	if err := worker.NewFollower(d.Store, d.Search, d.Log).CatchUp(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

func newKey() string { return rand.Text() }

func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return "?" + v.Encode()
}

package server

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"techmarket/internal/market"
)

// TestDisclosureAPI: what the pages of a disclosure do is done by calls, under the same rules and with the same records.
func TestDisclosureAPI(t *testing.T) {
	t.Parallel()
	w := newGateWorld(t)
	owner, reader, stranger := w.caller(w.owner), w.caller(w.reader), w.caller(w.stranger)
	purpose := jsonObject{"listing_id": w.result, "purpose": "评估碳化工艺能否用在我们的产线"}

	asked := reader.create("/disclosures", purpose)
	at := path("disclosures", asked)
	reader.get(at).is("state", "requested", "owner", nil, "org.name", w.reader.OrgName, "pledge.version", "2026-1", "pledge.accepted", false)
	owner.get("/disclosures").is("items.0.id", asked, "items.0.purpose", purpose["purpose"])
	reader.get("/disclosures?box=sent").is("items.0.id", asked, "total", 2)
	reader.want(http.StatusConflict, "POST", "/disclosures", purpose)
	stranger.want(http.StatusNotFound, "GET", at, nil)
	stranger.want(http.StatusNotFound, "POST", at+"/grant", nil)
	reader.want(http.StatusNotFound, "POST", at+"/grant", nil)
	reader.want(http.StatusNotFound, "GET", at+"/content", nil)

	owner.act(at+"/grant", nil).is("state", "granted")
	reader.want(http.StatusForbidden, "GET", at+"/content", nil) // not pledged
	reader.want(http.StatusUnprocessableEntity, "POST", at+"/pledge", jsonObject{"version": "2026-1", "pledge": false})
	reader.act(at+"/pledge", jsonObject{"version": "2026-1", "pledge": true}).is("pledge.accepted", true)
	content := reader.get(at + "/content")
	if !strings.Contains(content.body, markText) || !strings.Contains(content.body, markLabel) || !strings.Contains(content.body, w.reader.OrgName) {
		t.Errorf("the content is %s", content.body)
	}
	files, err := w.Store.GatedFiles(t.Context(), w.reader, int64(asked))
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	file := fmt.Sprintf("/api/v1%s/files/%s", at, files[0].ID)
	if status, kind := reader.download(file); status != http.StatusOK || kind != files[0].MediaType {
		t.Errorf("the file: status %d, %s", status, kind)
	}
	if status, _ := stranger.download(file); status != http.StatusNotFound {
		t.Errorf("a stranger's file: status %d", status)
	}
	owner.get(at).is("reads", 2)
	owner.want(http.StatusNotFound, "GET", at+"/content", nil)
	owner.want(http.StatusUnprocessableEntity, "POST", at+"/revoke", jsonObject{"reason": ""})
	owner.act(at+"/revoke", jsonObject{"reason": "合作暂停"}).is("state", "revoked", "reason", "合作暂停")
	reader.want(http.StatusNotFound, "GET", at+"/content", nil)
	if status, _ := reader.download(file); status != http.StatusNotFound {
		t.Errorf("after it was taken back: status %d", status)
	}

	again := path("disclosures", reader.create("/disclosures", purpose))
	owner.act(again+"/refuse", jsonObject{"reason": "已经选定合作方"}).is("state", "refused")
	for action, want := range map[market.Action]int{market.DisclosureRequest: 2, market.DisclosureGrant: 1, market.DisclosureRefuse: 1, market.DisclosureRevoke: 1, market.DisclosurePledge: 1, market.DisclosureReadAct: 2} {
		var n int
		if err := w.Store.DB().QueryRowContext(t.Context(), `SELECT count(*) FROM audit_entries WHERE action = $1 AND via = 'api' AND outcome = 'done'`, action).Scan(&n); err != nil || n != want {
			t.Errorf("%d entries of %s, want %d: %v", n, action, want, err)
		}
	}
}

// download gets a file by the API.
func (c *caller) download(path string) (status int, mediaType string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, resp.Header.Get("Content-Type")
}

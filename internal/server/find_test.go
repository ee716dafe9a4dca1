package server

import (
	"net/http"
	"strings"
	"testing"

	"techmarket/internal/market"
)

func TestFindShowsOnlyWhatIsOnesOwn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	mine, other := s.newOrg(market.Enterprise, market.OrgVerified), s.newOrg(market.Enterprise, market.OrgVerified)
	for _, owner := range []market.Actor{mine, other} {
		n := market.Need{Listing: market.Listing{Title: "搅拌磨浆料返粗" + owner.OrgName}, Budget: market.Price{Kind: market.PriceOpen}}
		if _, err := s.Service.CreateNeed(t.Context(), owner, n, ""); err != nil {
			t.Fatal(err)
		}
	}
	got := s.as(mine).get("/work/find?q=" + "%E8%BF%94%E7%B2%97") // 返粗
	if got.status != http.StatusOK || !strings.Contains(got.body, "搅拌磨浆料返粗"+mine.OrgName) || strings.Contains(got.body, other.OrgName) {
		t.Errorf("status %d, or the wrong drafts", got.status)
	}
	for query, words := range map[string]string{"%25": "没有找到", "_": "没有找到", "%00%ff": ""} {
		if got := s.as(mine).get("/work/find?q=" + query); got.status >= 500 || !strings.Contains(got.body, words) {
			t.Errorf("%s: status %d", query, got.status)
		}
	}
}

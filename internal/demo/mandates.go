package demo

import (
	"context"
	"strconv"
	"time"

	"techmarket/internal/market"
)

// The client and the agency of the drawings, and the agency's broker.
const (
	client      = "永丰白石岭钙业有限公司"
	agency      = "吉安科桥技术转移有限公司"
	brokerEmail = "broker@example.com"
	brokerName  = "黄启明"
)

// mandate is a demonstration mandate of the agency, in days from today.
type mandate struct {
	scopes       string
	starts, ends int
	state        market.MandateState
	move         string // that ended it, "" while it is active
	reason       string
}

// mandates are those of the client of the drawings, which comes first, and of other enterprises of the city.
var mandates = []mandate{
	{"{negotiate,contract}", -200, 185, market.MandateActive, "", ""},
	{"{post,negotiate}", -90, 275, market.MandateActive, "", ""},
	{"{post}", 10, 375, market.MandateActive, "", ""},
	{"{post,negotiate,contract}", -500, -135, market.MandateEnded, "expire", ""},
	{"{post,negotiate}", -160, 200, market.MandateRevoked, "revoke", "已有自己的技术转移人员"},
}

// loadMandates makes the agency's broker, its mandates, and lets the owner of the client belong to a second organisation.
func (l *loader) loadMandates(ctx context.Context) error {
	home, owner := l.orgs[l.byOrg[agency]], l.orgs[l.byOrg[client]]
	ids, err := l.tx.TakeIDs(ctx, "users", 1)
	if err != nil {
		return err
	}
	broker, joined := ids[0], l.today.AddDate(0, 0, -210)
	if err := l.tx.Copy(ctx, "users", append(userColumns, "acting_org", "acting_agency"),
		[][]any{append(l.userRow(broker, brokerEmail, brokerName, "13879600021", "", joined), owner.id, home.id)}); err != nil {
		return err
	}
	if err := l.loadConsents(ctx, [][]any{{broker}}); err != nil {
		return err
	}
	if err := l.tx.AddConsent(ctx, broker, market.Consent{Kind: market.ConsentContact, Given: true, At: l.now}); err != nil {
		return err
	}
	if err := l.tx.SetChoices(ctx, broker, market.Choices{Recommend: true, Alerts: true, Contact: true}); err != nil {
		return err
	}
	second := l.orgs[l.byOrg[waiting[1].Name]]
	if err := l.tx.Copy(ctx, "members", []string{"org_id", "user_id", "role", "created_at"}, [][]any{
		{home.id, broker, market.Editor, joined}, {second.id, owner.user, market.Editor, l.today}}); err != nil {
		return err
	}
	clients := l.clients()
	if ids, err = l.tx.TakeIDs(ctx, "mandates", len(clients)); err != nil {
		return err
	}
	var rows, moves [][]any
	for i, c := range clients {
		row, history := l.mandateRows(ids[i], mandates[i], l.orgs[c], home)
		rows, moves = append(rows, row), append(moves, history...)
		if mandates[i].state == market.MandateActive && mandates[i].starts < 0 {
			l.orgs[c].broker, l.orgs[c].agency = broker, home.id
		}
	}
	for _, join := range []struct {
		org, user, by int64
		role          market.Role
	}{{home.id, broker, home.user, market.Editor}, {second.id, owner.user, second.user, market.Editor}} {
		moves = append(moves, []any{"members", join.org, "join", "", join.role, join.by, join.org, l.workHour(210), strconv.FormatInt(join.user, 10), ""})
	}
	err = l.tx.Copy(ctx, "mandates", []string{"id", "client_org", "agency_org", "scopes", "starts_on", "ends_on", "state", "granted_by", "granted_at", "ended_by",
		"ended_at", "reason"}, rows)
	if err != nil {
		return err
	}
	return l.tx.Copy(ctx, "moves", []string{"object_kind", "object_id", "move", "from_state", "to_state", "user_id", "org_id", "at", "code", "note"}, moves)
}

// clients are the places in orgs of those that grant the mandates: the client of the drawings, then other enterprises.
func (l *loader) clients() []int {
	out := []int{l.byOrg[client]}
	for i, o := range l.orgs {
		if len(out) < len(mandates) && o.state == market.OrgVerified && o.inCity && o.text.Type == string(market.Enterprise) && o.text.Name != client {
			out = append(out, i)
		}
	}
	return out
}

// mandateRows writes a mandate with its history.
func (l *loader) mandateRows(id int64, m mandate, of, home org) (row []any, moves [][]any) {
	granted := l.workHour(max(-m.starts, 0))
	row = []any{id, of.id, home.id, m.scopes, l.today.AddDate(0, 0, m.starts).Format(time.DateOnly), l.today.AddDate(0, 0, m.ends).Format(time.DateOnly), m.state,
		of.user, granted, nil, nil, m.reason}
	moves = [][]any{{"mandate", id, "grant", "", market.MandateActive, of.user, of.id, granted, "", ""}}
	switch m.move {
	case "expire":
		ended := l.workHour(-m.ends - 1)
		row[10] = ended
		moves = append(moves, []any{"mandate", id, "expire", market.MandateActive, m.state, nil, nil, ended, "", ""})
	case "revoke":
		ended := l.workHour(40)
		row[9], row[10] = of.user, ended
		moves = append(moves, []any{"mandate", id, "revoke", market.MandateActive, m.state, of.user, of.id, ended, "", m.reason})
	}
	return row, moves
}

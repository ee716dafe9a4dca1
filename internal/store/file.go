package store

import (
	"context"
	"crypto/sha256"
	"regexp"
	"time"

	"techmarket/internal/market"
)

// AddFile keeps an uploaded file. f.ID is random and f.MediaType was found by its content.
func (t *Tx) AddFile(ctx context.Context, a market.Actor, f market.File, content []byte, at time.Time) error {
	sum := sha256.Sum256(content)
	return t.exec(ctx, `INSERT INTO files (id, purpose, name, media_type, size, sha256, content, uploaded_by, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		f.ID, f.Purpose, f.Name, f.MediaType, len(content), sum[:], content, a.UserID, at)
}

// fileVisible is the access rule of a file f: $1 is the actor's own organisation, $2 its reach as a reviewer or auditor,
// $3 whether it audits, $4 the actor, $5 and $6 the organisation whose challenges and whose proposals it sees to, $8 the one
// whose contracts it draws up and $9 its reach at the desk. A file that belongs to nothing yet is its uploader's; the rule
// of those that belong to a listing is attachmentVisible.
var fileVisible = `((f.uploaded_by = $4 AND NOT EXISTS (SELECT 1 FROM listing_files x WHERE x.file_id = f.id) AND NOT EXISTS (SELECT 1 FROM contract_files x WHERE x.file_id = f.id)
		AND NOT EXISTS (SELECT 1 FROM contract_payments x WHERE x.file_id = f.id) AND NOT EXISTS (SELECT 1 FROM contract_objections x WHERE x.file_id = f.id)) OR EXISTS (SELECT 1 FROM orgs o WHERE o.licence_file = f.id AND (o.id = $1 OR ` + orgReached + `))
	OR EXISTS (SELECT 1 FROM org_changes c JOIN orgs o ON o.id = c.org_id WHERE f.id IN (c.licence_file, c.old_licence) AND (o.id = $1 OR ` + orgReached + `))
	OR EXISTS (SELECT 1 FROM mandates d WHERE d.document_file = f.id AND ($1 IN (d.client_org, d.agency_org) OR $3))
	OR EXISTS (SELECT 1 FROM proposal_files x JOIN proposals p ON p.id = x.proposal_id JOIN challenges c ON c.id = p.challenge_id
		WHERE x.file_id = f.id AND (p.org_id = $6 OR ` + proposalOpen(`$5`, `$4`) + `))
	OR EXISTS (SELECT 1 FROM contract_files x JOIN contracts c ON c.id = x.contract_id WHERE x.file_id = f.id AND (x.removed_at IS NULL OR $3) AND ` + contractVisible(`$8`, `$9`, `$3`) + `)
	OR EXISTS (SELECT 1 FROM contract_payments x JOIN contracts c ON c.id = x.contract_id WHERE x.file_id = f.id AND ` + contractVisible(`$8`, `$9`, `$3`) + `)
	OR EXISTS (SELECT 1 FROM contract_objections x JOIN contracts c ON c.id = x.contract_id WHERE x.file_id = f.id AND (` + inReach(`$9`, `c.seller_region`) + ` OR $3)))`

// fileArgs are the parameters of fileVisible, with the file's id as $7.
func fileArgs(a market.Actor, id string) []any {
	return []any{a.OwnOrg(), reviewReach(a), a.Has(market.Auditor), a.UserID, a.OrgFor(market.ScopePost), a.OrgFor(market.ScopeNegotiate), id,
		a.OrgFor(market.ScopeContract), deskReach(a)}
}

const fileColumns = `f.id, f.purpose, f.name, f.media_type, f.size, f.sha256, f.uploaded_by, f.created_at`

// fileIDs is what the ids of files look like; anything else names none.
var fileIDs = regexp.MustCompile(`^[a-z0-9]{26}$`)

// File returns what is known of a file that the actor may read.
func (r Queries) File(ctx context.Context, a market.Actor, id string) (market.File, error) {
	var f market.File
	if !fileIDs.MatchString(id) {
		return f, market.ErrNotFound
	}
	err := r.oftenOne(ctx, &f, `SELECT `+fileColumns+` FROM files f WHERE f.id = $7 AND `+fileVisible, fileArgs(a, id)...)
	return f, err
}

// FileContent returns a file that the actor may read.
func (r Queries) FileContent(ctx context.Context, a market.Actor, id string) ([]byte, error) {
	var content []byte
	err := r.oftenOne(ctx, &content, `SELECT f.content FROM files f WHERE f.id = $7 AND `+fileVisible, fileArgs(a, id)...)
	return content, err
}

// RemoveStrayFiles removes files uploaded before that moment that belong to nothing: a form was never sent.
func (t *Tx) RemoveStrayFiles(ctx context.Context, before time.Time) error {
	return t.exec(ctx, `DELETE FROM files f WHERE f.created_at < $1 AND NOT EXISTS (SELECT 1 FROM orgs o WHERE o.licence_file = f.id)
		AND NOT EXISTS (SELECT 1 FROM mandates d WHERE d.document_file = f.id) AND NOT EXISTS (SELECT 1 FROM proposal_files x WHERE x.file_id = f.id) AND NOT EXISTS (SELECT 1 FROM listing_files x WHERE x.file_id = f.id)
		AND NOT EXISTS (SELECT 1 FROM contract_files x WHERE x.file_id = f.id) AND NOT EXISTS (SELECT 1 FROM contract_payments x WHERE x.file_id = f.id)
		AND NOT EXISTS (SELECT 1 FROM contract_objections x WHERE x.file_id = f.id)
		AND NOT EXISTS (SELECT 1 FROM org_changes c WHERE f.id IN (c.licence_file, c.old_licence))`, before)
}
